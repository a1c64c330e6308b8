"""Have one model answer one evaluator, going on from what it wrote before, and score it."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from astraios_ray.config.tasks import Task
from astraios_ray.evaluation.answering import answer
from astraios_ray.evaluation.completion_store import ASKED, CONTENTS, CompletionStore
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.loading import load_evaluator, read_problems
from astraios_ray.records import Completion, ModelRef, Sampling, encode
from astraios_ray.search.eval_protocol import begins
from astraios_ray.search.folder import unused_name
from astraios_ray.studies.score import Judging, Scored, score_completions
from astraios_ray.trial.contents import contents_of_adapter, contents_of_model, contents_of_task
from astraios_ray.trial.subject import load_subject, prompt_front

AT_ONCE = 16  # problems that are lost at most when the process is killed


@dataclass(frozen=True)
class EvaluateRequest:
    """What is to be evaluated, with what, and how its answers are drawn."""

    task: Task
    model: ModelRef
    adapter: Path | None
    sampling: Sampling
    limit: int | None
    device: str
    judging: Judging
    fresh: bool = False

    @property
    def name(self) -> str:
        """A folder's name for it."""
        parts = (self.task.label, self.model.id, self.adapter.name if self.adapter else "")
        return "-".join(re.sub(r"[^\w.]+", "_", part) for part in parts if part)


def evaluate_model(order: EvaluateRequest, folder: Path) -> Scored:
    """The score of the model; completions and score lie in ``folder`` afterwards.

    Raises ConfigError when the folder holds answers to another question, and what loading and judging raise.
    """
    evaluator, problems = load_evaluator(str(order.task)), list(read_problems(str(order.task)).values())
    asked = _asked(order, evaluator, problems)
    if order.fresh and (folder / ASKED).exists():
        aside = folder.rename(unused_name(folder.resolve()))
        click.echo(f"The answers that were in {folder} are now in {aside}.", err=True)
    written = CompletionStore(folder, asked)
    completions = _completions(order, evaluator, problems[: order.limit], written)
    told = {**written.asked, "completions": str(written.path)}
    scored = score_completions(order.task, completions, told, order.judging)
    (folder / "score.json").write_text(scored.as_json() + "\n")
    return scored


def _asked(order: EvaluateRequest, evaluator: Evaluator, problems: Sequence[Problem]) -> dict[str, object]:
    sampling = {**encode(order.sampling), **({"temperature": 0.0} if evaluator.greedy else {})}
    adapter = str(order.adapter.resolve()) if order.adapter else None
    contents = {"task": contents_of_task(order.task, problems), "model": contents_of_model(order.model)}
    if order.adapter:
        contents["adapter"] = contents_of_adapter(order.adapter)
    return {
        "task": str(order.task),
        "model": encode(order.model),
        "adapter": adapter,
        "sampling": sampling,
        **begins(prompt_front(order.model)),
        CONTENTS: contents,
    }


def _completions(
    order: EvaluateRequest, evaluator: Evaluator, problems: Sequence[Problem], written: CompletionStore
) -> list[Completion]:
    names = [problem.id for problem in problems]
    greedy = evaluator.greedy or order.sampling.temperature == 0
    samples = 1 if greedy else order.sampling.samples
    done = {item.problem for item in written.of(names, samples)}
    left = [problem for problem in problems if problem.id not in done]
    if left:
        model, tokenizer = load_subject(order.model, order.adapter, order.device)
        for start in range(0, len(left), AT_ONCE):
            some = left[start : start + AT_ONCE]
            new = answer(evaluator, some, model, tokenizer, order.sampling, order.device)
            for _ in written.keep(new):
                pass
            if not order.judging.quiet:
                count = len(done) + start + len(some)
                click.echo(f"{count} of {len(problems)} problems are answered", file=sys.stderr)
    return written.of(names, samples)
