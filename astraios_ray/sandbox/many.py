"""Run many checks on the cores of this machine; equal checks are run once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, Execution, Limits, Sandbox

ATTEMPTS = 3  # to judge one check, when the sandbox breaks


def check_many(
    sandbox: Sandbox, checks: Sequence[Check], jobs: int, limits: Limits | None = None
) -> Iterator[Execution]:
    """How each check ended, in order, as soon as it is known. More ``jobs`` than cores are no faster.

    UNSCORED is no verdict: the sandbox broke at this check three times, each time in another jail, or the
    check's own test cannot be run. SandboxUnavailable passes through.
    """
    with ThreadPoolExecutor(jobs, thread_name_prefix="judge") as pool:
        futures: dict[Check, Future[Execution]] = {}
        for check in checks:
            if check not in futures:
                futures[check] = pool.submit(_checked, sandbox, check, limits or Limits())
        try:
            for check in checks:
                yield futures[check].result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _checked(sandbox: Sandbox, check: Check, limits: Limits) -> Execution:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return sandbox.run_checks([check], limits)[0]
        except DataError as error:
            return Execution(Outcome.UNSCORED, str(error)[:300])
        except SandboxError as error:
            if attempt == ATTEMPTS:
                return Execution(Outcome.UNSCORED, str(error)[:300])
    raise AssertionError("unreachable")
