"""Find an evaluator's rows: a file, a folder of data sets, the hub, or the shipped rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import getaddrinfo
from urllib.parse import urlsplit
from urllib.request import getproxies

from astraios_ray.config.tasks import BUILTIN_ROWS
from astraios_ray.data.row_files import file_records
from astraios_ray.data.rows import BadRow
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.checked_rows import all_good

OTHER_WAYS = ("data", "data_root")  # the arguments that say where rows lie


@dataclass(frozen=True)
class RowSource:
    """The places of one data set, for one evaluator and its options."""

    in_root: str  # a file, or a folder of them, below a folder of data sets: humanevalpack/python.jsonl.gz
    shipped: Path  # the few rows of this project's own
    repository: str  # on the hub
    revision: str  # its commit; empty when none is known, so the user must name one
    in_repository: str  # the file there
    address: str = ""  # of a file to download, where the hub has none; the fields of the hub are then empty

    def find(self, data: str, data_root: str) -> Path:
        """The file that holds the rows.

        ``data``, a file, ``builtin`` or ``builtin:NAME``, wins over ``data_root``, a folder; with neither the
        rows come from the hub or from its cache on this machine. Raises ConfigError when the file does not
        exist, or without a network.
        """
        if data == BUILTIN_ROWS:
            return self.shipped
        if data.startswith(f"{BUILTIN_ROWS}:"):
            return self._shipped(data)
        if data:
            return _existing(Path(data).expanduser(), "data")
        if data_root:
            return _existing(Path(data_root).expanduser() / self.in_root, "data_root")
        return self._from_hub()

    def describe(self, data: str, data_root: str) -> Mapping[str, str]:
        """The origin of the rows, which a score carries."""
        if data or data_root:
            shipped = data.partition(":")[0] == BUILTIN_ROWS
            return {"rows": data if shipped else str(self.find(data, data_root))}
        return {"rows": f"{self.repository}/{self.in_repository}", "revision": self.revision}

    def _shipped(self, data: str) -> Path:
        """The shipped rows of a name, beside the others."""
        stem = self.shipped.stem
        sets = {
            f"{BUILTIN_ROWS}:{path.stem.removeprefix(f'{stem}_')}": path
            for path in sorted(self.shipped.parent.glob(f"{stem}_*.jsonl"))
        }
        if data not in sets:
            known = ", ".join([BUILTIN_ROWS, *sets])
            raise ConfigError(f"data: no rows are shipped as {data!r}. Known: {known}.", arguments=["data"])
        return sets[data]

    def _from_hub(self) -> Path:
        if self.address:
            raise ConfigError(
                f"{Path(self.in_root).name}: the hub does not have it. Download {self.address}. "
                f"{self._other_ways()}",
                arguments=OTHER_WAYS,
            )
        if not self.revision:
            raise ConfigError(
                f"{self.repository}: no commit of it is known here, so name the one to read: "
                f"`options` revision=COMMIT, or ?revision=COMMIT in a study. {self._other_ways()}",
                arguments=["options", *OTHER_WAYS],
            )
        from huggingface_hub import constants, hf_hub_download  # imported here, since nothing else needs it

        get = partial(hf_hub_download, repo_type="dataset", revision=self.revision)
        file = (self.repository, self.in_repository)
        try:
            return Path(get(*file, local_files_only=True))
        except OSError:  # not in the cache
            pass
        try:
            if not getproxies():  # a quick check first, since the hub's library tries for half a minute
                getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
            return Path(get(*file))
        except (OSError, ValueError) as error:  # no network, no such file, no access
            raise ConfigError(
                f"{self.repository}: {self.in_repository} could not be read from the hub at revision "
                f"{self.revision[:12]} ({' '.join(str(error).split())[:200]}). {self._other_ways()}",
                arguments=OTHER_WAYS,
            ) from error

    def _other_ways(self) -> str:
        return (
            f"Give a file (`data` FILE, or ?data=FILE in a study), a folder that holds {self.in_root} "
            f"(`data_root`, or the environment variable ASTRAIOS_RAY_DATA), or data={BUILTIN_ROWS} for the "
            "few rows that come with the evaluator."
        )


def read_texts(path: Path, keys: tuple[str, ...], id_key: str) -> list[dict[str, str]]:
    """The rows of a JSONL or Parquet file, each with text under all ``keys`` and an id of its own.

    Other keys are left out unless they hold text. Raises DataError with places and reasons of all bad rows.
    """
    rows, bad, places = list[dict[str, str]](), list[str](), dict[str, str]()
    for place, record in file_records(path):
        reason = _fault(record, keys)
        if not reason and isinstance(record, Mapping):
            name = record[id_key]
            reason = f"{id_key} {name!r} is that of {places[name]} too" if name in places else ""
            places[name] = place
            rows.append({key: value for key, value in record.items() if isinstance(value, str)})
        if reason:
            bad.append(f"{place}: {reason}")
    return all_good(rows, bad, path)


def _fault(record: object, keys: tuple[str, ...]) -> str:
    if isinstance(record, BadRow):
        return record.reason
    if not isinstance(record, Mapping):
        return "expected an object with named columns"
    missing = [key for key in keys if key not in record]
    if missing:
        return f"{', '.join(map(repr, missing))} is missing; the row has {sorted(record)}"
    wrong = [key for key in keys if not isinstance(record[key], str)]
    return f"{', '.join(map(repr, wrong))} must be text" if wrong else ""


def _existing(path: Path, option: str) -> Path:
    if not path.exists():
        raise ConfigError(f"{option}: there is no file {str(path)!r}.")
    return path
