"""Schedulers that never pause: ASHA (Li et al. 2020), median stopping (Golovin et al. 2017), and none."""

from bisect import bisect_left, insort
from collections.abc import Sequence

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.scheduler import Action, Decision, drawn_for_audit, rungs


class _Asynchronous:
    """Judges each trial when it reports, against the trials that reached the same rung before it."""

    def __init__(
        self,
        config: EarlyStopConfig,
        max_steps: int,
        validate_every: int,
        seed: int,
        within_methods: bool = False,
    ) -> None:
        self.rungs = rungs(config, max_steps, validate_every)
        self._config, self._seed, self._within_methods = config, seed, within_methods
        self._group: dict[str, str] = {}  # by trial, the method whose trials it is compared with
        self._losses: dict[tuple[str, int], list[float]] = {}  # by group and step, ascending
        self._audited: set[str] = set()

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Note with which trials this one is compared; none waits for others of its bracket."""
        self._group[trial] = method if self._within_methods else ""

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Decide at once whether ``trial`` continues or stops."""
        if trial in self._audited:
            return [Decision(trial, Action.CONTINUE, audited=True)]
        peers = self._losses.setdefault((self._group.get(trial, ""), step), [])
        reason = self._reason_to_stop(loss, peers)
        insort(peers, loss)
        if not reason:
            return [Decision(trial, Action.CONTINUE)]
        if drawn_for_audit(trial, self._seed, self._config.audit_fraction):
            self._audited.add(trial)
            return [Decision(trial, Action.CONTINUE, audited=True)]
        return [Decision(trial, Action.STOP, f"loss {loss:.4f} at step {step}: {reason}")]

    def gone(self, trial: str) -> Sequence[Decision]:
        """Decide nothing: no trial waits for another."""
        return []

    def waiting_for(self) -> str:
        """Name running trials: this scheduler never waits for a rung."""
        return "running trials"

    def _reason_to_stop(self, loss: float, peers: list[float]) -> str:
        raise NotImplementedError


class Asha(_Asynchronous):
    """Stops a trial outside the best ``1/reduction`` of its rung so far (the stopping variant)."""

    def _reason_to_stop(self, loss: float, peers: list[float]) -> str:
        best = max(1, (len(peers) + 1) // self._config.reduction)
        quorum = len(peers) + 1 >= self._config.reduction
        is_behind = bisect_left(peers, loss) >= best  # so many peers have less loss
        return f"not among the best {best} of {len(peers) + 1}" if quorum and is_behind else ""


class MedianStop(_Asynchronous):
    """Stops a trial with a loss above the median of its peers at the same step, once there are three."""

    def _reason_to_stop(self, loss: float, peers: list[float]) -> str:
        if len(peers) < 3:
            return ""
        middle = (peers[(len(peers) - 1) // 2] + peers[len(peers) // 2]) / 2
        return f"behind the median {middle:.4f}" if loss > middle else ""


class NoStop(_Asynchronous):
    """Lets every trial train in full."""

    def _reason_to_stop(self, loss: float, peers: list[float]) -> str:
        return ""
