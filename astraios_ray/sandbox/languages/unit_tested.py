"""The languages whose functions are judged by unit tests, by their names in HumanEvalPack."""

from collections.abc import Mapping

from astraios_ray.sandbox.languages import cpp, go, js, rust
from astraios_ray.sandbox.languages.language import Language

_ALL: tuple[Language, ...] = (cpp.LANGUAGE, js.LANGUAGE, go.LANGUAGE, rust.LANGUAGE)
UNIT_TESTED: Mapping[str, Language] = {language.name: language for language in _ALL}
