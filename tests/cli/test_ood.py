from astraios_ray.cli.ood import as_text
from astraios_ray.report.analysis.out_of_distribution import RegionScore


def cell(training_set: str, value: float, ratio: float | None, method: str = "lora") -> RegionScore:
    return RegionScore(method, training_set, "primer", "pass_at_1", "region", value, None, 10, ratio, "t0000")


def test_methods_stand_in_lines_and_training_sets_in_columns() -> None:
    cells = [cell("full", 0.1, None, "base"), cell("full", 0.4, None), cell("ood", 0.1, 0.25)]
    assert as_text(cells).splitlines() == [
        "primer, pass_at_1:",
        "  method  side    of  full    ood",
        "  base    region  10  10.0 %  -",
        "  lora    region  10  40.0 %  10.0 % (0.25 of full)",
    ]
