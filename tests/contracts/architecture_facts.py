"""What a tiny random model of an architecture can do, found out by a small study and a few comparisons.

Each function of COLUMNS answers one column of the table in docs/models.md.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers.utils import logging

from astraios_ray.data.tokenise import Blocks
from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.evaluation.batched_models import batched, evaluating, group_by_base
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate_all
from astraios_ray.evaluation.generation_cache import fills_a_cache
from astraios_ray.methods import load_tuned
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.models.load_base import load_base
from astraios_ray.records import ModelRef, Sampling, TrialState
from astraios_ray.shared_pass.padding_free import can_do_without_padding
from astraios_ray.studies.export import ExportRequest, ExportResult, write_export
from astraios_ray.training.passes import backward
from astraios_ray.training.trial_trainer import ADAPTER, TrialTrainer
from tests.contracts.transformers_calls import logits_of, loss_of, tokens_of_calls, tokens_of_generate
from tests.contracts.tried_model import Tried, move
from tests.fakes.tiny_t5 import pair_blocks
from tests.training import trials

EXACT, ROUNDED = 1e-6, 5e-6  # relative, of losses and of the length of all gradients, in float32
YES, NO, NONE = "yes", "no", "none"
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=12)
PROBLEMS = [Problem(text, text, {}) for text in ("def add(a, b)", "abc", "x = ", "a text of more than eight")]
SIMILAR, MANY = trials.few_blocks(), trials.ragged_blocks()  # lengths of rows
PAIRS = pair_blocks()  # of prompts and answers of many lengths


def planned(tried: Tried) -> str:
    """Which methods ``plan`` says can be put on the model."""
    if not tried.planned:
        return NO
    if not tried.refusals:
        return "all"
    fewer = len(tried.refusals) < len(tried.methods)
    return f"all but {', '.join(tried.refusals)}" if fewer else ", ".join(tried.methods)


def trained(tried: Tried) -> str:
    """Whether each of them was trained, in shared passes where it shares them, to a finite loss."""
    complete = [result for result in tried.record.results if result.state is TrialState.COMPLETE]
    return YES if {result.spec.method for result in complete} == set(tried.methods) else NO


def rows(tried: Tried) -> str:
    """Whether rows of many lengths are computed with their padding."""
    return "unpadded" if can_do_without_padding(tried.base.model) else "padded"


def shared_as_alone(tried: Tried) -> str:
    """Whether losses and gradients of trials that share a pass are those of passes of their own."""
    return _all(
        loss <= EXACT and gradient <= ROUNDED
        for blocks in _blocks(tried)
        for group in _groups(tried, blocks)
        for loss, gradient in _distances(group)
    )


def _blocks(tried: Tried) -> Sequence[Blocks]:
    return [PAIRS] if is_encoder_decoder(tried.base.model) else [SIMILAR, MANY]


def _groups(tried: Tried, blocks: Blocks) -> list[list[TrialTrainer]]:
    """Trainers of all methods but ``full``, those together that can share a pass."""
    groups: dict[object, list[TrialTrainer]] = {}
    for number, name in enumerate(name for name in tried.methods if name != "full"):
        trainer = TrialTrainer(tried.base, blocks, trials.trial(name, number=number, seed=number))
        move(trainer.tuned, number)
        groups.setdefault(trainer.shape, []).append(trainer)
    return list(groups.values())


def _distances(group: Sequence[TrialTrainer]) -> Iterator[tuple[float, float]]:
    """Of the loss and of the gradients of each trial."""
    alone = [(backward([each.training_parts()])[0], _gradients(each)) for each in group]
    shared = backward([each.training_parts() for each in group])
    for each, loss, (expected, gradients) in zip(group, shared, alone, strict=True):
        distance = float((_gradients(each) - gradients).norm() / gradients.norm())
        yield abs(loss - expected) / expected, distance


def _gradients(trainer: TrialTrainer) -> torch.Tensor:
    parameters = trainer.tuned.trainable().values()
    flat = torch.cat([p.grad.flatten() for p in parameters if p.grad is not None])
    trainer.forget_gradients()
    return flat


@torch.no_grad()
def loss_as_transformers(tried: Tried) -> str:
    """Whether the loss of each method is that of the model's own ``loss``, of rows padded and not."""
    return _all(
        abs(trainer.validate() - expected) <= EXACT * expected
        for blocks in _blocks(tried)
        for name in tried.methods
        for trainer in [TrialTrainer(tried.base, blocks, trials.trial(name))]
        for expected in [_own_loss(trainer, blocks)]
    )


