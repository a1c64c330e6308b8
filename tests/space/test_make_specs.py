"""Sampled values become a trial's record."""

from pathlib import Path

from astraios_ray.config.read_study import load_study
from astraios_ray.methods.method import traits_of
from astraios_ray.records import Mask, TrialSpec, Value, decode, encode
from astraios_ray.space.make_specs import make_spec, model_of
from tests.config.studies import study_file


def test_values_are_split_into_hyperparameters_and_recipe(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path))
    values: dict[str, Value] = {"r": 4, "learning_rate": 0.1, "schedule": "linear"}
    spec = make_spec(study, 7, "lora", values, 3, traits_of)
    assert (spec.id, spec.study, spec.method, spec.seed) == ("t0007", "small", "lora", 3)
    assert spec.hyperparameters == {"r": 4}
    assert (spec.recipe.learning_rate, spec.recipe.schedule, spec.recipe.max_steps) == (0.1, "linear", 100)
    assert spec.data == study.data.ref()


def test_what_the_values_do_not_say_comes_from_the_study(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path))
    assert make_spec(study, 0, "lora", {}, 0, traits_of).recipe == study.training.recipe()


def test_full_fine_tuning_gets_an_unquantised_base(tmp_path: Path) -> None:
    study = load_study(study_file(tmp_path), ["model.quantization=int8"])
    assert model_of(study, traits_of("lora", {})).quantization == "int8"
    assert make_spec(study, 0, "full", {}, 0, traits_of).model.quantization == "none"


def test_what_training_leaves_out_is_in_the_spec_and_comes_through_the_journal(tmp_path: Path) -> None:
    study = load_study(
        study_file(tmp_path), ["ood.region=token", "ood.element=while", "ood.training_sets=[few]"]
    )
    spec = make_spec(study, 0, "lora", {}, 0, traits_of)
    assert spec.data.mask == Mask("token", element="while", training_set="few")
    assert decode(TrialSpec, encode(spec)) == spec


def test_a_spec_carries_what_its_method_says_with_these_hyperparameters() -> None:
    study = load_study("quickstart")
    plain = make_spec(study, 0, "peft:LORA", {"learning_rate": 1e-3}, 0, traits_of)
    biased = make_spec(study, 1, "peft:LORA", {"bias": "all", "learning_rate": 1e-3}, 0, traits_of)
    assert plain.traits.shares_base and not biased.traits.shares_base
    assert decode(TrialSpec, encode(biased)) == biased
