"""A study's plan as text for a person."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from astraios_ray.aligned_text import between, mebibytes, table
from astraios_ray.config.study import StudyConfig
from astraios_ray.report.analysis.precision import precision
from astraios_ray.report.sections.fairness import TITLE, fairness_sentences, fairness_table
from astraios_ray.studies.detectable_difference import Evaluation, repeats_with_seeds
from astraios_ray.studies.memory_estimate import MethodFootprint
from astraios_ray.studies.study_plan import MethodPlan, Plan

WIDTH = 110  # characters of a sentence
NOT_SEEN = "without the process's own, CUDA's own and fragmentation"


def as_text(plan: Plan) -> str:
    """The plan as paragraphs, ready to be printed."""
    study = plan.config
    parts = [
        _head(study, plan),
        _methods(plan),
        *_search(study, plan),
        *_fairness(plan),
        *_memory(plan),
        *_evaluation(study, plan),
        *_detectable(study, plan),
    ]
    parts += [f"Warning: {warning}" for warning in plan.warnings]
    if plan.problems:
        parts.append("This cannot work:\n" + table((problem,) for problem in plan.problems))
    if plan.fits is False and plan.memory:
        capacity = f"{mebibytes(plan.memory.bytes)}, {plan.memory.of}"
        parts.append(
            f"Nothing fits: one trial of any method takes more than the memory there is ({capacity})."
        )
    return "\n\n".join(parts)


def _head(study: StudyConfig, plan: Plan) -> str:
    size = f", {plan.base.parameters:,} parameters" if plan.base else ""
    model = f"{study.model.id}{size}, {study.model.dtype}, quantization {study.model.quantization}"
    data = (
        f"{study.data_ref().name}, {study.data.sequence_length} tokens per row, packing {study.data.packing}"
    )
    data += ", documents isolated" if study.data_ref().isolate_documents else ""
    rows = [("model", model), *_layers(plan), ("data", data), ("precision", precision(study.resolved()))]
    return f"Study {study.name}\n" + table(rows)


def _layers(plan: Plan) -> Iterator[tuple[str, str]]:
    """The layers of the model that methods can adapt, and the weights that none of them reaches."""
    if plan.base and plan.base.target_modules:
        fields = asdict(plan.base.target_modules).items()
        endings = [
            f"{field} {', '.join(names) or 'none'}" for field, names in fields if field != "architecture"
        ]
        yield "target modules", "; ".join(endings)
    if plan.base and plan.base.out_of_reach:
        kinds = ", ".join(plan.base.out_of_reach)
        yield "out of reach", f"{kinds}: no linear layers of attention or MLP, so that only full trains them"


def _methods(plan: Plan) -> str:
    title = ("method", "trainable parameters", "configurations", "in first bracket", "ranges")
    working = [m for m in plan.methods if m.footprint and not m.footprint.problem]
    turn_takers = ", ".join(m.name for m in working if m.footprint and not m.footprint.packs)
    note = (
        f"\nTake turns, and share no forward pass with other trials of a lane: {turn_takers}"
        if turn_takers
        else ""
    )
    return "Methods\n" + table([title, *(_method_row(method) for method in plan.methods)]) + note


def _method_row(method: MethodPlan) -> tuple[object, ...]:
    footprint = method.footprint
    trained = (
        "unknown"
        if footprint is None
        else "cannot work"
        if footprint.problem
        else between(footprint.least, footprint.most)
    )
    count = "endless" if method.configurations is None else f"{method.configurations:,}"
    ranges = "; ".join(f"{name} {values}" for name, values in method.ranges.items()) or "the defaults"
    return method.name, trained, count, method.first_bracket, ranges


def _search(study: StudyConfig, plan: Plan) -> Iterator[str]:
    search, budget = plan.search, study.budget
    first = sum(search.first_bracket.values())
    rows = [
        ("trials", f"{search.trials} by {study.search.sampler}, {first} in the first bracket"),
        ("steps of a trial", f"{study.training.max_steps} of {study.training.batch_size} rows"),
        ("early stopping", _rule(study, search.rungs)),
        ("steps of all", f"about {search.steps:,} of {search.steps_unstopped:,} without stopping"),
    ]
    if search.repeats:
        steps = search.repeats * study.training.max_steps
        rows.append(("repeats", f"at most {search.repeats} with other seeds, {steps:,} steps more"))
    if search.trials < budget.trials:
        rows.append(
            ("", f"the grid has {search.trials} configurations, fewer than budget.trials {budget.trials}")
        )
    if budget.wall_minutes is not None:
        rows.append(("wall time", f"at most {budget.wall_minutes:g} minutes"))
    if budget.gpu_hours is not None:
        rows.append(("GPU time", f"at most {budget.gpu_hours:g} hours"))
    yield "Search\n" + table(rows)


def _rule(study: StudyConfig, rungs: Sequence[int]) -> str:
    stop, interval = study.early_stop, study.training.validate_every
    if stop.rule == "none":
        return f"none, validated every {interval} steps"
    if stop.rule == "median":
        return f"median, from step {rungs[0]} on at every validation ({interval} steps)"
    promotion = f"one in {stop.reduction} goes on, and the best {stop.keep_per_method} of each method"
    if study.search.within_methods:
        promotion = f"one in {stop.reduction} of each method goes on, at least {max(1, stop.keep_per_method)}"
    return f"{stop.rule}, compared at steps {', '.join(map(str, rungs[:-1]))} of {rungs[-1]}: {promotion}"


def _fairness(plan: Plan) -> Iterator[str]:
    if len(plan.methods) > 1:
        content = fairness_table(plan.fairness)
        rows = [content.titles, *([cell.text for cell in line] for line in content.lines)]
        sentences = (f"  {sentence}" for sentence in fairness_sentences(plan.fairness))
        yield "\n".join([TITLE, *map(_wrapped, sentences), table(rows)])


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, WIDTH, subsequent_indent="    ")


def _memory(plan: Plan) -> Iterator[str]:
    if plan.base is None:
        yield f"Memory: unknown, since the model's configuration could not be read.\n  {plan.base_problem}"
        return
    title = ("method", "with one slot", "further slot in its pass", "further slot in turns", "slots that fit")
    rows = [_memory_row(m.name, m.footprint) for m in plan.methods if m.footprint and not m.footprint.problem]
    capacity = f"{mebibytes(plan.memory.bytes)}, {plan.memory.of}" if plan.memory else "unknown: no GPU here"
    about = [("base, shared by all slots", mebibytes(plan.base.base_bytes)), ("memory there is", capacity)]
    if plan.processes and plan.processes > 1 and plan.together_bytes:
        all_of_them = f"all {plan.processes} workers on one machine, a slot each"
        about.append((all_of_them, f"{mebibytes(plan.together_bytes)}, the base counted once"))
    yield f"Memory per lane and worker (estimate; {NOT_SEEN})\n{table(about)}\n{table([title, *rows])}"
    unquantised = [method.name for method in plan.methods if method.quantization == "none"]
    if len(unquantised) < len(plan.methods) and unquantised:
        yield f"Trained on an unquantised copy, since its own weights move: {', '.join(unquantised)}"


def _memory_row(name: str, footprint: MethodFootprint) -> tuple[object, ...]:
    shared = (
        f"{mebibytes(footprint.slot_bytes)}, up to {footprint.in_a_pass}"
        if footprint.in_a_pass > 1
        else "none"
    )
    copy = " (a copy of its own)" if footprint.own_copy else ""
    fit = "unknown" if footprint.slots is None else f"{footprint.slots:,}"
    return name, mebibytes(footprint.lane_bytes) + copy, shared, mebibytes(footprint.kept_bytes), fit


def _evaluation(study: StudyConfig, plan: Plan) -> Iterator[str]:
    if not plan.evaluated_models:
        yield "Evaluation: none"
        return
    evaluate = study.evaluate
    rows = [
        (
            task.name,
            f"{task.problems} problems x {evaluate.samples} samples",
            f"{task.completions:,} programs to judge",
        )
        for task in plan.tasks
    ]
    yield (
        f"Evaluation of {evaluate.which}, about {plan.evaluated_models} models with the untuned one\n"
        + table(rows)
    )


def _detectable(study: StudyConfig, plan: Plan) -> Iterator[str]:
    now = plan.detectable
    if now is None:
        return
    asked = f"{now.problems} problems" + (f" in {now.units} groups" if now.units < now.problems else "")
    runs = f"{now.seeds} seeds" if now.seeds > 1 else "one training run"
    least, without_luck = (f"{100 * share:.0f} points" for share in (now.difference, now.without_luck))
    yield "\n".join(
        [
            "What it can tell",
            _wrapped(
                f"  On {plan.tasks[0].name}, by {asked} and {runs} of each, one test finds 80 % of the "
                f"differences of {least} between two methods. Without the luck of seeds and tuning it would "
                f"be {without_luck}."
            ),
            _wrapped(f"  {_half_words(study, now)}"),
        ]
    )


def _half_words(study: StudyConfig, now: Evaluation) -> str:
    half = now.halved
    if half is None:
        return "Half of it is out of reach of 10 seeds and 16 times the problems."
    asked = [f"evaluate.seeds {half.seeds}"] if half.seeds > now.seeds else []
    asked += [f"{half.problems:,} problems"] if half.problems > now.problems else []
    repeats = repeats_with_seeds(study, half.seeds) - repeats_with_seeds(study, now.seeds)
    steps = (
        f": at most {repeats} repeats, {repeats * study.training.max_steps:,} steps more" if repeats else ""
    )
    return f"Half of it takes {' and '.join(asked)}{steps}."
