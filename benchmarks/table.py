"""The table of ``benchmarks/README.md``, made from the newest results of every machine.

``python -m benchmarks.table`` writes it between its two marks; a test checks the table.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- table: python -m benchmarks.table -->", "<!-- end of table -->"
BASELINES: Mapping[str, str] = {  # by the beginning of a case's name; the longest match counts
    "c_vs_gcc": "gcc and the binary, nothing around them",
    "cpp_vs_plain": "g++ and the binary, nothing around them",
    "gen_16_lora": "PEFT, one adapter at a time",
    "gen_16_lora_*_vs_adapter_names": "PEFT's batch of mixed adapters",
    "gen_16_mixed": "the same model, one method at a time",
    "go_vs_plain": "go test with a warm cache",
    "growth_replay": "the target",
    "growth_report": "the target",
    "growth_task": "a train task in the first eighth of the search",
    "halving_vs_optuna": "Optuna's Hyperband pruner, at its best settings",
    "halving_vs_ray": "Ray's ASHA, at its best settings",
    "halving_vs_syne": "syne-tune's ASHA, at its best settings",
    "java_vs": "a javac and a java for every class",
    "javac_warm": "the target",
    "js_vs_plain": "node, program and test in one file",
    "lane_base": "a copy of the base in every lane",
    "loss_": "the model's own loss",
    "pack_exact": "the largest difference allowed",
    "pack_train": "the same trials taking turns",
    "padfree": "batches that end with their longest row",
    "recompute": "activations that are kept",
    "rust_vs_plain": "rustc --test and the binary, no cargo around them",
    "regret_of_methods": "the best of Optuna, Ray and syne-tune, mean over methods",
    "regret_of_the_best": "the best of Optuna, Ray and syne-tune, best of all trials",
    "sandbox_cpu": "the target",
    "sandbox_through_ray": "the target",
    "sandbox_vs_fresh": "a Python process for every check, nothing around it",
    "sandbox_vs_harness": "structure of bigcode-evaluation-harness, torch in the parent",
    "search_equal": "Ray Tune, a process per trial, Trainer and peft in each",
    "search_same": "the largest difference allowed",
    "search_vs_tuned": "the same with processes used again, trimmed batches and ASHA",
    "trial_memory": "a process of its own for every trial",
    "trial_overhead": "the target",
    "trial_start": "a Tune trial with a Train run of its own",
}


def main() -> None:
    """Write the table into the page."""
    PAGE.write_text(with_table(PAGE.read_text()))
    print(f"written to {PAGE}")


def with_table(page: str) -> str:
    """``page`` with the table of the newest results between its marks. Raises ValueError without marks."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"{PAGE}: the table's place is between one {BEGIN!r} and one {END!r}.")
    head, _, tail = page.partition(BEGIN)
    return "\n".join([head + BEGIN, *_tables(newest()), END + tail.partition(END)[2]])


def newest(folder: Path = FOLDER) -> list[Path]:
    """The newest file of every machine: ``<machine>-<date>.json``, by its date."""
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.json"), key=lambda path: path.stem[-10:]):
        files[path.stem[:-11]] = path
    return [files[machine] for machine in sorted(files)]


def baseline_of(case: str) -> str:
    """The baseline of a case, in words. Raises ValueError for a case that BASELINES does not have."""
    fitting = [name for name in BASELINES if fnmatchcase(case, f"{name}*")]
    if not fitting:
        raise ValueError(f"benchmarks/table.py: BASELINES has no words for the baseline of {case!r}.")
    return BASELINES[max(fitting, key=len)]


def _tables(files: Sequence[Path]) -> Iterator[str]:
    for file in files:
        content = json.loads(file.read_text())
        commit = (content["provenance"]["git_commit"] or "unknown")[:7]
        yield ""
        yield f"`results/{file.name}`, commit {commit}, load of the machine {content['load']:.1f}"
        yield ""
        yield "| case | baseline | it takes | ours takes | unit | times better | target | | physical limit |"
        yield "|---|---|--:|--:|---|--:|--:|---|---|"
        yield from (_line(case) for case in sorted(content["cases"], key=lambda case: str(case["case"])))
    yield ""


def _line(case: Mapping[str, Any]) -> str:
    met = "met" if case["ratio"] >= case["target"] else "**missed**"
    figures = (f"{case[key]:.3g}" for key in ("baseline", "ours"))
    ratio, target = f"{case['ratio']:.3g}", f"{case['target']:.3g}"
    cells = (
        f"`{case['case']}`",
        baseline_of(case["case"]),
        *figures,
        case["unit"],
        ratio,
        target,
        met,
        case["limit"],
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
