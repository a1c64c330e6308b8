"""``astraios-ray evaluate``: one model answers one evaluator's problems, and is scored."""

from pathlib import Path

import click

import astraios_ray as ar
from astraios_ray.cli.shared_options import (
    changes_option,
    json_option,
    sandbox_python_option,
    with_sandbox,
    with_task,
)


@click.command("evaluate")
@click.argument("evaluator")
@click.option("--model", metavar="M", help="builtin:<name>, a folder or a hub id with --revision.")
@click.option("--revision", help="Commit of a hub model.")
@click.option(
    "--adapter",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that export wrote, which names its model, or one of peft.",
)
@with_task
@click.option("--template", help="astraios, chat, none, fim or a Jinja text. Default: that of the adapter.")
@click.option("--system", help="Text of the system, for templates that have one.")
@click.option("--samples", type=click.IntRange(1), default=20, show_default=True, help="Per problem.")
@click.option("--temperature", type=click.FloatRange(0), default=0.2, show_default=True, help="0: greedy.")
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), default=0.95, show_default=True)
@click.option("--max-new-tokens", type=click.IntRange(1), default=256, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--dtype", default="fp32", show_default=True, help="fp32 or bf16.")
@click.option("--quantization", default="none", show_default=True, help="none, int8 or nf4.")
@click.option("--device", help="A torch device. Default: cuda where there is one, else cpu.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of completions. Default: runs/evaluate/<names>."
)
@changes_option
@click.option("--fresh", is_flag=True, help="Start anew; a folder that is there is renamed, not deleted.")
@with_sandbox
@sandbox_python_option
@click.option("--quiet", is_flag=True, help="No progress.")
@json_option
def evaluate(
    evaluator: str,
    model: str | None,
    revision: str | None,
    adapter: Path | None,
    template: str | None,
    system: str | None,
    options: tuple[str, ...],
    data: str | None,
    data_root: Path | None,
    limit: int | None,
    samples: int,
    temperature: float,
    top_p: float,
    max_new_tokens: int,
    seed: int,
    dtype: str,
    quantization: str,
    device: str | None,
    out: Path | None,
    despite_changes: bool,
    fresh: bool,
    kind: str,
    sandbox_python: str,
    consent: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Have a model answer EVALUATOR, a built-in name or a path, and score its answers.

    Completions are saved as they come: the same command goes on where it was stopped. The defaults are the
    paper's: 20 samples at temperature 0.2 and top-p 0.95 (Astraios, arXiv 2401.00788).
    """
    scored = ar.evaluate(
        evaluator,
        model,
        revision=revision,
        adapter=adapter,
        template=template,
        system=system,
        options=options,
        data=data,
        data_root=data_root,
        limit=limit,
        samples=samples,
        temperature=temperature,
        top_p=top_p,
        max_new_tokens=max_new_tokens,
        seed=seed,
        dtype=dtype,
        quantization=quantization,
        device=device,
        out=out,
        fresh=fresh,
        despite_changes=despite_changes,
        sandbox=kind,
        sandbox_python=sandbox_python,
        consent=consent,
        progress=not quiet,
    )
    click.echo(scored.as_json() if as_json else scored.as_text())
