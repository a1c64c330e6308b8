"""How surely a test is to find what there is, and how many trials a rank agreement needs for that."""

from math import atanh, ceil

from scipy import stats

LEVEL = 0.05  # of a two-sided test
POWER = 0.8
SPEARMAN_VARIANCE = 1.06  # of atanh(rho) times n - 3: Fieller, Hartley and Pearson 1957 (Biometrika 44)


def trials_to_tell(rho: float, threshold: float) -> int | None:
    """How many trials a 95 % interval of Spearman's ``rho`` needs to leave ``threshold`` on one side.

    None when the two are so close (within 0.02) that no usual study tells.
    """
    if abs(rho - threshold) < 0.02:
        return None
    distance = abs(atanh(min(max(rho, -0.999), 0.999)) - atanh(threshold))
    return ceil(3 + SPEARMAN_VARIANCE * (float(stats.norm.ppf(1 - LEVEL / 2)) / distance) ** 2)
