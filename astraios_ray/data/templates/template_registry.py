"""The templates by name, and the one that a study asks for."""

from collections.abc import Callable, Sequence

from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import BadRow, Row
from astraios_ray.data.templates.template import Template, TemplateSettings, Tokenizer
from astraios_ray.errors import DataError
from astraios_ray.records import DataRef
from astraios_ray.registry import Registry

TEMPLATES: Registry[Callable[[Tokenizer, TemplateSettings], Template]] = Registry("template")
JINJA = "jinja"  # the name under which the text of a study is made a template


def make_template(ref: DataRef, tokenizer: Tokenizer) -> Template:
    """The template that ``ref`` names, or whose Jinja text it holds, for ``tokenizer``.

    Raises ConfigError when the tokenizer lacks what it needs.
    """
    name = JINJA if "{" in ref.template else ref.template
    return TEMPLATES[name](tokenizer, TemplateSettings(ref.template, ref.system, ref.fim_rate, ref.seed))


def refuse_rows(template: Template, rows: Sequence[Row]) -> None:
    """Raise DataError when the template cannot write the rows: one of each sequence of roles is tried."""
    by_roles = {tuple(turn.role for turn in row.turns): row for row in reversed(rows)}
    bad = [BadRow(row.source, reason) for row in by_roles.values() if (reason := _fault(template, row))]
    if bad:
        raise DataError("\n".join(["Rows do not fit data.template:", *map(str, bad[:5])]))


def _fault(template: Template, row: Row) -> str:
    try:
        template.texts(row)
    except RowFault as fault:
        return str(fault)
    return ""
