"""How the sources of rows are written in a study: a text, an object, or a list of either."""

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from astraios_ray.config.config_problems import Path
from astraios_ray.config.dialect import wrong
from astraios_ray.config.number_bounds import Bounds
from astraios_ray.path_kinds import exists
from astraios_ray.records import SourceRef

PATTERN_SIGNS = "*?["


class SourceSection(BaseModel):
    """A part of a study that names a source. Unknown keys and loosely typed values are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    revision: str | None = Field(default=None, description="commit of a hub id")
    config: str | None = Field(default=None, description="configuration of a hub id")
    split: str | None = Field(
        default=None, description="of a hub id, a saved data set or a folder; null: train"
    )


class SourceConfig(SourceSection):
    """One source of training rows."""

    source: str = Field(min_length=1, description="as data.train")
    weight: Annotated[float, Bounds(0.0, 10**9, "it is a share", above_low=True)] | None = Field(
        default=None, description="its share of the rows; null for all sources: as many as they have"
    )

    def ref(self) -> SourceRef:
        """The same as a record."""
        return SourceRef(**dict(self))


class ValidationConfig(SourceSection):
    """The source of the validation rows, or a split of the training rows' own."""

    source: str | None = Field(default=None, description="null: that of train")

    def ref(self) -> SourceRef:
        """The same as a record; without a source its name is empty."""
        return SourceRef(self.source or "", None, self.revision, self.config, self.split)


def _kind(raw: object) -> str:
    if isinstance(raw, list | tuple):
        return "<sources>"
    return "<source>" if isinstance(raw, Mapping | BaseModel) else "<text>"


def _listed(value: object) -> object:
    """A list with each text as a source."""
    if not isinstance(value, list | tuple):
        return value
    if not value:
        raise wrong("found an empty list; name at least one source")
    return tuple({"source": item} if isinstance(item, str) else item for item in value)


Text = Annotated[str, Field(min_length=1), Tag("<text>")]
Sources = Annotated[tuple[SourceConfig, ...], BeforeValidator(_listed), Tag("<sources>")]
TrainSources = Annotated[Text | Annotated[SourceConfig, Tag("<source>")] | Sources, Discriminator(_kind)]
ValidationSource = Annotated[
    Text | Annotated[ValidationConfig, Tag("<validation>")],
    Discriminator(lambda raw: "<text>" if isinstance(raw, str) else "<validation>"),
]


def train_ref(train: str | SourceConfig | tuple[SourceConfig, ...]) -> str | tuple[SourceRef, ...]:
    """The sources of training rows as records; a text stays one."""
    if isinstance(train, str):
        return train
    return (train.ref(),) if isinstance(train, SourceConfig) else tuple(source.ref() for source in train)


def source_places(
    train: str | SourceConfig | tuple[SourceConfig, ...], validation: str | ValidationConfig | None
) -> Iterator[tuple[Path, SourceConfig | ValidationConfig]]:
    """Every source that is named, with the path of its keys in the study; a text's path is its own."""
    if isinstance(train, tuple):
        yield from ((("data", "train", place), source) for place, source in enumerate(train))
    else:
        yield ("data", "train"), SourceConfig(source=train) if isinstance(train, str) else train
    if isinstance(validation, str):
        yield ("data", "validation"), ValidationConfig(source=validation)
    elif validation is not None:
        yield ("data", "validation"), validation


def is_pattern(text: str) -> bool:
    """Whether ``text`` is a pattern of paths, and no path itself."""
    return any(sign in text for sign in PATTERN_SIGNS) and not exists(File(text).expanduser())
