"""``plan``: the numbers it says, and what it refuses."""

import csv
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from transformers import GPTBigCodeConfig

from astraios_ray.cli.main import cli
from astraios_ray.models.nano import VOCABULARY, nano_tokenizer
from astraios_ray.studies.device_memory import Memory
from astraios_ray.studies.memory_estimate import MethodFootprint, fitting
from tests.fakes.architectures import small_config

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
LAYERS = 24  # of StarCoderBase-1B
PUBLISHED = {"full": "fft", "p_tuning": "ptuning", "adapter_h": "adapterh", "adapter_p": "adapterp"}
NO_TASKS = ("--set", "evaluate.tasks=[]")
LORA = ("--set", "methods={lora: {r: 4}}")
SHORT = (
    *("--set", "data.sequence_length=64", "--set", "training.batch_size=1"),
    *("--set", "training.micro_batch_size=1", "--set", "lanes.pack_tokens=1"),
)


def ran(*args: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *args])


@cache
def planned(*args: str) -> Any:
    result = ran(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def starcoder(folder: Path, layers: int) -> str:
    config = GPTBigCodeConfig(
        vocab_size=49152, n_positions=8192, n_embd=2048, n_layer=layers, n_head=16, multi_query=True,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    config.architectures = ["GPTBigCodeForCausalLM"]
    config.save_pretrained(folder)
    return str(folder)


def trained_parameters(folder: Path, layers: int) -> dict[str, int]:
    """What the paper's study would train of each method, by the names of the published table."""
    flags = ("--set", f"model.id={starcoder(folder, layers)}", "--set", "model.revision=null", *SHORT)
    plan = planned("astraios", *flags, *NO_TASKS)
    return {PUBLISHED.get(m["name"], m["name"]): m["footprint"]["most"] for m in plan["methods"]}


def published_parameters() -> dict[str, int]:
    table = Path(__file__).parents[2].parent / "shared" / "data" / "expected" / "astraios_params.csv"
    if not table.exists():
        pytest.skip("the folder of real benchmark data is not there")
    with table.open() as file:
        return {r["method"]: int(r["updated_params"]) for r in csv.DictReader(file) if r["size"] == "1b"}


def method(plan: Any, name: str) -> Any:
    return next(method for method in plan["methods"] if method["name"] == name)


def test_a_plan_says_the_trials_of_each_method_in_the_first_bracket() -> None:
    plan = planned("quickstart", *NO_TASKS)
    assert plan["search"]["trials"] == 28
    assert len(plan["search"]["first_bracket"]) == 7
    assert sum(m["first_bracket"] for m in plan["methods"]) >= 14


def test_a_plan_says_the_rungs_and_that_stopping_saves_steps() -> None:
    search = planned("quickstart", *NO_TASKS)["search"]
    assert search["rungs"] == [20, 60, 160]
    assert search["steps_unstopped"] == 28 * 160
    assert 0 < search["steps"] < search["steps_unstopped"]


def test_a_plan_warns_of_a_comparison_inside_the_warm_up() -> None:
    search = ("--set", "early_stop.grace=20", "--set", "training.warmup_steps=40")
    assert any("inside the warm-up" in text for text in planned("quickstart", *NO_TASKS, *search)["warnings"])


def test_no_stopping_takes_all_steps() -> None:
    search = planned("quickstart", *NO_TASKS, *LORA, "--set", "early_stop.rule=none")["search"]
    assert search["steps"] == search["steps_unstopped"]


def test_a_plan_counts_trainable_parameters_over_the_range() -> None:
    lora = method(planned("quickstart", *NO_TASKS), "lora")["footprint"]
    ranks = {"4": lora["least"], "16": lora["most"]}
    assert ranks["16"] == 4 * ranks["4"]


def test_with_each_layer_the_counts_grow_to_those_of_the_paper(tmp_path: Path) -> None:
    """Counts of the published checkpoints (astraios_params.csv beside the checkout, where there is one)."""
    expected = published_parameters()
    one, two = (trained_parameters(tmp_path / str(layers), layers) for layers in (1, 2))
    assert {name: one[name] + (LAYERS - 1) * (two[name] - one[name]) for name in one} == expected


@pytest.mark.skipif(not ALL, reason="takes ten seconds; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
def test_the_papers_parameter_counts_are_planned(tmp_path: Path) -> None:
    expected = published_parameters()
    assert trained_parameters(tmp_path, LAYERS) == expected


def test_an_int8_base_takes_about_a_byte_per_weight_and_full_a_copy_of_its_own(tmp_path: Path) -> None:
    config = GPTBigCodeConfig(vocab_size=2048, n_positions=256, n_embd=512, n_layer=6, n_head=8)
    config.architectures = ["GPTBigCodeForCausalLM"]
    config.save_pretrained(tmp_path)
    flags = ["--set", f"model.id={tmp_path}", "--set", "model.revision=null", *SHORT, *NO_TASKS]
    flags += ["--set", "methods={full: {learning_rate: 1.0e-4}, ia3: {learning_rate: 1.0e-4}}"]
    flags += ["--set", "training.batch_size=2"]  # two passes a step
    plan = json.loads(ran("astraios", *flags, "--json").stdout)
    base = plan["base"]
    assert 1.0 < base["base_bytes"] / base["parameters"] < 1.5
    full = method(plan, "full")["footprint"]
    assert full["kept_bytes"] == 12 * base["parameters"]  # the copy and two moments in fp32
    assert full["lane_bytes"] > (4 + 16) * base["parameters"]  # beside an unquantised base; with gradients
    assert method(plan, "full")["quantization"] == "none"
    assert method(plan, "full")["footprint"]["own_copy"]
    assert (
        "Trained on an unquantised copy, since its own weights move: full" in ran("astraios", *flags).stdout
    )


def test_a_plan_says_what_is_evaluated() -> None:
    plan = planned("quickstart")
    (task,) = plan["tasks"]
    assert task["name"] == "primer"
    assert task["completions"] == plan["evaluated_models"] * task["problems"] * 5


def test_a_plan_says_which_difference_the_evaluation_finds_and_what_half_takes() -> None:
    detectable = planned("quickstart")["detectable"]
    assert 0.1 < detectable["without_luck"] < detectable["difference"] < 0.4
    text = " ".join(ran("quickstart").stdout.split())
    assert f"differences of {100 * detectable['difference']:.0f} points between two methods" in text
    half = detectable["half"]
    takes = f"evaluate.seeds {half['seeds']} and {half['problems']:,} problems"
    assert f"Half of it takes {takes}: at most" in text


def test_a_plan_without_tasks_compares_nothing() -> None:
    assert planned("quickstart", *NO_TASKS)["detectable"] is None


def test_a_limit_on_problems_is_planned() -> None:
    plan = planned("quickstart", *LORA, "--set", "evaluate.limit=3", "--set", "evaluate.samples=2")
    assert plan["tasks"][0]["problems"] == 3


def test_a_grid_smaller_than_the_budget_is_said(tmp_path: Path) -> None:
    flags = ["--set", "search.sampler=grid", "--set", "defaults.learning_rate=1.0e-3"]
    flags += ["--set", "methods={lora: {r: [4, 8]}}", *NO_TASKS]
    assert planned("quickstart", *flags)["search"]["trials"] == 2
    assert "the grid has 2 configurations, fewer than budget.trials 28" in ran("quickstart", *flags).stdout


def test_a_method_that_does_not_fit_the_model_is_told_with_its_reason_and_exits_with_2() -> None:
    flags = [
        "--set",
        "methods={lora: {r: 4}, 'peft:PREFIX_TUNING': {num_virtual_tokens: 4, prefix_projection: true}}",
    ]
    flags += [
        "--set",
        "model.target_modules={architecture: Mine, attention_in: [q], attention_out: [o], mlp_in: [u], ",
    ]
    flags[-1] += "mlp_out: [d], key_value: [k]}"
    result = ran("quickstart", *flags, *NO_TASKS)
    assert result.exit_code == 2
    assert "This cannot work" in result.stdout
    assert "lora on builtin:nano-s: model.target_modules.attention_in" in result.stdout


def test_the_text_names_every_method_and_the_memory() -> None:
    text = ran("quickstart", *NO_TASKS).stdout
    for name in ("full", "lora", "ia3", "p_tuning", "adapter_h", "adapter_p", "parallel"):
        assert f"\n  {name} " in text
    assert "Memory per lane and worker (estimate" in text
    assert "Evaluation: none" in text


def test_slots_are_as_many_as_share_a_pass_and_then_those_that_wait() -> None:
    footprint = MethodFootprint(base_bytes=70, lane_bytes=95, slot_bytes=30, kept_bytes=4, in_a_pass=3)
    slots = {memory: fitting(footprint, memory) for memory in (94, 95, 129, 130, 160, 163, 164, 180)}
    assert slots == {94: 0, 95: 1, 129: 1, 130: 2, 160: 3, 163: 3, 164: 4, 180: 8}


def test_a_plan_of_which_nothing_fits_says_so_and_exits_with_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "astraios_ray.studies.study_plan.memory_of", lambda lanes: Memory(1 << 20, "a toy", 2048)
    )
    result = ran("quickstart", *LORA, *NO_TASKS)
    assert result.exit_code == 4
    assert "Nothing fits: one trial of any method takes more than the memory there is (1.0 MiB, a toy)." in (
        result.stdout
    )
    as_json = ran("quickstart", *LORA, *NO_TASKS, "--json")
    assert as_json.exit_code == 4 and json.loads(as_json.stdout)["fits"] is False


def test_a_plan_of_which_one_method_fits_exits_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--set", "methods={lora: {r: 4}, full: {}}", *NO_TASKS)
    lora, full = (method(planned("quickstart", *arguments), name)["footprint"] for name in ("lora", "full"))
    between = (lora["lane_bytes"] + full["lane_bytes"]) // 2
    monkeypatch.setattr(
        "astraios_ray.studies.study_plan.memory_of", lambda lanes: Memory(between, "a toy", 2048)
    )
    result = ran("quickstart", *arguments, "--json")
    slots = [method["footprint"]["slots"] for method in json.loads(result.stdout)["methods"]]
    assert sorted(map(bool, slots)) == [False, True] and result.exit_code == 0


def test_a_plan_whose_memory_is_not_known_exits_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("astraios_ray.studies.study_plan.memory_of", lambda lanes: None)
    result = ran("quickstart", *LORA, *NO_TASKS, "--json")
    assert result.exit_code == 0 and json.loads(result.stdout)["fits"] is None


def test_several_lanes_on_cpus_count_the_base_once() -> None:
    flags = (*NO_TASKS, *LORA, "--set", "lanes.gpus=0", "--set")
    one, three = (planned("quickstart", *flags, f"lanes.count={count}") for count in (1, 3))
    lora = method(one, "lora")["footprint"]
    assert one["together_bytes"] == lora["lane_bytes"]
    assert three["together_bytes"] == 3 * lora["lane_bytes"] - 2 * lora["base_bytes"]
    assert "all 3 workers on one machine, a slot each" in ran("quickstart", *flags, "lanes.count=3").stdout


@pytest.mark.parametrize("lanes", ["lanes.gpus=1", "lanes.count=auto"])
def test_nothing_is_said_of_lanes_on_gpus_or_of_a_number_that_the_machine_decides(lanes: str) -> None:
    flags = (*NO_TASKS, *LORA, "--set", lanes)
    assert planned("quickstart", *flags)["together_bytes"] is None
    assert "workers on one machine" not in ran("quickstart", *flags).stdout


def test_memory_that_is_not_known_is_said_and_no_slots_are_made_up() -> None:
    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    flags = (*NO_TASKS, *LORA, "--set", "lanes.gpus=1")
    assert planned("quickstart", *flags)["methods"][0]["footprint"]["slots"] is None
    assert "unknown: no GPU here" in ran("quickstart", *flags).stdout


def test_the_slots_that_fit_are_planned() -> None:
    flags = (*NO_TASKS, *LORA, "--set", "training.micro_batch_size=2")
    plan = planned("quickstart", *flags)
    lora = method(plan, "lora")["footprint"]
    assert lora["in_a_pass"] > 1
    assert 0 < lora["kept_bytes"] < lora["slot_bytes"] < lora["lane_bytes"]
    full = lora["base_bytes"] + lora["in_a_pass"] * lora["slot_bytes"]
    assert full + (lora["slots"] - lora["in_a_pass"]) * lora["kept_bytes"] <= plan["memory"]["bytes"]
    assert f"{lora['slots']:,}" in ran("quickstart", *flags).stdout


def test_repeats_with_other_seeds_are_planned_and_evaluated() -> None:
    once, again = planned("quickstart"), planned("quickstart", "--set", "evaluate.seeds=3")
    assert (once["search"]["repeats"], again["search"]["repeats"]) == (0, 3 * (3 + 7))
    assert again["evaluated_models"] == once["evaluated_models"] + 30


def test_a_plan_says_whether_the_comparison_is_fair() -> None:
    fairness = planned("quickstart", *NO_TASKS)["fairness"]
    assert fairness["warnings"] == []
    lora = fairness["methods"]["lora"]
    assert (lora["weights"], lora["moments"], lora["template"]) == ("float32", "float32", "astraios")
    assert lora["targets"] == ["attn.c_attn", "attn.c_proj", "mlp.c_proj"]
    assert lora["decades"] == pytest.approx(1.22, abs=0.01)
    assert lora["share"][1] == pytest.approx(lora["parameters"][1] / 461_952)


def test_a_recipe_in_one_methods_block_is_named() -> None:
    rate = "learning_rate: {min: 1.0e-3, max: 1.0e-1, log: true}"
    methods = f"methods={{lora: {{r: 4, {rate}, batch_size: 24}}, ia3: {{{rate}}}}}"
    flags = ("--set", methods)
    (warning,) = planned("quickstart", *NO_TASKS, *flags)["fairness"]["warnings"]
    assert (warning["name"], sorted(warning["methods"])) == ("unequal_batch_size", ["lora"])
    assert "Different batch size: " in " ".join(ran("quickstart", *NO_TASKS, *flags).output.split())


def test_a_grid_with_more_configurations_of_one_method_is_named() -> None:
    rate = "learning_rate: {values: [1.0e-3, 1.0e-2]}"
    methods = f"methods={{lora: {{r: {{values: [2, 4, 8]}}, {rate}}}, ia3: {{{rate}}}}}"
    flags = ("--set", methods, "--set", "search.sampler=grid", "--set", "defaults={}")
    names = {warning["name"] for warning in planned("quickstart", *NO_TASKS, *flags)["fairness"]["warnings"]}
    assert names == {"unequal_trials"}


@pytest.mark.parametrize(
    ("optimizer", "full", "lora"),
    [
        ("adamw_bf16", ("bfloat16", "bfloat16"), ("float32", "float32")),
        ("adamw_8bit", ("float32", "float32 and uint8"), ("float32", "float32")),
    ],
)
def test_an_optimiser_that_stores_less_for_full_alone_is_named(
    optimizer: str, full: tuple[str, str], lora: tuple[str, str]
) -> None:
    rate = "learning_rate: {min: 1.0e-3, max: 1.0e-1, log: true}"
    flags = ("--set", f"methods={{full: {{{rate}}}, lora: {{r: 4, {rate}}}}}", "--set", "model.dtype=bf16")
    fairness = planned("quickstart", *NO_TASKS, *flags, "--set", f"training.optimizer={optimizer}")[
        "fairness"
    ]
    assert [warning["name"] for warning in fairness["warnings"]] == ["unequal_precision"]
    precision = {name: (m["weights"], m["moments"]) for name, m in fairness["methods"].items()}
    assert precision == {"full": full, "lora": lora}


def model_folder(folder: Path, architecture: str) -> str:
    config = small_config(architecture)
    config.vocab_size = VOCABULARY
    config.save_pretrained(folder)
    nano_tokenizer().save_pretrained(folder)
    return str(folder)


def test_a_plan_says_the_target_modules_and_what_no_adapter_can_change(tmp_path: Path) -> None:
    methods = "methods={lora: {r: 4}, full: {}}"
    result = ran(
        "quickstart", "--set", f"model.id={model_folder(tmp_path, 'Mixtral')}", *NO_TASKS, "--set", methods
    )
    assert result.exit_code == 0, result.output
    assert "attention_in q_proj, k_proj, v_proj; attention_out o_proj; mlp_in none" in result.stdout
    assert "out of reach    mlp.experts.gate_up_proj, mlp.experts.down_proj" in result.stdout
    assert "weights_out_of_reach" in result.stdout


def test_a_method_that_misses_layers_is_refused_with_those_that_work(tmp_path: Path) -> None:
    flags = ("--set", "methods={adapter_p: {bottleneck: 4}}", *NO_TASKS)
    result = ran("quickstart", "--set", f"model.id={model_folder(tmp_path, 'Mixtral')}", *flags)
    assert result.exit_code == 2
    assert "Methods that work on it: full, ia3, lora, p_tuning, parallel." in result.stdout
