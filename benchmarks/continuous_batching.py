"""Our generation loop against transformers' continuous batching (``generate_batch``), one model, on a CPU.

Both generate the same greedy texts, which is asserted. Two models: the embedded nano-s on the prompts of
primer, whose texts end where the model ends them, and a wide random model on random prompts of several
lengths. Figures are CPU and wall seconds of this process, in turns, the median over the rounds after a first
one. ``generate_batch`` has a cache of the size that the prompts need; by default it takes nine tenths of the
free memory (``--defaults``).
"""

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from astraios_ray.data.templates import ASTRAIOS, encode_in, question_of
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.models.load_base import load_base
from astraios_ray.records import ModelRef, Sampling
from astraios_ray.training.pretrain import builtin_model
from benchmarks.generation import Numbers
from benchmarks.packed_training import MODELS, VOCABULARY

NEW = 64  # tokens
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=NEW)
SETTINGS: Mapping[str, Any] = {"num_blocks": 64, "max_batch_tokens": 64, "page_size": 128}
Texts = dict[str, str]  # by problem


@dataclass(frozen=True)
class Task:
    """A model, its tokenizer and what it answers."""

    model: Any
    tokenizer: Any
    problems: Sequence[Problem]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--defaults", action="store_true", help="generate_batch with its default settings")
    options = parser.parse_args()
    torch.set_num_threads(1)
    settings = {} if options.defaults else SETTINGS
    for name, task in (("nano-s", _embedded()), ("wide", _wide())):
        ours, theirs = _measured(task, settings, options.rounds)
        print(f"{name}, {len(task.problems)} prompts: {ours} and {theirs} (CPU and wall s, ours and theirs)")


def _embedded() -> Task:
    base = load_base(ModelRef("builtin:nano-s"), builtin=builtin_model)
    return Task(base.model, base.tokenizer, list(read_problems("primer").values()))


def _wide() -> Task:
    numbers = random.Random(0)
    lengths = [numbers.randrange(32, 64) for _ in range(64)]
    texts = [" ".join(str(numbers.randrange(VOCABULARY)) for _ in range(length)) for length in lengths]
    problems = [Problem(str(number), text, {}) for number, text in enumerate(texts)]
    return Task(MODELS["wide"]().model, Numbers(), problems)


def _measured(task: Task, settings: Mapping[str, Any], rounds: int) -> list[tuple[float, float]]:
    ways = (lambda: _ours(task), lambda: _theirs(task, settings))
    seconds = [[_timed(way) for way in ways] for _ in range(rounds + 1)][1:]
    assert _ours(task) == _theirs(task, settings), "other texts"
    return [
        (round(median(s[way][0] for s in seconds), 3), round(median(s[way][1] for s in seconds), 3))
        for way in (0, 1)
    ]


def _timed(way: Callable[[], Texts]) -> tuple[float, float]:
    started, wall = process_time(), perf_counter()
    way()
    return process_time() - started, perf_counter() - wall


def _ours(task: Task) -> Texts:
    completions = generate(task.model, task.tokenizer, task.problems, GREEDY, ())
    return {completion.problem: completion.text for completion in completions}


def _theirs(task: Task, settings: Mapping[str, Any]) -> Texts:
    eos = task.tokenizer.eos_token_id
    config = GenerationConfig(max_new_tokens=NEW, do_sample=False, eos_token_id=eos, pad_token_id=0)
    texts = [ASTRAIOS.asked(question_of(problem.prompt)) for problem in task.problems]
    encoded = encode_in(ASTRAIOS, task.tokenizer, texts)
    prompts = {problem.id: tokens.ids for problem, tokens in zip(task.problems, encoded, strict=True)}
    outputs = task.model.generate_batch(
        list(prompts.values()), config, ContinuousBatchingConfig(**settings), warmup=False
    )
    tokens = {tuple(output.prompt_ids): output.generated_tokens for output in outputs.values()}
    return {name: _text(task.tokenizer, ids, tokens[tuple(ids)]) for name, ids in prompts.items()}


def _text(tokenizer: Any, prompt: list[int], tokens: list[int]) -> str:
    end = tokens.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in tokens else len(tokens)
    return str(tokenizer.decode([*prompt, *tokens[:end]])[len(tokenizer.decode(prompt)) :])


if __name__ == "__main__":
    main()
