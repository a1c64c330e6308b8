"""The rows of a study in tokens: made once on a machine, and mapped by all its processes."""

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from astraios_ray.cache import cache_folder
from astraios_ray.data.sources import files_of
from astraios_ray.data.token_files import Progress, mapped, tokenise, warn
from astraios_ray.data.tokenise import Blocks
from astraios_ray.errors import DataError, TornFile
from astraios_ray.models.atomic_folder import filled_draft, only_one
from astraios_ray.models.shared_weights import give_back
from astraios_ray.records import DataRef
from astraios_ray.training.token_entry import entry_name

LEAST = 1 << 20  # bytes of files of rows that are worth an entry; fewer are soon tokenised
SECONDS_BETWEEN_LINES = 10.0
LOG = logging.getLogger(__name__)

Files = Sequence[Sequence[Path]]  # of each source
Name = Callable[[Files], str]  # of an entry, by the contents of the files
Make = Callable[[Path], None]  # tokenises into a folder


@dataclass(frozen=True)
class TokenCache:
    """A folder of tokenised rows, each entry under a name from the contents of all that decides it."""

    folder: Path
    least: int = LEAST

    def blocks(
        self,
        ref: DataRef,
        tokenizer: Any,
        eos_id: int,
        progress: Progress | None = None,
        *,
        seq2seq: bool = False,
    ) -> Blocks:
        """The rows that ``ref`` names, ``seq2seq`` for an encoder-decoder; made where there is no entry.

        Where several processes call at once, one tokenises and the others wait. Each process tokenises for
        itself where files are small, or where no entry can be written; the log says why. Without
        ``progress``, a tokenisation that takes long is logged. Raises DataError and ConfigError.
        """

        def make(folder: Path) -> None:
            shown = progress or _LoggedProgress(ref.name)
            tokenise(ref, tokenizer, eos_id, folder, shown, seq2seq=seq2seq)

        def name_of(files: Files) -> str:
            return entry_name(ref, files, tokenizer, eos_id, seq2seq=seq2seq)

        files = _files(ref)
        if not self._are_large(files):
            return _private(make)
        try:
            return self._entry(ref, name_of(files), name_of, make)
        except (OSError, NotImplementedError, TornFile) as error:  # the second: a file system without locks
            LOG.warning("Tokens in %s cannot be used, so this process has its own: %s", self.folder, error)
            return _private(make)

    def worth_an_entry(self, ref: DataRef) -> bool:
        """Whether the files are large enough, and known: their contents name an entry."""
        return self._are_large(_files(ref))

    def _are_large(self, files: Files) -> bool:
        existing = [path for of_source in files for path in of_source if path.is_file()]
        return all(files) and sum(path.stat().st_size for path in existing) >= self.least

    def _entry(self, ref: DataRef, name: str, name_of: Name, make: Make) -> Blocks:
        place = self.folder / name
        if not place.is_dir():
            with only_one(
                place, lambda: LOG.warning("Another process tokenises %s; waiting for it.", ref.name)
            ):
                if not place.is_dir():
                    _write(place, ref, name_of, make)
                    return mapped(place)
        blocks = mapped(place)
        warn(blocks)
        return blocks


def token_cache() -> TokenCache:
    """The entries in the cache of this machine's user."""
    return TokenCache(cache_folder() / "tokens")


def _files(ref: DataRef) -> Files:
    return [files_of(source) for source in (*ref.sources, *ref.validation_sources)]


def _write(place: Path, ref: DataRef, name_of: Name, make: Make) -> None:
    """Make the entry at ``place``. Raises DataError where its files now have another name than before."""
    _remove_drafts(place)
    with filled_draft(place) as draft:
        make(draft)
        if name_of(_files(ref)) != place.name:
            raise DataError(f"{ref.name}: changed while its rows were tokenised; start again.")
    give_back()  # the memory of the rows' texts


def _private(make: Make) -> Blocks:
    """The rows in files without a name, which end with this process."""
    with TemporaryDirectory(prefix="astraios-ray-tokens-") as folder:
        make(Path(folder))
        return mapped(Path(folder))


def _remove_drafts(place: Path) -> None:
    """Remove what killed writers of this entry began; the caller has the lock, so nobody writes it now."""
    for draft in place.parent.glob(f".{place.name}-*"):
        shutil.rmtree(draft, ignore_errors=True)


class _LoggedProgress:
    """Logs a line every ten seconds."""

    def __init__(self, name: str) -> None:
        self._name, self._last = name, monotonic()

    def __call__(self, share: float) -> None:
        if monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = monotonic()
            LOG.warning("Tokenising %s: %.0f%%", self._name, 100 * share)
