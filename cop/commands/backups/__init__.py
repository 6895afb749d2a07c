"""``cop backup`` and ``cop restore``: the whole database in one file, with the files and without the keys."""

from pathlib import Path

import click

from cop.commands.backups.backing_up import back_up
from cop.commands.backups.restoring import restore

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("backup")
@FILE
@click.option("--force", is_flag=True, help="Write over FILE where it exists.")
def backup_command(file: Path, *, force: bool) -> None:
    """Write everything in the database into FILE, and the files of its folder, while the service runs.

    SECRET_KEY and COP_ENCRYPTION_KEYS are not in it: keep them, and keep them apart.
    """
    back_up(file, force=force, say=_say)
    click.echo(f"{file} is written, {file.stat().st_size:,} bytes", err=True)


@click.command("restore")
@FILE
@click.option("--replace", is_flag=True, help="Delete what is in the database; without it only an empty one is taken.")
@click.option("--without-keys", is_flag=True, help="Restore although what was encrypted cannot be read.")
def restore_command(file: Path, *, replace: bool, without_keys: bool) -> None:
    """Load FILE, a backup of this version or an older one. Stop the web server and the jobs first."""
    restore(file, replace=replace, without_keys=without_keys, say=_say)
    click.echo(f"{file} is restored", err=True)


def _say(step: str) -> None:
    click.echo(f"· {step}", err=True)
