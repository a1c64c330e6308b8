"""An encoder-decoder is refused where it does not begin each answer with its start token."""

from pathlib import Path

import pytest
from transformers import M2M100Config

from astraios_ray.errors import ConfigError
from astraios_ray.models.answer_start import refuse_other_starts
from astraios_ray.models.load_base import empty_from, empty_model, load_base
from astraios_ray.records import ModelRef
from tests.fakes.architectures import ENCODER_DECODERS, outline
from tests.fakes.small_models import REFUSED, write_small_model

RIGHT = "begins each answer with decoder_start_token_id, as T5, CodeT5 and BART do"
TAKEN = [name for name in ENCODER_DECODERS if name not in REFUSED]


@pytest.mark.parametrize("architecture", [*TAKEN, "GPT2"])
def test_decoders_and_models_with_a_start_token_are_taken(architecture: str) -> None:
    refuse_other_starts(outline(architecture))


def test_a_model_that_reads_the_last_token_first_is_refused_by_a_plan_and_a_lane(tmp_path: Path) -> None:
    write_small_model("PLBart", tmp_path)
    for read in (empty_model, load_base):
        with pytest.raises(ConfigError, match=rf"PLBart\w+ moves the last token of an answer.*{RIGHT}"):
            read(ModelRef(str(tmp_path)))


def test_a_model_that_does_not_say_what_its_decoder_reads_is_refused() -> None:
    config = M2M100Config(vocab_size=9, d_model=16, encoder_layers=1, decoder_layers=1)
    with pytest.raises(ConfigError, match=rf"no prepare_decoder\w+ in M2M100\w+, .*{RIGHT}"):
        empty_from(config)
