"""The template of a study is checked with its model's tokenizer, and an unused chat template is told."""

from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.templates import ASTRAIOS
from astraios_ray.errors import ConfigError
from astraios_ray.studies.study_template import template_of, tokenizer_of, unused_chat_template
from tests.fakes.byte_tokenizers import CHAT, byte_tokenizer
from tests.fakes.chat_templates import CHATML
from tests.fakes.studies import study


def warning(config: StudyConfig) -> str:
    return unused_chat_template(config, tokenizer_of(config))


def of_model(folder: Path, chat: str | None, **data: Any) -> StudyConfig:
    tokenizer = byte_tokenizer("bos", more=CHAT)
    tokenizer.chat_template = chat
    tokenizer.save_pretrained(folder)
    return study(model={"id": str(folder)}, data={"train": "builtin:primer", **data})


def test_a_chat_template_that_is_not_used_is_told(tmp_path: Path) -> None:
    assert f"The tokenizer of {tmp_path} has a chat template, and data.template is astraios" in (
        warning(of_model(tmp_path, CHATML))
    )
    assert "data.template is none" in warning(of_model(tmp_path, CHATML, template="none"))


@pytest.mark.parametrize("template", ["chat", CHATML])
def test_a_chat_template_that_is_used_is_not_told(template: str, tmp_path: Path) -> None:
    assert not warning(of_model(tmp_path, CHATML, template=template))


def test_where_there_is_no_chat_template_nothing_is_told(tmp_path: Path) -> None:
    assert not warning(of_model(tmp_path, None))
    assert not warning(study())


def test_the_default_template_needs_no_tokenizer_and_others_are_checked_with_it(tmp_path: Path) -> None:
    assert template_of(study(), tokenizer_of(study())) is ASTRAIOS
    chat = of_model(tmp_path, CHATML, template="chat")
    assert template_of(chat, tokenizer_of(chat)).stops
    fim = of_model(tmp_path, None, template="fim")
    with pytest.raises(ConfigError, match=r"data\.template: fim needs three tokens"):
        template_of(fim, tokenizer_of(fim))
