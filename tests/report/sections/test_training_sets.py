"""What the report says of a study that trains on several sets."""

from dataclasses import replace

from astraios_ray.records import Mask, Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.sections.section import Section
from astraios_ray.report.sections.training_sets import training_sets_section
from tests.fakes.study_records import record, result

SETS = ["full", "few", "ood"]
IN_REGION = {"lora": (0.8, 0.6, 0.4), "ia3": (0.5, 0.5, 0.1)}


def scored(region: float) -> Score:
    metrics = {"pass_at_1": 0.5, "pass_at_1/region": region, "pass_at_1/rest": 0.7}
    counts = {"pass_at_1/region": 4, "pass_at_1/rest": 36}
    return Score("primer", metrics, problems=40, samples=20, counts=counts, region={"region": "length"})


def trial(number: int, method: str, name: str, region: float) -> TrialResult:
    bare = result(number, method, losses={200: 1.0}, scores=(scored(region),))
    data = replace(bare.spec.data, mask=Mask("length", training_set=name))
    return replace(bare, spec=replace(bare.spec, data=data))


def study(*sets: str) -> StudyRecord:
    trials = [
        trial(3 * n + SETS.index(name), method, name, IN_REGION[method][SETS.index(name)])
        for n, method in enumerate(IN_REGION)
        for name in sets
    ]
    ood = {"region": "length", "training_sets": list(sets)}
    return record(*trials, base=(scored(0.1),), ood=ood, methods=dict.fromkeys(IN_REGION))


def part(record: StudyRecord) -> Section:
    section = training_sets_section(leaderboard(record))
    assert section
    return section


def test_who_keeps_most_of_what_training_on_everything_gives_is_named() -> None:
    words = part(study(*SETS)).sentences
    assert words[0] == (
        "Trained on few, ia3 keeps most of its pass@1 in the region: 1.00 of full; "
        "2 methods keep 0.88 on average."
    )
    assert "Trained on ood, lora keeps most of its pass@1 in the region: 0.50 of full" in words[1]


def test_methods_that_keep_nothing_or_equally_much_are_not_called_the_one_that_keeps_most() -> None:
    nothing = study(*SETS)
    trials = [replace(r, scores=(scored(0.0),)) if "-ood-" in r.spec.label else r for r in nothing.results]
    words = part(replace(nothing, results=tuple(trials))).sentences
    assert words[1] == (
        "Trained on ood, ia3 and lora keep nothing of their pass@1 in the region: 0.00 of full."
    )
    alike = [replace(r, scores=(scored(0.4),)) for r in nothing.results]
    words = part(replace(nothing, results=tuple(alike))).sentences
    assert "ia3 and lora keep most of their pass@1 in the region: 1.00 of full" in words[0]


def test_only_the_first_set_competes_and_the_report_says_so() -> None:
    three_sets = study(*SETS)
    board = leaderboard(three_sets)
    assert [row.trial for row in board.rows] == ["t0000", "t0003"]
    assert "2 trials trained on full; 4 trials on few and ood" in part(three_sets).sentences[-1]
    content = document(board, sections(board))
    assert {trial["training_set"] for trial in content["elsewhere"]} == {"few", "ood"}


def test_the_untuned_model_and_both_sides_stand_in_the_table() -> None:
    ((heading, content),) = part(study(*SETS)).tables
    assert heading == "pass@1 on primer"
    lines = [[cell.text for cell in line] for line in content.lines]
    assert lines[0] == ["base", "region", "4", "10.0 %", "\u2013", "\u2013"]
    assert ["lora", "region", "4", "80.0 %", "60.0 %, 0.75", "40.0 %, 0.50"] in lines
    assert ["lora", "rest", "36", "70.0 %", "70.0 %, 1.00", "70.0 %, 1.00"] in lines


def test_a_set_that_was_not_scored_yet_is_named() -> None:
    three_sets = study(*SETS)
    results = tuple(r for r in three_sets.results if "-ood-" not in r.spec.label)
    assert (
        part(replace(three_sets, results=results)).sentences[0] == "Unknown yet: no trial on ood was scored."
    )


def test_without_full_nothing_can_be_related() -> None:
    assert "Without the set full" in part(study("few", "ood")).sentences[0]


def test_one_training_set_has_no_part() -> None:
    assert training_sets_section(leaderboard(study("ood"))) is None
