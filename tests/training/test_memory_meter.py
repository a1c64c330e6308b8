"""Memory is counted for one trial at a time."""

from types import SimpleNamespace

from astraios_ray.training.memory_meter import MemoryMeter


class FakeCuda(SimpleNamespace):
    """Counts as torch.cuda does: the peak grows with what is allocated until it is reset."""

    peak = 0

    def allocate(self, mib: int) -> None:
        self.peak = max(self.peak, mib << 20)

    def reset_peak_memory_stats(self, device: str) -> None:
        self.peak = 0

    def max_memory_allocated(self, device: str) -> int:
        return self.peak


def test_the_peak_of_one_trial_is_not_that_of_the_trial_before() -> None:
    cuda = FakeCuda()
    meter = MemoryMeter("cuda:0", cuda)
    meter.begin()
    cuda.allocate(800)
    assert meter.mib() == 800
    meter.begin()
    cuda.allocate(300)
    assert meter.mib() == 300


def test_on_a_cpu_it_is_what_the_process_holds() -> None:
    meter = MemoryMeter("cpu")
    meter.begin()
    assert 10 < meter.mib() < 100_000
