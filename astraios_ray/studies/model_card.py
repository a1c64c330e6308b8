"""The README.md of an exported folder: what it holds, how it came to be, how it is loaded."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from astraios_ray.models.model_source import Source, fingerprint
from astraios_ray.records import Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import interval, leaderboard
from astraios_ray.report.sections.pairwise import gain_words
from astraios_ray.report.wording import count, denominator, loss, with_interval
from astraios_ray.search.recorded_study import read_contents


class Form(StrEnum):
    """Who can load the folder."""

    PEFT = "peft"  # peft, beside the base
    OURS = "astraios-ray"  # this package, beside the base
    WHOLE = "transformers"  # transformers alone: the base's weights are inside


@dataclass(frozen=True)
class ModelCard:
    """The facts that the README is made of."""

    record: StudyRecord
    result: TrialResult
    step: int
    form: Form
    base: Source
    folder: Path
    auto_class: str = "AutoModelForCausalLM"  # of transformers, that loads the model

    def text(self) -> str:
        """The Markdown of the file."""
        spec = self.result.spec
        parts = [
            *self._front_matter(),
            f"# {spec.label}",
            self._what(),
            *self._warnings(),
            f"## Load\n\n```python\n{self.snippet()}\n```",
            "\n".join(["## How it was trained", "", "| | |", "|---|---|", *self._facts()]),
            "\n".join(["## How good it is", "", *self._quality()]),
            "The whole trial is in `spec.json`.",
        ]
        return "\n\n".join(parts) + "\n"

    def snippet(self) -> str:
        """Python that loads the folder, from wherever it is now."""
        path = json.dumps(str(self.folder.resolve()))
        if self.form is Form.OURS:
            return (
                "from astraios_ray.trial.exported import load_exported\n"
                f"model, tokenizer = load_exported({path})"
            )
        if self.form is Form.WHOLE:
            return (
                f"from transformers import {self.auto_class}, AutoTokenizer\n"
                f"model = {self.auto_class}.from_pretrained({path})\n"
                f"tokenizer = AutoTokenizer.from_pretrained({path})"
            )
        revision = f", revision={json.dumps(self.base.revision)}" if self.base.revision else ""
        base = f"{self.auto_class}.from_pretrained({json.dumps(self.base.name)}{revision})"
        return (
            "from peft import PeftModel\n"
            f"from transformers import {self.auto_class}\n"
            f"model = PeftModel.from_pretrained({base}, {path})"
        )

    def _front_matter(self) -> list[str]:
        """The header that a model hub reads; it can name only a base that is on a hub."""
        if self.base.folder or self.form is Form.OURS:
            return []
        return [f"---\nbase_model: {self.base.name}\nlibrary_name: {self.form.value}\n---"]

    def _what(self) -> str:
        spec = self.result.spec
        kind = {
            Form.PEFT: f"An adapter (`{spec.method}`) in peft's layout, to be put on its base model.",
            Form.OURS: f"An adapter (`{spec.method}`), to be put on its base model by astraios-ray.",
            Form.WHOLE: f"A whole model of transformers, tuned by `{spec.method}`, with its tokenizer.",
        }
        return f"{kind[self.form]} Trial {spec.id} of the study `{spec.study}`."

    def _warnings(self) -> Iterator[str]:
        spec = self.result.spec
        if self.step < spec.recipe.max_steps:
            yield (
                f"**Not trained to the end:** step {self.step} of {spec.recipe.max_steps}; the trial is "
                f"{self.result.state.value}."
            )
        folded = self.form is Form.WHOLE and not spec.traits.trains_whole_model
        if spec.model.dtype == "bf16" and folded:
            yield "Folded into bf16 weights, which rounds: its answers differ a little from the adapter's."
        if spec.model.quantization != "none" and self.form is not Form.WHOLE:
            yield (
                f"It was trained beside a base rounded to {spec.model.quantization}; beside another form of "
                "the base its answers differ a little. `astraios_ray.trial.exported.load_exported` loads the "
                "base as it was."
            )

    def _facts(self) -> Iterator[str]:
        spec = self.result.spec
        yield f"| base model | `{spec.model.id}` |"
        yield f"| its revision | `{self._revision()}` |"
        yield f"| dtype, quantization | {spec.model.dtype}, {spec.model.quantization} |"
        yield f"| method | `{spec.method}` |"
        for name, value in spec.hyperparameters.items():
            yield f"| {name} | {value} |"
        for name, value in asdict(spec.recipe).items():
            yield f"| {name} | {value} |"
        yield f"| seed | {spec.seed} |"
        yield f"| data | `{spec.data.name}` |"
        yield f"| template | {'Jinja, in spec.json' if '{' in spec.data.template else spec.data.template} |"
        yield f"| trainable parameters | {count(self.result.cost.trainable_parameters)} |"

    def _revision(self) -> str:
        """The digest or commit of the base in the study; of an older study without it, that of now."""
        contents = read_contents(Path(self.record.folder)).get("model", {})
        now = fingerprint(self.base.folder) if self.base.folder else str(self.base.revision)
        return str(contents.get("weights") or contents.get("commit") or now)

    def _quality(self) -> Iterator[str]:
        last = self.result.last
        if last:
            yield f"* validation loss {loss(last.loss)} nats per token at step {last.step}"
        for score in self.result.scores:
            yield f"* {_scored(score)}"
        for score in self.record.base_scores:
            yield f"* the untuned base: {_scored(score)}"
        gain = gain_words(leaderboard(self.record), self.result.spec.id)
        if gain:
            yield f"* {gain}"


def _scored(score: Score) -> str:
    metrics = ", ".join(
        f"{name.replace('pass_at_', 'pass@')} {with_interval(value, interval(score, name))}"
        for name, value in score.metrics.items()
    )
    return f"{score.evaluator}: {metrics} ({denominator(score)})"
