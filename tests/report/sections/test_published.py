"""What is said of a paper's scores beside a study's."""

from astraios_ray.report.analysis.published_scores import BASES
from astraios_ray.report.sections.published import PROVENANCE
from astraios_ray.report.sections.studies import side_by_side
from astraios_ray.report.wording import with_interval
from tests.fakes.study_records import quickstart
from tests.report.analysis.test_published_scores import study


def test_a_table_holds_both_scores_and_their_provenance_is_said() -> None:
    mine = study({"lora": 0.16}, model=BASES["astraios"]["1b"])
    part = side_by_side([mine], published="astraios").published
    assert part is not None
    ((_, table),) = part.tables
    assert [cell.text for cell in table.lines[0]][2:] == [
        "lora",
        "quickstart",
        with_interval(0.16, (0.11, 0.21)),
        "bigcode/starcoderbase-1b",
        "17.3 %",
    ]
    assert "On the same base 1 of 1 score of the paper lies inside the 95 % interval here." in part.sentences
    assert "1 order cannot be told: fewer than 5 methods are in both." in part.sentences
    assert part.sentences[-1] == PROVENANCE


def test_another_base_says_that_only_orders_compare() -> None:
    part = side_by_side([study({"lora": 0.16}, model="builtin:nano-s")], published="astraios").published
    assert part is not None and "orders can be compared" in " ".join(part.sentences)


def test_studies_without_a_common_task_say_so() -> None:
    part = side_by_side([quickstart()], published="astraios").published
    assert part is not None and part.sentences[0].startswith("None of the paper's ")
    assert not part.tables
