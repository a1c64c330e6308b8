"""docs/report.md shows commands that run."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.records import Provenance, Score, encode
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import Journal
from astraios_ray.search.questions import questions
from tests.fakes.studies import desk, run_through, study

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text()
LINES = [
    line
    for text in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in text.splitlines()
]
TITLES = (
    "experiment,peft_type,num_trainable_params,test_accuracy,final_train_loss,memory_max_bytes,train_time_s,"
    "file_size_bytes,status"
)


@pytest.fixture
def _studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The studies and results that the page speaks of, in the current folder."""
    monkeypatch.chdir(tmp_path)
    place = StudyFolder(Path("runs") / "quickstart")
    place.adopt(study().resolved(), extend=False)
    journal = Journal(place.journal)
    journal.write("session", at=0.0, provenance=encode(Provenance({}, "3.11", "a test")))
    run_through(desk(place.place), 10_000)
    score = Score("primer", {"pass_at_1": 0.5}, {}, 10, 20, solved={f"p{n}": 0.5 for n in range(10)})
    asked = questions(study().evaluate, study().search.seed)
    journal.write("scored", trial="t0000", score=encode(score), asked=asked)
    journal.write("done", seconds=60.0)
    journal.close()
    shutil.copytree("runs/quickstart", "runs/larger")
    Path("results.csv").write_text(f"{TITLES}\na,LORA,10,0.5,0.6,100,1.0,40,success\n")


@pytest.mark.usefixtures("_studies")
@pytest.mark.parametrize("line", LINES)
def test_a_command_on_the_page_runs(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "astraios-ray"
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout


def test_the_page_shows_commands() -> None:
    assert len(LINES) == 6
