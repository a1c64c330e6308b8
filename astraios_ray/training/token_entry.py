"""The name of tokenised rows: a digest of the contents of all that decides them."""

import re
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from astraios_ray.data.text_tokens import front_of
from astraios_ray.models.digests import file_digest, folder_digest
from astraios_ray.records import DataRef, encode
from astraios_ray.records.digest import digest

PACKAGE = Path(__file__).parents[1]
CODE = ("data/**/*.py", "python_syntax.py")  # of this package
PACKAGES = (  # that may read, select or tokenise rows otherwise in another version
    *("datasets", "numpy", "pyarrow", "scikit-learn", "sentence-transformers", "tokenizers", "transformers"),
    *("tree-sitter", "tree-sitter-java", "tree-sitter-python"),
)


def entry_name(
    ref: DataRef, files: Sequence[Sequence[Path]], tokenizer: Any, eos_id: int, *, seq2seq: bool = False
) -> str:
    """The name of the data and 16 hexadecimal digits.

    They stand for the contents of ``files``, which ``ref`` names, all that ``ref`` says, the tokenizer with
    its chat template, and the code that makes the rows. Raises OSError where a file cannot be read.
    """
    contents = {
        "files": [[str(path), file_digest(path)] for of_source in files for path in of_source],
        "data": encode(ref),
        "embedding": _embedding_digest(ref),
        "tokenizer": _tokenizer_digest(tokenizer),
        "end": eos_id,
        "code": _code_digest(),
        "seq2seq": seq2seq,
    }
    title = re.sub(r"[^\w.-]+", "_", Path(ref.sources[0].source).name)[:40]
    return f"{title}-{digest(contents)[:16]}"


def _tokenizer_digest(tokenizer: Any) -> str:
    front = front_of(tokenizer)  # a first call also takes away the truncation that its file may ask for
    described = (tokenizer.special_tokens_map, tokenizer.chat_template, front, type(tokenizer).__name__)
    return sha256(f"{described} {tokenizer.backend_tokenizer.to_str()}".encode()).hexdigest()


def _embedding_digest(ref: DataRef) -> str:
    """The digest of a folder whose embedding model selects the rows of a region."""
    if ref.mask is None or ref.mask.embedding is None or not Path(ref.mask.embedding).is_dir():
        return ""
    return folder_digest(Path(ref.mask.embedding), ["**/*"])


@cache
def _code_digest() -> str:
    versions = [[package, _version(package)] for package in PACKAGES]
    return digest([folder_digest(PACKAGE, CODE), versions, list(sys.version_info[:2])])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # an optional one
        return ""
