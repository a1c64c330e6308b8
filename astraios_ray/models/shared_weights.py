"""Base models that the processes of one machine share: files in the form to compute with, mapped by all.

Weights that are read from safetensors as they are lie in pages of the file, which the kernel keeps once for
all processes that map them. Weights in another dtype than the file's, or quantised, are a copy that each
process would have for itself; they are written down once, in their new form, and mapped from there.
The mappings are private (MAP_PRIVATE): whoever writes into weights gets pages of its own, the file stays.
"""

import ctypes
import gc
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import torch
from torch import nn

from astraios_ray.models.atomic_folder import filled_aside, only_one

LEAST = 32 << 20  # bytes of a copy that are worth a file
MAPS = Path("/proc/self/maps")
MAKERS = ("torch", "transformers", "safetensors", "bitsandbytes")  # whose version may change the bits
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedBases:
    """A folder of bases that were converted once, each under a name for all that decides its weights."""

    folder: Path
    least: int = LEAST

    def model(self, name: str, load: Callable[[], Any], read: Callable[[Path], Any]) -> Any:
        """What ``load()`` gives, weights equal to the bit, but in no private memory where that can be had.

        ``read`` loads a folder that ``save_pretrained`` wrote. Several processes may ask at once: one
        converts, the others wait. Where the weights are mapped already, little, or cannot be kept, the model
        is ``load()``'s; the last is logged with its reason.
        """
        place = self.folder / name
        if not place.is_dir() and not _writable(self.folder):
            return load()
        if not place.is_dir():
            with only_one(place):
                if not place.is_dir():
                    model = load()
                    kept = private_bytes(model) >= self.least and _kept(model, place, read)
                    model = None if kept else model
                    _give_back()
                    if not kept:
                        return model
        return read(place)


def name_of(source: str, revision: str, form: str) -> str:
    """A folder's name: the model's own, and 16 hexadecimal digits over what decides its weights' bits."""
    makers = [(maker, version(maker)) for maker in MAKERS]
    digest = hashlib.sha256(repr((source, revision, form, makers)).encode())
    return f"{Path(source).name}-{digest.hexdigest()[:16]}"


def private_bytes(model: nn.Module) -> int:
    """Bytes of parameters that lie in no mapped file. Without Linux's ``/proc`` nobody knows: 0."""
    if not MAPS.exists():
        return 0
    mapped = [range(start, end) for start, end in _mapped()]
    private = (p for p in model.parameters() if not any(p.data_ptr() in pages for pages in mapped))
    return sum(p.nbytes for p in private)


def _mapped() -> Iterator[tuple[int, int]]:
    """The address ranges of this process that belong to a file (proc_pid_maps(5): the fifth field, not 0)."""
    for line in MAPS.read_text().splitlines():
        addresses, _, _, _, inode, *_ = line.split()
        if inode != "0":
            start, end = addresses.split("-")
            yield int(start, 16), int(end, 16)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return True
    except OSError as error:
        LOG.warning("Weights that processes could share cannot be kept: %s", error)
        return False


def _kept(model: Any, place: Path, read: Callable[[Path], Any]) -> bool:
    """Whether the model is in ``place`` now, and reads from there as it is."""
    needed = sum(tensor.nbytes for tensor in _tensors(model).values())
    try:
        free = shutil.disk_usage(place.parent).free
        if free < 2 * needed:
            raise OSError(f"{needed >> 20} MiB are wanted, {free >> 20} MiB are free, half of them at most")
        with filled_aside(place) as aside:
            model.save_pretrained(aside)
            differing = _differing(model, read(aside))
            if differing:
                raise ValueError(f"{differing[0]!r} is read otherwise than it was written")
    except (OSError, ValueError) as error:  # transformers refuses some models' settings with ValueError
        LOG.warning("%s is not written, so each process has its own copy: %s", place, error)
        return False
    LOG.info("Weights that processes of this machine share are in %s (%d MiB).", place, needed >> 20)
    return True


def _differing(one: nn.Module, other: nn.Module) -> list[str]:
    """Names of the tensors that are not the same to the bit."""
    mine, theirs = _tensors(one), _tensors(other)
    same = [name for name in mine if name in theirs and _bits_equal(mine[name], theirs[name])]
    return sorted((mine.keys() | theirs.keys()) - set(same))


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """All that is computed with, what quantisation keeps beside its weights too; tied ones once."""
    stored = {name: kept for name, kept in model.state_dict().items() if isinstance(kept, torch.Tensor)}
    return stored | dict(model.named_parameters()) | dict(model.named_buffers())


def _bits_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    if (one.dtype, one.shape, type(one)) != (other.dtype, other.shape, type(other)):
        return False
    return torch.equal(_bits(one), _bits(other))


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def _give_back() -> None:
    """Hand memory that is free again to the system; glibc alone keeps it and can be asked."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
