"""How far the losses of trials in shared passes are from those of the same trials alone, by form of the base.

For each form (dtype, quantisation) and rate, the same trials of six methods train on the quickstart's rows:
in shared passes, and each in passes of its own. A trial that ends above the untuned base's loss is unstable,
and is counted but not compared. Figures are nats per token: of training losses the largest difference in all
steps, of validation losses after the last step the median and the largest. Beside them stand the median that
another seed makes, and whether both ways name the same best trial.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import torch

from astraios_ray.data.text_tokens import end_of_text
from astraios_ray.data.tokenise import Blocks
from astraios_ray.models.load_base import Base, load_base
from astraios_ray.records import DataRef, ModelRef, Recipe, TrialSpec, Value
from astraios_ray.training.pass_packing import ALONE, PassPacker
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.token_cache import token_cache
from astraios_ray.training.trial_trainer import TrialTrainer

FORMS = tuple((dtype, rounding) for rounding in ("none", "int8", "nf4") for dtype in ("fp32", "bf16"))
TRIALS: Sequence[tuple[str, Mapping[str, Value], Mapping[str, float]]] = (  # the quickstart's sizes and rates
    ("lora", {"r": 4, "alpha": 16}, {"middle": 1.2e-2, "highest": 5e-2}),
    ("lora", {"r": 16, "alpha": 16}, {"middle": 1.2e-2, "highest": 5e-2}),
    ("ia3", {}, {"middle": 4.5e-2, "highest": 2e-1}),
    ("p_tuning", {"virtual_tokens": 8}, {"middle": 9.5e-3, "highest": 3e-2}),
    ("adapter_h", {"bottleneck": 16}, {"middle": 1.2e-2, "highest": 5e-2}),
    ("adapter_p", {"bottleneck": 16}, {"middle": 1.2e-2, "highest": 5e-2}),
    ("parallel", {"bottleneck": 32}, {"middle": 1.2e-2, "highest": 5e-2}),
)
DATA = DataRef(
    "builtin:primer", validation_fraction=0.03, sequence_length=80, packing="rows", loss_on="completion"
)
ROOM = 1 << 14  # tokens of a shared pass: all trials fit
OTHER_SEED = 1000
IA3 = 2  # the number of a trial that starts at the untuned base's function
COLUMNS = "base | rate | stable | all steps | end, median | end, largest | other seed | best"


@dataclass(frozen=True)
class Curve:
    """One trial's training losses, and its validation loss after the last step."""

    training: Sequence[float]
    validation: float


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rows", type=int, default=4, help="of a step")
    parser.add_argument("--form", action="append", help="as bf16,nf4; all by default")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = Recipe(max_steps=options.steps, batch_size=options.rows, warmup_steps=3)
    print(f"| {COLUMNS} |\n|---|---{'|--:' * (COLUMNS.count('|') - 1)}|", flush=True)
    for dtype, quantization in [form.split(",") for form in options.form or map(",".join, FORMS)]:
        model = ModelRef("builtin:nano-s", dtype=dtype, quantization=quantization)
        base = load_base(model, "cpu", builtin_model)
        blocks = token_cache().blocks(DATA, base.tokenizer, end_of_text(base.tokenizer, model.id))
        for rate in ("middle", "highest"):
            print(
                f"| {dtype}, {quantization} | {rate} | {_figures(base, blocks, recipe, rate)} |", flush=True
            )


def _figures(base: Base, blocks: Blocks, recipe: Recipe, rate: str) -> str:
    untuned = TrialTrainer(base, blocks, specs(base.ref, recipe, rate)[IA3]).validate()
    shared, alone = (curves(base, blocks, specs(base.ref, recipe, rate), tokens) for tokens in (ROOM, ALONE))
    others = curves(base, blocks, specs(base.ref, recipe, rate, OTHER_SEED), ALONE)
    stable = [n for n, curve in enumerate(alone) if curve.validation < untuned]
    steps = [[abs(a - b) for a, b in zip(shared[n].training, alone[n].training, strict=True)] for n in stable]
    ends = [abs(shared[n].validation - alone[n].validation) for n in stable]
    seeds = [abs(others[n].validation - alone[n].validation) for n in stable]
    best = "same" if _best(shared) == _best(alone) else "other"
    figures = [max(map(max, steps)), median(ends), max(ends), median(seeds)]
    return " | ".join([f"{len(stable)} of {len(alone)}", *(f"{figure:.1g}" for figure in figures), best])


def curves(base: Base, blocks: Blocks, trials: Sequence[TrialSpec], tokens: int) -> list[Curve]:
    """The curves of ``trials`` in passes of up to ``tokens``. Raises the error of one that broke down."""
    trainers = [TrialTrainer(base, blocks, trial) for trial in trials]
    packer, losses = PassPacker(SingleProcess(), tokens), {id(trainer): list[float]() for trainer in trainers}
    for number in range(trials[0].recipe.max_steps + 1):  # the last is a validation
        for group in packer.groups(trainers):
            work = packer.validate if number == trials[0].recipe.max_steps else packer.step
            for trainer, result in zip(group, work(group), strict=True):
                if result.error:
                    raise result.error
                losses[id(trainer)].append(result.loss)
    return [Curve(training, validation) for *training, validation in (losses[id(t)] for t in trainers)]


def specs(model: ModelRef, recipe: Recipe, rate: str, seed: int = 0) -> list[TrialSpec]:
    """The trials at ``rate``, with seeds from ``seed`` on."""
    recipes = [replace(recipe, learning_rate=rates[rate]) for *_, rates in TRIALS]
    return [
        TrialSpec("shared", number, name, values, recipes[number], model, DATA, seed + number)
        for number, (name, values, _) in enumerate(TRIALS)
    ]


def _best(measured: Sequence[Curve]) -> int:
    return min(range(len(measured)), key=lambda number: measured[number].validation)


if __name__ == "__main__":
    main()
