"""``cop files``: where uploaded files lie."""

from functools import partial

import click

from cop.commands.application import inside
from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.core.settings import files_from
from cop.services.files import moving, stores
from cop.web import run


@click.group("files")
def files_group() -> None:
    """Uploaded files, and where they lie."""


@click.command("move")
@click.option("--from", "source", default="", metavar="URL", help="Where they lie now, as COP_FILES_URL named it.")
def move(*, source: str) -> None:
    """Move all files to the place that COP_FILES_URL names, or into the database where it is not set.

    They come out of the database, or out of the place that --from names. Web servers and jobs have to know the new
    place before; a download that is under way may break off.
    """
    place = files_from(source)
    before = stores.outside_at(place) if place is not None else stores.DatabaseStore()
    after = stores.for_new()
    if before.name == after.name:
        raise Refusal(f"the files lie in the {before.name} already, and COP_FILES_URL names the same kind of place")
    count = 0
    while moved := run(partial(moving.move_some, source=before, target=after), SYSTEM):
        run(partial(moving.clear, source=before, moved=moved), SYSTEM)
        count += len(moved)
        click.echo(f"· {count:,} files moved", err=True)
    click.echo(f"{count:,} files were moved from the {before.name} to the {after.name}", err=True)


files_group.add_command(inside(move))
