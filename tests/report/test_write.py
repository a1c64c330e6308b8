"""The files of the report."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from math import inf, nan
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from astraios_ray.records import Cost, Provenance, Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.write import write_report
from tests.fakes.planted_studies import planted
from tests.fakes.study_records import SIZES_OF, quickstart, record, result, score
from tests.fakes.whole_studies import secure, whole_study

EVIL = '</script><script>alert("x")</script><img src=x onerror=alert(1)>|`*$x$'
PARTIAL = {
    "nothing": record(methods={}),
    "no trial yet": record(methods={"lora": None}, complete=False),
    "all diverged": record(*(result(n, losses={10: nan}, state=TrialState.DIVERGED) for n in range(3))),
    "all failed": record(result(0, state=TrialState.FAILED, reason="out of memory")),
    "one running": record(result(0, losses={10: 2.0}, state=TrialState.RUNNING), complete=False),
    "no score": record(result(0, losses={200: 1.0}), result(1, losses={200: inf})),
    "flat": record(result(0, losses={200: 1.0}, scores=(score(0.0, 0.0),))),
    "no config": replace(record(result(0, losses={200: 1.0})), config={}),
    "one method": planted(1, {"lora": 0.0}, trials=2),
    "no finalist": record(
        result(0, losses={20: 2.0}, state=TrialState.STOPPED), evaluate={"tasks": ["primer"]}
    ),
    "half-finished": record(
        result(0, losses={20: 2.0}, state=TrialState.PAUSED),
        result(1, losses={20: 3.0}, state=TrialState.STOPPED),
        complete=False,
    ),
    "unscored samples": record(
        result(0, losses={200: 1.0}, scores=(Score("primer", {}, {}, 120, 20, unscored=2400),)),
        result(1, losses={200: 2.0}, scores=(score(0.5, unscored=7), secure(0.0, None, 0.0, unscored=3))),
    ),
    "two tasks": record(result(0, losses={200: 1.0}, scores=(score(0.5), score(0.4, evaluator="other")))),
}


Report = tuple[dict[str, Any], str, str]  # leaderboard.json, leaderboard.md, index.html


class Page(HTMLParser):
    """Tags and attributes of a page, and whether every tag that was opened was closed."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def report_of(study: StudyRecord, folder: Path) -> Report:
    json_file, markdown, html = write_report(study, folder)[:3]
    raw = json_file.read_text(encoding="utf-8")
    document = json.loads(raw, parse_constant=lambda name: pytest.fail(f"{name} in leaderboard.json"))
    return document, markdown.read_text(encoding="utf-8"), html.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of a finished study, written once."""
    return report_of(quickstart(), tmp_path_factory.mktemp("whole"))


def test_the_three_files_stand_where_the_user_looks(tmp_path: Path) -> None:
    paths = write_report(quickstart(), tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in paths] == [
        "leaderboard.json",
        "leaderboard.md",
        "report/index.html",
        "report/plots",
    ]
    assert sorted(path.name for path in tmp_path.rglob("*") if path.suffix != ".svg") == [
        "index.html",
        "leaderboard.json",
        "leaderboard.md",
        "plots",
        "report",
    ]


def test_the_same_record_gives_the_same_bytes(tmp_path: Path, report: Report) -> None:
    rewritten = report_of(quickstart(), tmp_path)
    assert rewritten == report


def test_all_seven_methods_are_in_the_json_with_their_losses(report: Report) -> None:
    document, _, _ = report
    methods = document["methods"]
    assert isinstance(methods, dict) and list(methods) == list(SIZES_OF)
    assert all(isinstance(best["validation_loss"], float) for best in methods.values())
    assert sum(best["trials"] for best in methods.values()) == 28


def test_a_score_in_the_json_has_its_interval_and_its_denominator(report: Report) -> None:
    document, _, _ = report
    trials = document["trials"]
    assert isinstance(trials, list)
    first = trials[0]
    assert (
        first["rank"] == 1
        and first["pass_at_1_interval"][0] < first["pass_at_1"] < first["pass_at_1_interval"][1]
    )
    assert (first["scores"][0]["problems"], first["scores"][0]["samples"]) == (60, 20)
    assert first["scores"][0]["sandbox_level"] == 3


@pytest.mark.parametrize("name", PARTIAL)
def test_a_partial_study_still_has_a_whole_report(name: str, tmp_path: Path) -> None:
    document, markdown, html = report_of(PARTIAL[name], tmp_path)
    assert document["verdict"] and str(document["verdict"]).split()[0] in markdown
    assert Page(html).open == []
    assert not re.search(r"\b(nan|inf)\b", re.sub(r"<(svg|script|style).*?</\1>", "", html, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("all diverged", "all 3 trials diverged. Try lower learning rates."),
        ("all failed", "out of memory"),
        ("no finalist", "no trial was scored"),
        ("half-finished", "not complete \u00b7 1 of 2 started trials ended"),
        ("one method", "only lora was scored"),
        ("unscored samples", "3 samples without a verdict"),
    ],
)
def test_a_broken_study_is_told_as_broken(name: str, words: str, tmp_path: Path) -> None:
    _, _, html = report_of(PARTIAL[name], tmp_path)
    assert words in html


def test_the_page_asks_the_network_for_nothing(report: Report) -> None:
    _, _, html = report
    addresses = [
        attributes.get(name)
        for tag, attributes in Page(html).tags
        for name in ("src", "srcset", "xlink:href", "href")
        if attributes.get(name) and tag != "a"
    ]
    assert all(str(address).startswith("#") for address in addresses)
    assert "@import" not in html and not re.search(r"url\((?!#)", html)
    assert "default-src 'none'" in html


def test_only_our_own_script_may_run(report: Report) -> None:
    _, _, html = report
    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html


def test_what_comes_from_outside_is_never_markup(tmp_path: Path) -> None:
    failed = result(0, EVIL, losses={10: 1.0, 20: nan}, state=TrialState.FAILED, reason=EVIL)
    ranked = result(1, EVIL, losses={200: 1.0}, scores=(score(0.5, evaluator=EVIL),))
    study = record(failed, ranked, methods={EVIL: None}, model={"id": EVIL}, data={"train": EVIL})
    study = replace(
        study,
        name=EVIL,
        folder=EVIL,
        links={EVIL: EVIL, "click": "javascript:alert(1)"},
        provenance=Provenance({EVIL: EVIL}, EVIL, EVIL, EVIL, True),
    )
    _, markdown, html = report_of(study, tmp_path)
    page = Page(html)
    assert [tag for tag, _ in page.tags if tag in ("script", "img")] == ["script"]
    assert {attributes["href"] for tag, attributes in page.tags if tag == "a"} <= {"#t0000", "#t0001"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "<img" not in markdown and "<script" not in markdown
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in markdown.splitlines() if row.startswith("|")}
    assert widths == {14}


def test_ids_on_the_page_are_used_once(report: Report) -> None:
    _, _, html = report
    ids = [attributes["id"] for _, attributes in Page(html).tags if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_every_picture_says_what_it_shows(report: Report) -> None:
    _, _, html = report
    labels = [attributes.get("aria-label") for tag, attributes in Page(html).tags if tag == "figure"]
    # score by loss; score and loss by parameters; loss by rate of those with three trials; loss by step
    assert len(labels) == 1 + 2 + 7 + 7 and all(labels)
    assert html.count("<svg") == len(labels)


def test_pictures_take_their_colours_from_the_page(report: Report) -> None:
    _, _, html = report
    pictures = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", pictures)) <= {"#000000"}
    assert "prefers-color-scheme: dark" in html


def test_the_footer_names_the_sandbox_and_the_versions(report: Report) -> None:
    _, _, html = report
    footer = html[html.index("<footer>") :]
    assert "level 3" in footer and "torch 2.13.0" in footer and "beeb0ef1c0ffee" in footer


def test_a_rewritten_report_replaces_the_old_one(tmp_path: Path) -> None:
    report_of(PARTIAL["nothing"], tmp_path)
    document, _, _ = report_of(PARTIAL["flat"], tmp_path)
    assert str(document["verdict"]).startswith("Best")


def test_trials_without_a_measured_cost_are_left_out_of_the_plots(tmp_path: Path) -> None:
    free: TrialResult = replace(result(0, losses={200: 1.0}, scores=(score(0.5),)), cost=Cost())
    document, _, html = report_of(record(free), tmp_path)
    assert "Quality against" not in html and document["trials"]


def test_importing_the_report_does_not_load_matplotlib() -> None:
    program = "import sys, astraios_ray.report.write, astraios_ray.report.render.note; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "jinja2", "torch"} & set(process.stdout.split())


@pytest.mark.slow
def test_a_thousand_trials_take_less_than_20_seconds_and_5_megabytes(tmp_path: Path) -> None:
    began = process_time()  # of this process: how busy the machine is does not count
    *_, page, plots = write_report(whole_study(1000), tmp_path)
    assert process_time() - began < 20
    assert page.stat().st_size < 5_000_000
    assert sum(path.stat().st_size for path in plots.iterdir()) < 5_000_000
