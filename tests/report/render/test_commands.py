"""The commands shown at the end."""

from dataclasses import replace

from astraios_ray.records import TrialState
from astraios_ray.report.render.commands import commands, report_file
from tests.fakes.study_records import quickstart, record, result


def test_links_come_first_and_the_export_of_the_best_last() -> None:
    offers = commands(quickstart())
    assert [command.title for command in offers[:2]] == ["MLflow", "Ray dashboard"]
    assert offers[-1].text.startswith("astraios-ray export runs/quickstart t00")


def test_an_address_is_told_from_a_command() -> None:
    mlflow, dashboard, _ = commands(quickstart())
    assert dashboard.is_address and not mlflow.is_address


def test_a_folder_with_a_space_is_quoted() -> None:
    study = replace(record(result(0, losses={200: 1.0})), folder="my runs/quick start")
    assert commands(study)[-1].text == "astraios-ray export 'my runs/quick start' t0000"


def test_nothing_is_offered_for_export_when_nothing_can_be() -> None:
    assert commands(record(result(0, state=TrialState.FAILED))) == ()


def test_an_unfinished_study_offers_its_status() -> None:
    assert commands(record(complete=False))[0].text == "astraios-ray status runs/quickstart"


def test_the_report_stands_below_the_run_folder() -> None:
    assert report_file(record()) == "runs/quickstart/report/index.html"
