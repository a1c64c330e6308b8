"""``astraios-ray reproduce``: whether a trial comes out as it is recorded."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import Any

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import changes_option, json_option, with_sandbox
from astraios_ray.report.analysis.reproduction import Match, Reproduction, ScoredAgain
from astraios_ray.report.wording import finite, loss, percent, plural, title, with_interval

DIFFERENT = 1  # exit code


@click.command()
@click.argument("run")
@click.argument("trial")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    metavar="X",
    help="Largest difference of a loss, as a share of it. Default: 0.001, or 0.01 of bf16 and rounded bases.",
)
@click.option("--losses-only", is_flag=True, help="Train it again, but ask it no problems.")
@click.option("--device", help="A torch device. Default: cuda where there is one, else cpu.")
@changes_option
@with_sandbox
@json_option
def reproduce(
    run: str,
    trial: str,
    tolerance: float | None,
    losses_only: bool,
    device: str | None,
    despite_changes: bool,
    kind: str,
    consent: str | None,
    as_json: bool,
) -> int:
    """Run TRIAL of the study in RUN again, from its record, and say whether it comes out the same.

    TRIAL is an id, a label, or a method's name for its best trial. It is trained in this process, as far as
    it got, and scored on what it was scored on. Losses must agree within a tolerance, scores lie in their
    recorded 95 % intervals. Exit code 0: it matches, 1: it does not. The run folder stays as it is.
    Where model, rows or evaluators have changed since, that is said and nothing is trained.
    """
    comparison = ar.reproduce(
        run,
        trial,
        tolerance=tolerance,
        losses_only=losses_only,
        device=device,
        despite_changes=despite_changes,
        sandbox=kind,
        consent=consent,
    )
    click.echo(
        json.dumps(_plain(comparison), indent=2, allow_nan=False)
        if as_json
        else "\n".join(_lines(comparison))
    )
    return DIFFERENT if comparison.match is Match.DIFFERENT else 0


WORDS = {
    Match.SAME: "comes out the same, to the last bit",
    Match.WITHIN: "comes out within what is allowed",
    Match.DIFFERENT: "comes out different",
}


def _lines(comparison: Reproduction) -> Iterator[str]:
    yield f"{comparison.label} {WORDS[comparison.match]}."
    then, now = comparison.ended
    yield f"  ended: {then.value}, again {now.value}{f' ({comparison.reason})' if comparison.reason else ''}"
    if comparison.furthest:
        yield f"  losses: {_loss_words(comparison)}"
    for score in comparison.scores:
        yield f"  {_score_words(score)}"
    if comparison.changed and comparison.match is not Match.SAME:
        yield "  made with other things than then: " + "; ".join(
            f"{name} {before}, now {after}" for name, (before, after) in comparison.changed.items()
        )


def _loss_words(comparison: Reproduction) -> str:
    furthest = comparison.furthest
    assert furthest
    of = f"{plural(len(comparison.losses), 'validation')}"
    if comparison.match_of_losses is Match.SAME:
        return f"all of {of} are equal; the last is {loss(comparison.losses[-1].recorded)}"
    difference = f"{100 * furthest.apart:.2g} %" if isfinite(furthest.apart) else "beyond measure"
    return (
        f"of {of} the one at step {furthest.step} differs most, {loss(furthest.recorded)} then and "
        f"{loss(furthest.again)} now: {difference}, allowed are {100 * comparison.tolerance:g} %"
    )


def _score_words(score: ScoredAgain) -> str:
    then = with_interval(score.recorded, score.interval)
    moved = f"{score.problems} of {plural(score.of, 'problem')} answered otherwise"
    outside = ", outside" if score.match is Match.DIFFERENT else ""
    return f"{title(score.metric)} on {score.task}: {then} then, {percent(score.again)} now{outside}; {moved}"


def _plain(comparison: Reproduction) -> dict[str, Any]:
    """The comparison as plain values; a loss that is no number is null."""
    furthest = comparison.furthest
    return {
        "trial": comparison.trial,
        "label": comparison.label,
        "match": comparison.match.value,
        "tolerance": comparison.tolerance,
        "ended": [state.value for state in comparison.ended],
        "reason": comparison.reason,
        "furthest": finite(furthest.apart) if furthest else None,
        "losses": [
            {name: finite(value) for name, value in asdict(entry).items()} for entry in comparison.losses
        ],
        "scores": [{**asdict(entry), "match": entry.match.value} for entry in comparison.scores],
        "changed": {name: list(values) for name, values in comparison.changed.items()},
    }
