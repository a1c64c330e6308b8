"""The benchmark for a GPU runs through on a CPU, with a tiny shape."""

import torch

from astraios_ray.models.load_base import empty_from
from benchmarks.on_gpu import SHAPES, cases


def test_every_case_is_measured_on_both_kinds_of_base() -> None:
    torch.set_num_threads(1)
    found = cases("tiny", "cpu", rounds=1, sizes=[64])
    assert [case.case for case in found] == [
        "pack_train_bf16_64", "trial_memory_bf16", "pack_train_int8_64", "trial_memory_int8",
    ]  # fmt: skip
    assert all(case.baseline > 0 and case.ours > 0 for case in found)


def test_the_shape_has_as_many_parameters_as_starcoder_1b() -> None:
    count = sum(parameter.numel() for parameter in empty_from(SHAPES["starcoder-1b"]).parameters())
    assert 1.1e9 < count < 1.2e9  # 1,137,207,296 in the published weights
