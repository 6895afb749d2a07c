"""``cop import``: files that the service reads."""

import click

from cop.commands import attendance, directory
from cop.commands.application import inside


@click.group("import")
def import_group() -> None:
    """Read a file: all of it or, if one row is refused, nothing."""


import_group.add_command(inside(directory.import_organisations))
import_group.add_command(inside(directory.import_people))
import_group.add_command(inside(attendance.import_attendance))
