"""Masks of passwords, tokens and keys in addresses."""

import logging

import pytest
import yaml

from astraios_ray.cli.main import MaskingFormatter
from astraios_ray.secret_masks import mask_secrets, mask_values
from astraios_ray.studies.masked_study import masked_study

MASKED = {
    "postgresql+psycopg2://me:s3cret@host/db": "postgresql+psycopg2://me:***@host/db",
    "http://u:p@ss/w:rd@host:5000/x": "http://u:***@host:5000/x",
    "postgresql://u:with blanks@host/db": "postgresql://u:***@host/db",
    "https://ghp_TOKEN@host/p": "https://***@host/p",
    "https://TOKEN:@host": "https://***@host",
    "https://TOKEN:x-oauth-basic@host": "https://***@host",
    "HTTPS://:S@h?TOKEN=S": "HTTPS://:***@h?TOKEN=***",
    "http://h:5000/?token=S&x=1": "http://h:5000/?token=***&x=1",
    "http://h/?access_token=S#api_key=S;sig=S": "http://h/?access_token=***#api_key=***;sig=***",
    "http://h/?accessToken=S&ApiKey=S": "http://h/?accessToken=***&ApiKey=***",
    "https://b.s3.example/k?X-Amz-Date=1&X-Amz-Credential=S&X-Amz-Signature=S": (
        "https://b.s3.example/k?X-Amz-Date=1&X-Amz-Credential=***&X-Amz-Signature=***"
    ),
    "postgresql://h/d?sslpassword=S&sslkey=f": "postgresql://h/d?sslpassword=***&sslkey=f",
    "https://h/?GoogleAccessId=S&AWSAccessKeyId=S": "https://h/?GoogleAccessId=***&AWSAccessKeyId=***",
    "mssql+pyodbc:///?odbc_connect=PWD%3DS": "mssql+pyodbc:///?odbc_connect=***",
    "sqlite:///file:/x?uri=true&token=S": "sqlite:///file:/x?uri=true&token=***",
    "expected http, got 'x://u:S@h?key=S' (https://ok.example).": (
        "expected http, got 'x://u:***@h?key=***' (https://ok.example)."
    ),
}
NO_SECRETS = (
    *("http://127.0.0.1:5000/#/runs/1", "sqlite:////tmp/mlflow.db", "https://example.com/@user", "a@b"),
    *("http://h/?max_new_tokens=5&mask=3&monkey=1", "recode?data=rows.jsonl&token=x", "token=x"),
)


@pytest.mark.parametrize("text", MASKED)
def test_what_is_secret_in_an_address_is_masked(text: str) -> None:
    masked = mask_secrets(text)
    assert masked == MASKED[text]
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_holds_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


def test_plain_values_are_masked_at_every_depth() -> None:
    assert mask_values({"a": [{"b": "x://u:S@h"}, 3, None, True]}) == {
        "a": [{"b": "x://u:***@h"}, 3, None, True]
    }


def test_the_text_of_a_study_is_masked_with_its_comments_and_its_shape() -> None:
    text = "# x://u:S1@h\ntracking:\n  uri: x://u:S2 S3@h?token=S4  # here\nname: a\n"
    masked = masked_study(text)
    assert masked == "# x://u:***@h\ntracking:\n  uri: x://u:***@h?token=***  # here\nname: a\n"
    assert yaml.safe_load(masked)["tracking"] == {"uri": "x://u:***@h?token=***"}


def test_a_log_holds_no_secret_of_an_error() -> None:
    error = ValueError("no answer from x://u:S@h")
    record = logging.LogRecord("astraios_ray", logging.WARNING, "", 1, "%s", ("x://u:S@h",), None)
    record.exc_info = (ValueError, error, None)
    assert "S@" not in MaskingFormatter("%(message)s").format(record)
