"""Judge saved completions on this machine's cores, and say their score."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from astraios_ray.aligned_text import table
from astraios_ray.config.tasks import Task
from astraios_ray.displays.choose_display import lines_of
from astraios_ray.displays.display import Display
from astraios_ray.displays.line_displays import QuietDisplay
from astraios_ray.evaluation.evaluator_options import options_of
from astraios_ray.evaluation.generations_file import Generations, read_generations
from astraios_ray.evaluation.judging import Batch, JudgeBatch, judge_all, reasons_of
from astraios_ray.evaluation.judging import score as score_of
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Completion, Score, Value, Verdict, encode
from astraios_ray.sandbox.choose import choose_sandbox
from astraios_ray.sandbox.packages import DEFAULT
from astraios_ray.studies.argument_ranges import check_whole
from astraios_ray.studies.provenance import provenance
from astraios_ray.studies.task_arguments import EvaluatorOptions, task_from_arguments


@dataclass(frozen=True)
class Scored:
    """A score with its provenance."""

    task: Task
    options: Mapping[str, Value]
    score: Score
    level: Value  # of the sandbox; None when nothing was run
    provenance: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> str:
        """One object; scores are fractions from 0 to 1."""
        score = self.score
        return json.dumps(
            {
                "evaluator": load_evaluator(str(self.task)).name,
                "options": dict(self.options),
                "scores": dict(score.metrics),
                "intervals": {name: list(interval) for name, interval in score.intervals.items()},
                "denominators": {
                    **score.counts,
                    "problems": score.problems,
                    "samples": score.samples,
                    "unscored": score.unscored,
                    "unsupported": score.unsupported,
                },
                "one_process": list(score.one_process),
                "unjudgeable": dict(score.unjudgeable),
                "level": self.level,
                "provenance": dict(self.provenance),
            }
        )

    def as_text(self) -> str:
        """The metrics as percentages, with their 95 % intervals and what they are means over."""
        score = self.score
        head = f"{score.evaluator}: {score.problems} problems, {score.samples} samples each"
        left_out = f", {score.unscored} unscored" if score.unscored else ""
        lines = [head + left_out, *remarks(score), table(_line(score, name) for name in score.metrics)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Judging:
    """How programs are judged here: how many at a time, in which sandbox, and who hears of progress."""

    jobs: int | None = None  # one per core
    kind: str = "bubblewrap"
    consent: str | None = None
    python: str = DEFAULT  # the packages that programs can import
    display: Display = field(default_factory=QuietDisplay)


def score(
    evaluator: str,
    generations: Path | str,
    *,
    options: EvaluatorOptions = (),
    data: str | None = None,
    data_root: Path | str | None = None,
    limit: int | None = None,
    jobs: int | None = None,
    sandbox: str = "bubblewrap",
    sandbox_python: str = DEFAULT,
    consent: str | None = None,
    progress: bool | Display = False,
) -> Scored:
    """Score the generations in a file with an evaluator, a built-in name or a path, without any model.

    The file is JSON or JSONL, may be gzipped: [problem][sample], one row per description, or rows with ids.
    ``options``, ``data`` and ``data_root`` say what is asked, as on the command line; ``sandbox_python`` says
    which packages programs can import: ``default``, ``numpy`` or the folder of a virtual environment. Raises
    DataError for rows that cannot be used and for problems whose own reference fails, and what the sandbox
    raises.
    """
    check_whole("limit", limit)
    check_whole("jobs", jobs)
    task = task_from_arguments(evaluator, options, data, data_root)
    judging = Judging(jobs, sandbox, consent, sandbox_python, lines_of(progress))
    return rescore(task, read_generations(Path(generations), limit), judging)


def rescore(task: Task, generations: Generations, judging: Judging) -> Scored:
    """The score of generations that were saved, over the rows that they carry where no file was given.

    Raises DataError for rows that cannot be used and for problems whose own reference fails, and what the
    sandbox raises.
    """
    if load_evaluator(str(task)).carries_rows(generations):
        task = task.with_defaults(data=str(Path(generations.path).resolve()))
    completions = load_evaluator(str(task)).saved(generations)
    source = {"generations": generations.path, "generations_sha256": generations.sha256}
    return score_completions(task, completions, source, judging)


def score_completions(
    task: Task,
    completions: Sequence[Completion],
    source: Mapping[str, object],
    judging: Judging,
) -> Scored:
    """The score of ``completions``; ``source`` goes into its provenance."""
    name, evaluator, started = str(task), load_evaluator(str(task)), monotonic()
    sandbox = choose_sandbox(judging.kind, judging.consent, task.label, judging.python)
    if evaluator.executes:
        sandbox.check()
    about = sandbox.describe() if evaluator.executes else {}
    jobs = judging.jobs or len(os.sched_getaffinity(0))
    note = judging.display.note if evaluator.executes else None
    spread = _Counted(InThreads(jobs), note)
    verdicts = judge_all(name, completions, sandbox, spread)
    score = score_of(name, verdicts, about)
    return Scored(
        task,
        options_of(evaluator),
        score,
        about.get("level"),
        {
            **source,
            **evaluator.describe(),
            "judged": spread.judged,
            "seconds": round(monotonic() - started, 2),
            "sandbox": dict(about),
            **encode(provenance()),
        },
    )


def remarks(score: Score) -> Iterator[str]:
    """What limits the score: problems left out, values that did not cross, problems judged in one process."""
    if score.unjudgeable:
        count = len(score.unjudgeable)
        words = "problem is" if count == 1 else "problems are"
        yield f"{count} {words} left out, unjudgeable here: {reasons_of(score.unjudgeable)}"
    if score.unsupported:
        yield (
            f"{score.unsupported} samples are unsupported_value: a value could not cross to the test. "
            "They count as not passed."
        )
    if score.one_process:
        yield (
            f"judged in one process with the test, where a hostile program can pass: "
            f"{'all' if len(score.one_process) == score.problems else ', '.join(score.one_process)}"
        )


class _Counted:
    """Wraps a spread, counts its verdicts, and notes their number once a second."""

    def __init__(self, spread: InThreads, note: Callable[[str], None] | None) -> None:
        self._spread, self._note = spread, note
        self.judged, self._told_at = 0, monotonic()

    def __call__(self, work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
        for verdicts in self._spread(work, batches):
            self.judged += len(verdicts)
            if self._note and monotonic() - self._told_at > 1:
                self._told_at = monotonic()
                self._note(f"judged {self.judged} different programs")
            yield verdicts


def _line(score: Score, name: str) -> tuple[str, ...]:
    low, high = score.intervals.get(name, (float("nan"),) * 2)
    between = f"{100 * low:.2f} to {100 * high:.2f}" if name in score.intervals else ""
    return name, f"{100 * score.metrics[name]:.2f} %", between, f"of {score.counts.get(name, score.problems)}"
