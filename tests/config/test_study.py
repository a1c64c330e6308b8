"""The keys of a study file and the records that they become."""

from dataclasses import fields

from astraios_ray.config.checks import BUILTIN_MODELS
from astraios_ray.config.study import DataConfig, ModelConfig, OodConfig, TargetModulesConfig, TrainingConfig
from astraios_ray.models.nano import SHAPES
from astraios_ray.records import DataRef, Mask, ModelRef, Recipe, TargetModules


def test_every_field_of_the_records_can_be_written_and_has_the_same_default() -> None:
    assert TrainingConfig().recipe() == Recipe()
    assert ModelConfig(id="x", dtype="fp32").ref() == ModelRef("x")
    assert DataConfig(train="x", isolate_documents=False).ref() == DataRef("x")
    assert OodConfig(region="length").mask() == Mask("length")
    pairs = (
        (TrainingConfig, Recipe),
        (ModelConfig, ModelRef),
        (DataConfig, DataRef),
        (TargetModulesConfig, TargetModules),
        (OodConfig, Mask),
    )
    elsewhere = {"mask", "training_set"}  # of the data: the section ood; of the region: one of its sets
    unrecorded = {"training_sets", "epochs"}  # training sets become regions, epochs become max_steps
    for section, record in pairs:
        assert set(section.model_fields) - unrecorded == {field.name for field in fields(record)} - elsewhere


def test_blocks_are_isolated_by_default_and_rows_are_what_they_were() -> None:
    assert DataConfig(train="x").ref() == DataRef("x", isolate_documents=True)
    assert DataConfig(train="x", packing="rows").ref() == DataRef("x", packing="rows")


def test_target_modules_become_a_record() -> None:
    words = {name: (name,) for name in ("attention_in", "attention_out", "mlp_in", "mlp_out", "key_value")}
    target_modules = TargetModulesConfig(architecture="Mine", **words)
    assert ModelConfig(id="x", target_modules=target_modules).ref().target_modules == TargetModules(
        "Mine", **words
    )


def test_the_built_in_models_are_those_that_can_be_made() -> None:
    assert set(BUILTIN_MODELS) == set(SHAPES)
