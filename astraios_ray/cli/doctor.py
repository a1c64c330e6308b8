"""``astraios-ray doctor``: whether this machine can run studies, and judge programs safely."""

import json
from dataclasses import asdict

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import sandbox_python_option


@click.command("doctor")
@click.option("--folder", default="runs", show_default=True, help="Where runs would be written.")
@sandbox_python_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.pass_context
def doctor(ctx: click.Context, folder: str, sandbox_python: str, as_json: bool) -> None:
    """Check versions, disk, GPU, plug-ins, MLflow, Ray, and the sandbox by trying to break out of it.

    Exits with 0 when nothing is bad, 5 when programs cannot be isolated here, 1 for anything else.
    """
    from astraios_ray.studies.doctor import BAD, Diagnosis

    diagnoses: list[Diagnosis] = []
    for finding in ar.doctor(folder, sandbox_python=sandbox_python):
        diagnoses.append(finding)
        if not as_json:
            click.echo(f"{finding.state:5} {finding.name:48} {finding.found}")
            if finding.advice:
                click.echo(f"{'':54} -> {finding.advice}")
    bad = [finding for finding in diagnoses if finding.state == BAD]
    if as_json:
        click.echo(
            json.dumps({"ok": not bad, "findings": [asdict(finding) for finding in diagnoses]}, indent=1)
        )
    elif not bad:
        click.echo("All right.")
    ctx.exit(max((finding.exit_code for finding in bad), default=0))
