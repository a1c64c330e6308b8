"""The rules that never wait: ASHA (Li et al. 2020), the median rule (Golovin et al. 2017), and none."""

from collections.abc import Sequence
from statistics import median

from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.scheduler import Action, Decision, drawn_for_audit, rungs


class _Asynchronous:
    """Judges each trial when it arrives, against those that came to the same rung before it."""

    def __init__(self, rule: EarlyStopConfig, max_steps: int, validate_every: int, seed: int) -> None:
        self.rungs = rungs(rule, max_steps, validate_every)
        self._rule, self._seed = rule, seed
        self._losses: dict[int, list[float]] = {}
        self._audited: set[str] = set()

    def enter(self, trial: str, method: str, bracket: int) -> None:
        """Nothing to prepare."""

    def report(self, trial: str, step: int, loss: float) -> Sequence[Decision]:
        """Go on or stop, at once."""
        if trial in self._audited:
            return [Decision(trial, Action.CONTINUE, audited=True)]
        peers = self._losses.setdefault(step, [])
        behind = self._behind(loss, peers)
        peers.append(loss)
        if not behind:
            return [Decision(trial, Action.CONTINUE)]
        if drawn_for_audit(trial, self._seed, self._rule.audit_fraction):
            self._audited.add(trial)
            return [Decision(trial, Action.CONTINUE, audited=True)]
        return [Decision(trial, Action.STOP, f"loss {loss:.4f} at step {step}: {behind}")]

    def gone(self, trial: str) -> Sequence[Decision]:
        """Nobody waits for it."""
        return []

    def waiting_for(self) -> str:
        """Never for a rung."""
        return "running trials"

    def _behind(self, loss: float, peers: list[float]) -> str:
        raise NotImplementedError


class Asha(_Asynchronous):
    """Stops a trial outside the best ``1/reduction`` seen at its rung so far (the stopping variant)."""

    def _behind(self, loss: float, peers: list[float]) -> str:
        best = sorted([*peers, loss])[: max(1, (len(peers) + 1) // self._rule.reduction)]
        enough = len(peers) + 1 >= self._rule.reduction
        return f"not among the best {len(best)} of {len(peers) + 1}" if enough and loss > best[-1] else ""


class MedianStop(_Asynchronous):
    """Stops a trial that is behind the median of its peers at the same step, once there are three."""

    def _behind(self, loss: float, peers: list[float]) -> str:
        return f"behind the median {median(peers):.4f}" if len(peers) >= 3 and loss > median(peers) else ""


class NoStop(_Asynchronous):
    """Lets every trial finish."""

    def _behind(self, loss: float, peers: list[float]) -> str:
        return ""
