"""Sixteen adapters on one base generate: in one batch, against PEFT, one adapter at a time.

All generate the same greedy tokens, which is asserted. The baseline is PEFT's own model and transformers' own
``generate``, with all prompts of an adapter in one batch without padding; a second one is PEFT's batch of
mixed adapters (``adapter_names``), which knows LoRA alone. The mixed methods of the last case, of which PEFT
does not know all, generate through the same ``generate``, with their layers attached one after the other.
Two random models, one prompt of 64 tokens for each adapter, or eight; 32 new tokens. Figures are CPU time of
this process per token, in turns (A, B, A, B, ...), the median over the rounds; wall time is printed beside
it.
"""

import argparse
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import peft
import torch

from astraios_ray.evaluation.batched_models import batched
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate_all
from astraios_ray.methods import TunedModel, build
from astraios_ray.models.load_base import Base
from astraios_ray.records import Sampling, Value
from benchmarks.packed_training import MODELS, VOCABULARY
from benchmarks.results import Case, write_results

Kinds = Sequence[tuple[str, Mapping[str, Value]]]
NewTokens = list[list[list[int]]]  # by adapter and prompt, the new tokens

LORA: Kinds = tuple(("lora", {"r": (4, 8, 16, 32)[number % 4]}) for number in range(16))
MIXED: Kinds = (
    *(("lora", {"r": r}) for r in (4, 8, 16, 32)),
    *(("ia3", {}) for _ in range(3)),
    *((name, {"bottleneck": n}) for name in ("adapter_h", "adapter_p", "parallel") for n in (16, 32)),
    *(("p_tuning", {"virtual_tokens": n}) for n in (8, 8, 16)),
)
SIZES = (("nano-s", 1), ("nano-s", 8), ("wide", 1))  # the model, prompts for each adapter
PROMPT, NEW = 64, 32  # tokens
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=NEW)
TARGET, TARGET_MIXED_BATCH = 4.0, 1.5  # times as fast
LIMIT = "the base's own work on one row, over its work on a row among many"


class Numbers:
    """A tokenizer whose text is the tokens' numbers. No token ends a text."""

    eos_token_id = -1

    def __call__(self, texts: Sequence[str], **_: Any) -> dict[str, list[list[int]]]:
        """The numbers that each text names."""
        ids = [[int(number) for number in text.split()] for text in texts]
        return {"input_ids": ids, "special_tokens_mask": [[0] * len(text_ids) for text_ids in ids]}

    def decode(self, tokens: Sequence[int], skip_special_tokens: bool = False) -> str:
        """The numbers, each after a space."""
        return "".join(f" {token}" for token in tokens)

    def batch_decode(self, texts: Sequence[Sequence[int]]) -> list[str]:
        """The text of each sequence of tokens."""
        return [self.decode(text) for text in texts]


def main() -> None:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="peft")
    cases: list[Case] = []
    for name, count in SIZES:
        cases += _lora(name, count, options.rounds)
        cases.append(_mixed(name, count, options.rounds))
    print(f"written to {write_results(cases)}")


def _lora(name: str, count: int, rounds: int) -> list[Case]:
    base, prompts = MODELS[name](), _prompts(count)
    tuned = _tuned(base, LORA)
    with tempfile.TemporaryDirectory() as folder:
        peft_model = _peft(MODELS[name](), tuned, Path(folder))
    case = f"gen_16_lora_{name}_{count}"
    ours, one_by_one, in_one = _measured(
        case,
        [
            lambda: _ours(tuned, prompts),
            lambda: [_one_of_peft(peft_model, number, prompts) for number in range(len(tuned))],
            lambda: _all_of_peft(peft_model, len(tuned), prompts),
        ],
        rounds,
    )
    return [
        Case(case, one_by_one, ours, "CPU ms a token", one_by_one / ours, TARGET, LIMIT),
        Case(
            f"{case}_vs_adapter_names",
            in_one,
            ours,
            "CPU ms a token",
            in_one / ours,
            TARGET_MIXED_BATCH,
            "the adapters' own products",
        ),
    ]


def _mixed(name: str, count: int, rounds: int) -> Case:
    base, prompts = MODELS[name](), _prompts(count)
    tuned = _tuned(base, MIXED)
    case = f"gen_16_mixed_{name}_{count}"
    ways = [lambda: _ours(tuned, prompts), lambda: [_attached(each, prompts) for each in tuned]]
    ours, one_by_one = _measured(case, ways, rounds)
    return Case(case, one_by_one, ours, "CPU ms a token", one_by_one / ours, TARGET, LIMIT)