def _own_loss(trainer: TrialTrainer, blocks: Blocks) -> float:
    rows = blocks.validation.at(torch.arange(len(blocks.validation)))
    with trainer.tuned.attached():
        return loss_of(trainer.tuned.model, rows)


@torch.no_grad()
def generates_as_transformers(tried: Tried) -> str:
    """Whether the base and all methods, in one batch, write the tokens of the model's own ``generate``."""
    models = [UntunedModel(tried.base.model), *tried.tuned.values()]
    with evaluating(tried.base.model) as one:
        yes = YES if fills_a_cache(one, torch.device("cpu")) else "slowly"
    answer = _all(
        written == [_own_texts(tried, models[index]) for index in group]
        for group in group_by_base(models)
        for written in [_texts(tried, [models[index] for index in group])]
    )
    return yes if answer == YES else answer


def _texts(tried: Tried, group: Sequence[TunedModel]) -> list[dict[str, str]]:
    texts: list[dict[str, str]] = [{} for _ in group]
    with batched(group) as models:
        asked = [PROBLEMS] * len(group)
        for owner, item in generate_all(models, tried.base.tokenizer, asked, GREEDY, (), rows_per_batch=9):
            texts[owner][item.problem] = item.text
    return texts


def _own_texts(tried: Tried, tuned: TunedModel) -> dict[str, str]:
    tokenizer, write = tried.base.tokenizer, tokens_of_calls if tuned.virtual_tokens else tokens_of_generate
    with tuned.attached():
        texts = {
            problem.id: write(tuned.model, ids, GREEDY.max_new_tokens)
            for problem in PROBLEMS
            for ids in [tokenizer(problem.prompt, return_tensors="pt")["input_ids"]]
        }
    return {id: tokenizer.decode(tokens, skip_special_tokens=True) for id, tokens in texts.items()}


@torch.no_grad()
def merges(tried: Tried) -> str:
    """Which methods fold into the weights, with the logits of the method beside them."""
    merged = []
    for name in ("lora", "ia3"):
        if name in tried.methods:
            folded: Any = tried.tuned[name].merge()
            with tried.tuned[name].attached():
                close = _close(logits_of(folded), logits_of(tried.tuned[name].model))
            merged += [name] if close else []
    return ", ".join(merged) or NONE


def exports_reload(tried: Tried) -> str:
    """Whether all exports, also merged ones, load by the Python of their README, with equal logits."""
    results = {result.spec.method: result for result in tried.record.results if result.checkpoint}
    return _all(
        _close(logits_of(_loaded(export)), expected)
        for name, result in results.items()
        for expected in [_of_checkpoint(tried, str(result.checkpoint.folder))]  # type: ignore[union-attr]  # has one
        for merge in ((False, True) if name in merges(tried) else (False,))
        for export in [
            write_export(ExportRequest(tried.record, result, tried.folder / f"{name}{merge}", merge))
        ]
    )


def _of_checkpoint(tried: Tried, folder: str) -> torch.Tensor:
    base = load_base(ModelRef(str(tried.folder / "model")))
    tuned = load_tuned(base.model, base.target_modules, Path(folder) / ADAPTER)
    with tuned.attached():
        return logits_of(tuned.model)


def _loaded(export: ExportResult) -> nn.Module:
    names: dict[str, Any] = {}
    logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(export.snippet, names)
    model: nn.Module = names["model"].eval()
    return model


def _close(logits: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool((logits - expected).abs().max() <= 1e-5 * expected.abs().max())


def _all(answers: Iterator[bool]) -> str:
    """Yes where there are answers and all are true."""
    found = list(answers)
    return YES if found and all(found) else NO


COLUMNS: Mapping[str, Callable[[Tried], str]] = {
    "plan": planned,
    "train": trained,
    "rows": rows,
    "shared": shared_as_alone,
    "loss": loss_as_transformers,
    "generate": generates_as_transformers,
    "merge": merges,
    "export": exports_reload,
}
