"""A study whose model is an encoder-decoder has a sample a row, and its answers are learnt."""

from pathlib import Path

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.studies.load_study import read_study
from astraios_ray.studies.seq2seq_data import with_pairs
from astraios_ray.studies.show_tokens import token_page
from tests.config.studies import study_file
from tests.fakes.studies import study
from tests.fakes.tiny_t5 import write_t5


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_t5(tmp_path_factory.mktemp("t5")))


def test_a_study_file_that_names_such_a_model_needs_no_other_key(t5: str, tmp_path: Path) -> None:
    made, _ = read_study(study_file(tmp_path), [f"model.id={t5}"])
    assert (made.data.packing, made.data.loss_on) == ("rows", "completion")
    again = StudyConfig.model_validate(made.resolved())
    assert with_pairs(again) == again == made


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("packing", "blocks", "blocks join several; write rows"), ("loss_on", "all", "write completion")],
)
def test_a_file_that_says_something_else_is_refused_at_its_line(
    key: str, value: str, words: str, t5: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=rf"--set data\.{key}={value}: data\.{key}: .*{words}"):
        read_study(study_file(tmp_path), [f"model.id={t5}", f"data.{key}={value}"])


def test_steps_of_epochs_are_counted_in_rows_of_pairs(t5: str, tmp_path: Path) -> None:
    flags = ["data.limit=40", "data.validation_fraction=0.25", "training.batch_size=10"]
    more = ["training.max_steps=null", "training.epochs=2", "training.validate_every=1"]
    steps = ["training.warmup_steps=1", "early_stop.grace=2", "data.sequence_length=400"]
    text = study_file(tmp_path).read_text().replace("max_steps: 100, ", "")
    made, _ = read_study(study_file(tmp_path, text), [f"model.id={t5}", *flags, *more[1:], *steps])
    assert made.training.max_steps == 6


def test_a_study_of_a_decoder_stays_as_it_is() -> None:
    assert with_pairs(study()) is not None
    assert with_pairs(study()) == study()


def test_tokens_are_shown_as_the_encoder_reads_them_and_as_the_decoder_writes_them(
    t5: str, tmp_path: Path
) -> None:
    made, _ = read_study(study_file(tmp_path), [f"model.id={t5}", "evaluate.tasks=[primer]"])
    page = token_page(made)
    for text in (*page.trained, *page.asked):
        assert text.tokens[text.answer - 1] == "</s>"
        assert "".join(text.tokens[: text.answer]).endswith("\n\nAnswer:</s>")
    (trained, _), (asked,) = page.trained, page.asked
    assert trained.learnt == tuple(place >= trained.answer for place in range(len(trained.ids)))
    assert "".join(asked.tokens[asked.answer :]).startswith("\ndef ")
