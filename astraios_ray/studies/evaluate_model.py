"""Let one model answer one evaluator, going on from its saved answers, and score it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.config.tasks import Task
from astraios_ray.data.templates import make_template
from astraios_ray.evaluation.answering import answer
from astraios_ray.evaluation.completion_store import CONTENTS, QUESTION_FILE, CompletionStore
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.loading import load_evaluator, read_problems
from astraios_ray.records import Completion, DataRef, ModelRef, Sampling, encode
from astraios_ray.search.eval_protocol import begins
from astraios_ray.search.folder import unused_name
from astraios_ray.studies.score import Judging, Scored, score_completions
from astraios_ray.trial.contents import contents_of_adapter, contents_of_model, contents_of_task
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.subject import asked_in, load_subject, prompt_front
from astraios_ray.trial.trained_contents import compare_base

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
    despite_changes: bool = False  # of the base that the adapter was trained on
    template: str | None = None  # None: that of the adapter's training, else Astraios'
    system: str | None = None

    @property
    def name(self) -> str:
        """The request as a folder's name."""
        parts = (self.task.label, self.model.id, self.adapter.name if self.adapter else "")
        return "-".join(re.sub(r"[^\w.]+", "_", part) for part in parts if part)


def evaluate_model(request: EvaluateRequest, folder: Path) -> Scored:
    """The score of the model; completions and score lie in ``folder`` afterwards.

    Raises ConfigError when the folder holds answers to another question, StudyChanged when an exported
    adapter was trained on another base, and what loading and judging raise.
    """
    if request.adapter and (request.adapter / SPEC_FILE).is_file():
        compare_base(request.adapter, request.model, despite_changes=request.despite_changes)
    evaluator, problems = load_evaluator(str(request.task)), list(read_problems(str(request.task)).values())
    question = _question(request, evaluator, problems)
    if request.fresh and (folder / QUESTION_FILE).exists():
        backup = folder.rename(unused_name(folder.resolve()))
        request.judging.display.note(f"The answers that were in {folder} are now in {backup}.")
    store = CompletionStore(folder, question)
    completions = _completions(request, evaluator, problems[: request.limit], store)
    source = {**store.question, "completions": str(store.path)}
    scored = score_completions(request.task, completions, source, request.judging)
    (folder / "score.json").write_text(scored.as_json() + "\n")
    return scored


def _question(
    request: EvaluateRequest, evaluator: Evaluator, problems: Sequence[Problem]
) -> dict[str, object]:
    sampling = {**encode(request.sampling), **({"temperature": 0.0} if evaluator.greedy else {})}
    adapter = str(request.adapter.resolve()) if request.adapter else None
    contents = {"task": contents_of_task(request.task, problems), "model": contents_of_model(request.model)}
    if request.adapter:
        contents["adapter"] = contents_of_adapter(request.adapter)
    return {
        "task": str(request.task),
        "model": encode(request.model),
        "adapter": adapter,
        "sampling": sampling,
        **begins(prompt_front(request.model)),
        **_written_in(asked_in(request.adapter, request.template, request.system)),
        CONTENTS: contents,
    }


def _written_in(ref: DataRef) -> dict[str, object]:
    """The template of prompts, and the system's text; nothing for Astraios', as in older answers."""
    settings: dict[str, object] = {"template": ref.template, "system": ref.system}
    return {} if settings == {"template": "astraios", "system": None} else settings


def _completions(
    request: EvaluateRequest, evaluator: Evaluator, problems: Sequence[Problem], store: CompletionStore
) -> list[Completion]:
    names = [problem.id for problem in problems]
    greedy = evaluator.greedy or request.sampling.temperature == 0
    samples = 1 if greedy else request.sampling.samples
    answered_ids = {item.problem for item in store.of(names, samples)}
    unanswered = [problem for problem in problems if problem.id not in answered_ids]
    if unanswered:
        model, tokenizer = load_subject(
            request.model, request.adapter, request.device, despite_changes=request.despite_changes
        )
        template = make_template(asked_in(request.adapter, request.template, request.system), tokenizer)
        for start in range(0, len(unanswered), AT_ONCE):
            batch = unanswered[start : start + AT_ONCE]
            completions = answer(
                evaluator, batch, model, tokenizer, request.sampling, request.device, template
            )
            for _ in store.keep(completions):
                pass
            count = len(answered_ids) + start + len(batch)
            request.judging.display.note(f"{count} of {len(problems)} problems are answered")
    return store.of(names, samples)
