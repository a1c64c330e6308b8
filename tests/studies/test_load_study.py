"""A study that rounds its base is told at once which of its methods cannot be trained beside that."""

from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.studies.load_study import read_study

STUDY = """\
version: 1
name: rounded
model: {id: "builtin:nano-s", dtype: fp32, quantization: nf4}
data: {train: builtin:primer}
budget: {trials: 4}
methods:
  full: {}
  ia3: {}
  lora: {init: [kaiming, pissa]}
  peft:PSOFT: {r: 4}
"""


def test_methods_that_need_exact_weights_are_refused_where_the_study_rounds_them(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(STUDY)
    with pytest.raises(ConfigError) as refused:
        read_study(file, ())
    message = str(refused.value)
    assert "init pissa decomposes the base's weights, which nf4 rounds" in message
    assert "'peft:PSOFT' computes with the base's weights, which nf4 rounds" in message
    assert "ia3" not in message and "full" not in message
    read_study(file, {"model.quantization": "none"})
