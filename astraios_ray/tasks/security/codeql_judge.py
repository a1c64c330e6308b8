"""The judge that asks CodeQL, where a ``codeql`` program is on the PATH.

It asks the query that the scenario names: those of CodeQL's own packs as ``codeql/python-queries:…``, which
the bundle with the packs knows, the data set's own from the folder ``custom_ql`` of its repository.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from astraios_ray.errors import ConfigError, SandboxError
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.program_judge import Findings
from astraios_ray.tasks.security.weakness import Weakness

SECONDS = 1800  # for all samples of one problem
_LANGUAGE = {"c": ("cpp", ".c"), "python": ("python", ".py")}
_PACKS = ("{CODEQL_HOME}/codeql-repo/", "/ql/src/")
_CUSTOM = "{CUSTOM_QL}/"


def find_codeql() -> str | None:
    """The program on the PATH."""
    return shutil.which("codeql")


def codeql_program() -> str:
    """Raises ConfigError where there is none."""
    program = find_codeql()
    if program is None:
        raise ConfigError(
            "judges=codeql: no program codeql is on the PATH; install GitHub's CodeQL bundle (it has its own "
            "licence), or judges=own for this package's own rules."
        )
    return program


@dataclass(frozen=True)
class CodeQL:
    """One database of all samples of a problem, and one query on it. Nothing is built or run."""

    program: str = field(default_factory=codeql_program)
    custom_ql: str = ""  # folder of the queries that the data set brings; empty: not covered
    name: str = "codeql"

    @cached_property
    def version(self) -> str:
        """What ``codeql version`` says."""
        return self._do("version", "--format=terse").strip()

    def covers(self, weakness: Weakness) -> bool:
        """Whether its query can be named here."""
        return self.query_of(weakness) is not None

    def query_of(self, weakness: Weakness) -> str | None:
        """The query as CodeQL is given it."""
        begins, within = _PACKS
        if weakness.query.startswith(begins) and within in weakness.query:
            pack, _, path = weakness.query.removeprefix(begins).partition(within)
            return f"codeql/{pack}-queries:{path}"
        if weakness.query.startswith(_CUSTOM) and self.custom_ql:
            path_there = Path(self.custom_ql).expanduser() / weakness.query.removeprefix(_CUSTOM)
            return str(path_there) if path_there.is_file() else None
        return None

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """What the query selects in each source."""
        query = self.query_of(weakness)
        assert query is not None, "covers() was asked before"
        language, suffix = _LANGUAGE[weakness.language]
        with tempfile.TemporaryDirectory(prefix="astraios-codeql-") as folder:
            root = Path(folder) / "sources"
            root.mkdir()
            files = [root / f"{number}{suffix}" for number in range(len(sources))]
            for file, source in zip(files, sources, strict=True):
                file.write_text(source, encoding="utf-8", errors="replace")
            database, report = f"{folder}/database", Path(folder) / "report.sarif"
            self._do(
                *("database", "create", database, f"--language={language}", "--build-mode=none"),
                f"--source-root={root}",
            )
            self._do(
                *(
                    "database",
                    "analyze",
                    database,
                    query,
                    "--format=sarif-latest",
                    f"--output={report}",
                    "--rerun",
                )
            )
            told = _results(report)
        return [tuple(finding for name, finding in told if name == file.name) for file in files]

    def _do(self, *arguments: str) -> str:
        command = [self.program, *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip()
            raise SandboxError(f"codeql {' '.join(arguments[:2])} failed: {said[-300:]}") from error
        return done.stdout


def _results(report: Path) -> list[tuple[str, Finding]]:
    """File and finding of every result of a SARIF 2.1.0 report."""
    try:
        runs = json.loads(report.read_text())["runs"]
        return [
            (Path(place["artifactLocation"]["uri"]).name, Finding(place["region"]["startLine"], told))
            for run in runs
            for result in run["results"]
            for told in [result["message"]["text"]]
            for place in [result["locations"][0]["physicalLocation"]]
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SandboxError(f"codeql wrote no report that can be read: {error!r}") from error
