"""Settings from environment variables, beside those of a study."""

import pytest

from astraios_ray.studies.environment import TRACKING_VARIABLE, tracking_uri

WHOLE, MASKED = "http://me:secret@host/?token=1", "http://me:***@host/?token=***"


@pytest.mark.parametrize(
    ("of_study", "of_environment", "expected"),
    [
        (None, None, None),
        (None, WHOLE, WHOLE),
        ("http://other", WHOLE, "http://other"),
        (MASKED, WHOLE, WHOLE),
        (MASKED, "http://me:secret@other", MASKED),
        (MASKED, None, MASKED),
    ],
)
def test_the_environment_completes_an_address_that_a_run_folder_masks(
    of_study: str | None, of_environment: str | None, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TRACKING_VARIABLE, raising=False)
    if of_environment:
        monkeypatch.setenv(TRACKING_VARIABLE, of_environment)
    assert tracking_uri(of_study) == expected
