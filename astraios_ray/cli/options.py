"""Options that several commands share."""

import click

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Give a value of the study anew, read as YAML: --set methods.lora.r.values='[8]'. Repeatable.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
