"""Base models that the processes of one machine share: files in the computing dtype, mapped by all.

Weights that safetensors maps unchanged are pages of the file, which the kernel holds once for all processes.
Weights in another dtype than the file's, or quantised, would be a private copy in each process. They are
written once in their new form and mapped from there. The mappings are private (MAP_PRIVATE): a process that
writes into weights gets its own pages, and the file stays as it is.
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

from astraios_ray.models.atomic_folder import filled_draft, only_one

LEAST = 32 << 20  # bytes of a private copy that are worth a file
MAPS = Path("/proc/self/maps")
MAKERS = (
    "torch",
    "transformers",
    "safetensors",
    "bitsandbytes",
)  # packages whose version may change the bits
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedBases:
    """A folder of converted bases, each under a name from all that decides its weights."""

    folder: Path
    least: int = LEAST

    def model(self, name: str, load: Callable[[], Any], read: Callable[[Path], Any]) -> Any:
        """The model of ``load()``, with weights equal to the bit, mapped from a shared file where possible.

        ``read`` loads a folder that ``save_pretrained`` wrote. Where several processes call at once, one
        converts and the others wait. Where the weights are already mapped, small, or cannot be stored, the
        result is that of ``load()``; the last case is logged with its reason.
        """
        place = self.folder / name
        if not place.is_dir() and not _writable(self.folder):
            return load()
        if not place.is_dir():
            with only_one(place):
                if not place.is_dir():
                    model = load()
                    stored = private_bytes(model) >= self.least and _store(model, place, read)
                    model = None if stored else model
                    give_back()
                    if not stored:
                        return model
        return read(place)


def name_of(source: str, revision: str, form: str) -> str:
    """A folder name: the model's name and 16 hexadecimal digits over what decides its weights' bits."""
    makers = [(maker, version(maker)) for maker in MAKERS]
    digest = hashlib.sha256(repr((source, revision, form, makers)).encode())
    return f"{Path(source).name}-{digest.hexdigest()[:16]}"


def private_bytes(model: nn.Module) -> int:
    """Bytes of parameters outside mapped files; 0 without Linux's ``/proc``, where it cannot be known."""
    if not MAPS.exists():
        return 0
    mapped = [range(start, end) for start, end in _mapped()]
    private = (p for p in model.parameters() if not any(p.data_ptr() in addresses for addresses in mapped))
    return sum(p.nbytes for p in private)


def _mapped() -> Iterator[tuple[int, int]]:
    """The address ranges of this process that map a file (proc_pid_maps(5): the inode is not 0)."""
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


def _store(model: Any, place: Path, read: Callable[[Path], Any]) -> bool:
    """Store the model in ``place``; whether it is there and reads back equal to the bit."""
    size = sum(tensor.nbytes for tensor in _tensors(model).values())
    try:
        free = shutil.disk_usage(place.parent).free
        if free < 2 * size:
            raise OSError(f"{size >> 20} MiB are wanted, {free >> 20} MiB are free, half of them at most")
        with filled_draft(place) as draft:
            model.save_pretrained(draft)
            differing = _differing(model, read(draft))
            if differing:
                raise ValueError(f"{differing[0]!r} is read otherwise than it was written")
    except (OSError, ValueError) as error:  # transformers raises ValueError for some models' settings
        LOG.warning("%s is not written, so each process has its own copy: %s", place, error)
        return False
    LOG.info("Weights that processes of this machine share are in %s (%d MiB).", place, size >> 20)
    return True


def _differing(first: nn.Module, second: nn.Module) -> list[str]:
    """Names of the tensors that are not equal to the bit."""
    first_tensors, second_tensors = _tensors(first), _tensors(second)
    common = first_tensors.keys() & second_tensors.keys()
    equal = {name for name in common if _bits_equal(first_tensors[name], second_tensors[name])}
    return sorted((first_tensors.keys() | second_tensors.keys()) - equal)


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """All tensors by name, with those that quantisation adds; tied ones once."""
    stored = {name: value for name, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    return stored | dict(model.named_parameters()) | dict(model.named_buffers())


def _bits_equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    if (first.dtype, first.shape, type(first)) != (second.dtype, second.shape, type(second)):
        return False
    return torch.equal(_bits(first), _bits(second))


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def give_back() -> None:
    """Return freed memory to the system; glibc keeps it until ``malloc_trim`` is called."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
