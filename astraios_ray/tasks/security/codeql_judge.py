"""The judge that runs CodeQL, when a ``codeql`` program is on the PATH.

It runs the query that the scenario names. Queries of CodeQL's own packs have names as
``codeql/python-queries:…``; those of the data set are files in the folder ``custom_ql`` of its repository.
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
    """The path of ``codeql``; None when it is not on the PATH."""
    return shutil.which("codeql")


def codeql_program() -> str:
    """The path of ``codeql``. Raises ConfigError when it is not on the PATH."""
    program = find_codeql()
    if program is None:
        raise ConfigError(
            "judges=codeql: no program codeql is on the PATH; install GitHub's CodeQL bundle (it has its own "
            "licence), or judges=own for this package's own rules."
        )
    return program


@dataclass(frozen=True)
class CodeQL:
    """CodeQL, with one database and one query for all samples of a problem. It builds and runs nothing."""

    program: str = field(default_factory=codeql_program)
    custom_ql: str = ""  # folder of the data set's queries; without it they are not covered
    name: str = "codeql"

    @cached_property
    def version(self) -> str:
        """The output of ``codeql version``."""
        return self._do("version", "--format=terse").strip()

    def covers(self, weakness: Weakness) -> bool:
        """Whether the query of the weakness is available."""
        return self.query_of(weakness) is not None

    def query_of(self, weakness: Weakness) -> str | None:
        """The query as an argument of CodeQL; None when it is not available."""
        begins, within = _PACKS
        if weakness.query.startswith(begins) and within in weakness.query:
            pack, _, path = weakness.query.removeprefix(begins).partition(within)
            return f"codeql/{pack}-queries:{path}"
        if weakness.query.startswith(_CUSTOM) and self.custom_ql:
            file = Path(self.custom_ql).expanduser() / weakness.query.removeprefix(_CUSTOM)
            return str(file) if file.is_file() else None
        return None

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """The results of the query in each source."""
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
            results = _results(report)
        return [tuple(finding for name, finding in results if name == file.name) for file in files]

    def _do(self, *arguments: str) -> str:
        command = [self.program, *arguments]
        try:
            process = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            output = str(getattr(error, "stderr", "") or error).strip()
            raise SandboxError(f"codeql {' '.join(arguments[:2])} failed: {output[-300:]}") from error
        return process.stdout


def _results(report: Path) -> list[tuple[str, Finding]]:
    """The file name and the finding of every result in a SARIF 2.1.0 report."""
    try:
        runs = json.loads(report.read_text())["runs"]
        return [
            (Path(place["artifactLocation"]["uri"]).name, Finding(place["region"]["startLine"], message))
            for run in runs
            for result in run["results"]
            for message in [result["message"]["text"]]
            for place in [result["locations"][0]["physicalLocation"]]
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SandboxError(f"codeql wrote no report that can be read: {error!r}") from error
