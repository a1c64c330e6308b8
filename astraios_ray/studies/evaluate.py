"""One model answers one evaluator's problems, and is scored."""

from pathlib import Path
from typing import TYPE_CHECKING

from astraios_ray.displays.choose_display import lines_of
from astraios_ray.displays.display import Display
from astraios_ray.records import ModelRef, Sampling
from astraios_ray.studies.argument_ranges import check_number, check_share, check_whole
from astraios_ray.studies.task_arguments import EvaluatorOptions, task_from_arguments

if TYPE_CHECKING:
    from astraios_ray.studies.score import Scored


def evaluate(
    evaluator: str,
    model: str | None = None,
    *,
    revision: str | None = None,
    adapter: Path | str | None = None,
    template: str | None = None,
    system: str | None = None,
    options: EvaluatorOptions = (),
    data: str | None = None,
    data_root: Path | str | None = None,
    limit: int | None = None,
    samples: int = 20,
    temperature: float = 0.2,
    top_p: float = 0.95,
    max_new_tokens: int = 256,
    seed: int = 0,
    dtype: str = "fp32",
    quantization: str = "none",
    device: str | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    despite_changes: bool = False,
    sandbox: str = "bubblewrap",
    sandbox_python: str = "default",
    consent: str | None = None,
    progress: bool | Display = False,
) -> "Scored":
    """Have a model answer an evaluator, a built-in name or a path, and score its answers.

    ``model`` is builtin:<name>, a folder or a hub id with its ``revision``; an ``adapter`` that ``export``
    wrote names its own. ``template`` writes the prompts, by default that of the adapter's training, with a
    text of the ``system`` where it has a place for one. Completions are saved as they come, in ``out``: the
    same call goes on where it was stopped. The defaults are the paper's (Astraios, arXiv 2401.00788). Raises
    what ``evaluate_model`` raises; ``despite_changes`` goes on although the adapter was trained on another
    base.
    """
    for name, value in {"limit": limit, "samples": samples, "max_new_tokens": max_new_tokens}.items():
        check_whole(name, value)
    check_number("temperature", temperature)
    check_share("top_p", top_p)
    task = task_from_arguments(evaluator, options, data, data_root)
    ref = ModelRef(model, revision, dtype, quantization) if model else None

    # imported late, since these import torch: a mistake in the arguments is told at once
    from astraios_ray.studies.evaluate_model import EvaluateRequest, evaluate_model
    from astraios_ray.studies.score import Judging
    from astraios_ray.studies.torch_device import usable_device
    from astraios_ray.trial.subject import base_of

    folder = Path(adapter) if adapter else None
    judging = Judging(None, sandbox, consent, sandbox_python, lines_of(progress))
    sampling = Sampling(samples, temperature, top_p, max_new_tokens, seed)
    base, where = base_of(ref, folder), usable_device(device)
    request = EvaluateRequest(
        task, base, folder, sampling, limit, where, judging, fresh, despite_changes, template, system
    )
    return evaluate_model(request, Path(out) if out else Path("runs") / "evaluate" / request.name)
