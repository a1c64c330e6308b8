"""Where methods differ in anything but the method itself: each difference has a name."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from astraios_ray.report.analysis.conditions import RECIPE, MethodConditions
from astraios_ray.report.wording import count, listed, plural, rate

MORE_TRIALS = 1.5  # times as many as the method with the fewest
NARROW = 0.75  # of the median of decades of the other methods


@dataclass(frozen=True)
class Unfairness:
    """One difference: its name, the methods that it sets apart, and a sentence about it."""

    name: str
    methods: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Fairness:
    """The conditions of every method, and where they are unequal."""

    methods: tuple[MethodConditions, ...]
    warnings: tuple[Unfairness, ...]


def fairness(methods: Sequence[MethodConditions]) -> Fairness:
    """The check of a study. A study of one method compares nothing, so it has no warning."""
    warnings = (warning for check in CHECKS for warning in check(methods)) if len(methods) > 1 else ()
    return Fairness(tuple(methods), tuple(warnings))


def groups(
    methods: Sequence[MethodConditions], value_of: Callable[[MethodConditions], Hashable]
) -> dict[Hashable, list[str]]:
    """The methods by a value of theirs, the value of most last. Methods without a value are left out."""
    by_value: dict[Hashable, list[str]] = {}
    for each in methods:
        if (value := value_of(each)) not in (None, ""):
            by_value.setdefault(value, []).append(each.method)
    return dict(sorted(by_value.items(), key=lambda item: len(item[1])))


def _unequal(
    methods: Sequence[MethodConditions],
    name: str,
    title: str,
    value_of: Callable[[MethodConditions], Hashable],
    advice: str,
) -> Iterator[Unfairness]:
    """A warning where ``value_of``, a text, is not the same for all methods."""
    by_value = groups(methods, value_of)
    if len(by_value) > 1:
        parts = [f"{value} for {listed(members)}" for value, members in by_value.items()]
        apart = tuple(member for members in list(by_value.values())[:-1] for member in members)
        yield Unfairness(name, apart, f"{title}: {'; '.join(parts)}. {advice}")


def _recipe(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    for field in RECIPE:
        yield from _unequal(
            methods,
            f"unequal_{field}",
            f"Different {field.replace('_', ' ')}",
            partial(_recipe_value, field),
            f"Write {field} under training, for all methods.",
        )


def _recipe_value(field: str, each: MethodConditions) -> str | None:
    return (each.recipe or {}).get(field)


def _precision(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    yield from _unequal(
        methods,
        "unequal_precision",
        "What is trained is stored in different precisions",
        precision_words,
        "Small updates are lost in narrow types.",
    )


def _base(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    yield from _unequal(
        methods,
        "unequal_base",
        "The base differs in precision",
        lambda each: each.base,
        "A quantised base costs quality that the method is not to blame for.",
    )


def _texts(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    yield from _unequal(
        methods,
        "unequal_template",
        "Texts are written by different templates",
        template_words,
        "Write data.template once, for all methods.",
    )
    yield from _unequal(
        methods,
        "unequal_bos",
        "Special tokens before a training text differ",
        lambda each: front_words(each.text_front),
        "All methods should train on the same tokens.",
    )
    for each in methods:
        trained, prompts = front_words(each.text_front), front_words(each.prompt_front)
        if trained and prompts and trained != prompts:
            yield Unfairness(
                "bos_not_as_trained",
                (each.method,),
                f"{each.method} was trained with {trained} before a text and is asked with {prompts}. "
                "Use one version of the program for both.",
            )


def _trials(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    fewest = min(methods, key=lambda each: each.trials)
    more = [e for e in methods if e.trials > MORE_TRIALS * fewest.trials and e.trials > fewest.trials + 1]
    if more:
        counts = listed([f"{each.method} {each.trials}" for each in more])
        yield Unfairness(
            "unequal_trials",
            tuple(each.method for each in more),
            f"{fewest.method} has {plural(fewest.trials, 'trial')}, {counts}: the best of more "
            "trials is better by luck alone.",
        )


def _enqueued(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    favoured = [each for each in methods if each.enqueued]
    if favoured and len(favoured) < len(methods):
        names = listed([each.method for each in favoured])
        yield Unfairness(
            "unequal_enqueue",
            tuple(each.method for each in favoured),
            f"The study gives points to {names} alone (enqueue): what was learnt elsewhere helps these "
            "methods only.",
        )


def _rates(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    decades = {each.method: each.decades for each in methods if each.decades is not None}
    fixed = [method for method, width in decades.items() if width == 0]
    if 0 < len(fixed) < len(decades):
        yield Unfairness(
            "fixed_learning_rate",
            tuple(fixed),
            f"The learning rate is fixed for {listed(fixed)} and searched for other methods: give each a "
            "range.",
        )
    for method, width in decades.items():
        others = median([w for other, w in decades.items() if other != method and w] or [0.0])
        if 0 < width < NARROW * others:
            yield Unfairness(
                "narrow_learning_rates",
                (method,),
                f"The learning rates of {method} span {width:.1f} decades, those of others "
                f"{others:.1f} in the median: its best may lie outside. Widen its range.",
            )


def _edges(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    for each in methods:
        if each.at_edge and each.learning_rates:
            low, high = map(rate, each.learning_rates)
            yield Unfairness(
                "learning_rate_at_edge",
                (each.method,),
                f"The best learning rate of {each.method}, {rate(each.best_rate)}, lies at an end of {low} "
                f"to {high}: a better one may lie outside. Move its range.",
            )


def _sizes(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    fixed = [each.method for each in methods if each.size_values == 1]
    searched = [each.method for each in methods if each.size_values and each.size_values > 1]
    if fixed and searched:
        yield Unfairness(
            "fixed_size",
            tuple(fixed),
            f"The size (rank, bottleneck, virtual tokens) is fixed for {listed(fixed)} and searched for "
            f"{listed(searched)}. Search it for all, or fix it for all.",
        )


def _reach(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    """Fused experts and recurrent layers: they belong to the model, and adapters leave them as they are."""
    limited = [each for each in methods if each.out_of_reach]
    kinds = dict.fromkeys(kind for each in limited for kind in each.out_of_reach)
    if limited:
        names = [each.method for each in limited]
        yield Unfairness(
            "weights_out_of_reach",
            tuple(names),
            f"A large part of the model, {listed(list(kinds))}, is no linear layer of attention or MLP: "
            f"{listed(names)} cannot change it; full can.",
        )


def _lengths(methods: Sequence[MethodConditions]) -> Iterator[Unfairness]:
    short = [each for each in methods if each.full_length == 0 and each.steps]
    if short and any(each.full_length for each in methods):
        reached = listed([f"{each.method} ({count(each.steps[1])} steps)" for each in short if each.steps])
        yield Unfairness(
            "no_full_length",
            tuple(each.method for each in short),
            f"No trial reached the last step: {reached}. A method that begins slowly was judged early; "
            "early_stop.keep_per_method keeps the best of each.",
        )


def precision_words(each: MethodConditions) -> str:
    """``float32, moments float32``."""
    moments = f", moments {each.moments}" if each.moments else ""
    return f"{each.weights}{moments}" if each.weights else ""


def template_words(each: MethodConditions) -> str:
    """The template on one line."""
    return " ".join(each.template.split())


def front_words(front: tuple[str, ...] | None) -> str:
    """The special tokens as people read them; empty where they are not known."""
    return "" if front is None else " ".join(front) or "no special token"


CHECKS: tuple[Callable[[Sequence[MethodConditions]], Iterator[Unfairness]], ...] = (
    _precision, _base, _texts, _recipe, _trials, _enqueued, _rates, _edges, _sizes, _lengths, _reach
)  # fmt: skip
