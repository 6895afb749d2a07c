"""``cop export``: files for the evaluation, each with its codebook beside it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from cop import exporting
from cop.commands.application import inside
from cop.core.access import SYSTEM
from cop.exporting import Format
from cop.web import read

PROGRAMME = click.Option(["--programme"], required=True, metavar="SLUG", help="Address word of the programme.")
FORMATS = [str(one) for one in Format]
FORMAT = click.Option(["--format", "format_"], type=click.Choice(FORMATS), default="csv", show_default=True)
PSEUDONYMISED = click.Option(["--pseudonymised"], is_flag=True, help="Stable keys in the place of names.")
OUT = click.Option(["--out"], type=click.Path(dir_okay=False, path_type=Path), required=True)


@click.group("export")
def export_group() -> None:
    """Write a file for the evaluation."""


def export(kind: str, *, programme: str, format_: str, pseudonymised: bool, out: Path) -> None:
    """Write one kind. A CSV has its codebook beside it, the other formats have it inside."""
    asked: dict[str, Any] = {"kind": kind, "programme_slug": programme, "pseudonymised": pseudonymised}
    _write(out, exporting.table(read(SYSTEM), format_=Format(format_), **asked))
    if format_ != Format.CSV:
        click.echo(f"{out} is written", err=True)
        return
    beside = out.with_name(f"{out.stem}-codebook.csv")
    _write(beside, exporting.codebook(read(SYSTEM), **asked))
    click.echo(f"{out} and {beside} are written", err=True)


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    """Write beside the target and rename, so that no half a file is ever taken for a whole one."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.writelines(chunks)
    draft.replace(path)


for kind in exporting.KINDS.values():
    export_group.add_command(
        inside(
            click.Command(
                kind.name,
                callback=partial(export, kind.name),
                params=[PROGRAMME, FORMAT, PSEUDONYMISED, OUT],
                help=f"{kind.a_row}; the codebook of a CSV is written beside it.",
                short_help=kind.a_row,
            )
        )
    )