def _measured(case: str, ways: Sequence[Callable[[], NewTokens]], rounds: int) -> list[float]:
    """CPU milliseconds a token of each way, the median after a first round; all must generate the same."""
    cpus, walls = [[[0.0] * 0 for _ in ways] for _ in range(2)]
    for number in range(rounds + 1):
        outputs: list[NewTokens] = []
        for way, cpu, wall in zip(ways, cpus, walls, strict=True):
            walled, started = perf_counter(), process_time()
            outputs.append(way())
            if number:
                tokens = NEW * sum(len(rows) for rows in outputs[0])
                cpu.append(1000 * (process_time() - started) / tokens)
                wall.append(1000 * (perf_counter() - walled) / tokens)
        assert all(output == outputs[0] for output in outputs), f"{case}: other tokens"
        assert len({str(rows) for rows in outputs[0]}) > 1, f"{case}: every adapter writes the same"
    ours, *baselines = (median(cpu) for cpu in cpus)
    figures = ", ".join(f"{median(c):.2f} (wall {median(w):.2f})" for c, w in zip(cpus, walls, strict=True))
    print(
        f"{case}: CPU ms a token {figures}; {', '.join(f'{o / ours:.2f}' for o in baselines)} times",
        flush=True,
    )
    return [ours, *baselines]


def _prompts(count: int) -> torch.Tensor:
    return torch.randint(VOCABULARY, (count, PROMPT), generator=torch.Generator().manual_seed(count))


def _tuned(base: Base, kinds: Kinds) -> list[TunedModel]:
    """The methods with noise on their parameters, since some do nothing at their start."""
    noise = torch.Generator().manual_seed(0)
    tuned = []
    for seed, (name, values) in enumerate(kinds):
        each = build(name, values).apply(base.model, base.target_modules, seed)
        with torch.no_grad():
            for parameter in each.trainable().values():
                parameter.add_(0.05 * torch.randn(parameter.shape, generator=noise))
        tuned.append(each)
    return tuned


def _ours(tuned: Sequence[TunedModel], prompts: torch.Tensor) -> NewTokens:
    problems = [
        Problem(str(number), Numbers().decode(prompt), {}) for number, prompt in enumerate(prompts.tolist())
    ]
    texts: dict[tuple[int, str], str] = {}
    with batched(tuned) as models:
        for model, item in generate_all(models, Numbers(), [problems] * len(tuned), GREEDY, ()):
            texts[model, item.problem] = item.text
    return [
        [[int(token) for token in texts[model, problem.id].split()] for problem in problems]
        for model in range(len(tuned))
    ]


def _generated(model: Any, prompts: torch.Tensor, **options: Any) -> list[list[int]]:
    tokens = model.generate(
        input_ids=prompts, attention_mask=torch.ones_like(prompts), do_sample=False, use_cache=True,
        max_new_tokens=NEW, min_new_tokens=NEW, eos_token_id=None, pad_token_id=0, **options,
    )  # fmt: skip
    new_tokens: list[list[int]] = tokens[:, prompts.shape[1] :].tolist()
    return new_tokens


@torch.inference_mode()
def _attached(tuned: TunedModel, prompts: torch.Tensor) -> list[list[int]]:
    with tuned.attached():
        return _generated(tuned.model.eval(), prompts)


def _peft(base: Base, tuned: Sequence[TunedModel], folder: Path) -> Any:
    """PEFT's model with the same adapters."""
    for number, each in enumerate(tuned):
        each.save(folder / str(number))
    model: Any = peft.PeftModel.from_pretrained(base.model, str(folder / "0"), adapter_name="0")
    for number in range(1, len(tuned)):
        model.load_adapter(str(folder / str(number)), adapter_name=str(number))
    return model.eval()


@torch.inference_mode()
def _one_of_peft(model: Any, number: int, prompts: torch.Tensor) -> list[list[int]]:
    model.set_adapter(str(number))
    return _generated(model, prompts)


@torch.inference_mode()
def _all_of_peft(model: Any, adapters: int, prompts: torch.Tensor) -> NewTokens:
    names = [str(number) for number in range(adapters) for _ in prompts]
    rows = _generated(model, prompts.repeat(adapters, 1), adapter_names=names)
    return [rows[start : start + len(prompts)] for start in range(0, len(rows), len(prompts))]


if __name__ == "__main__":
    main()
