"""The ``cop`` command: what operators do from a terminal.

Exit status 0: done; 1: refused, with one line that says why; 2: wrong usage.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import flask_migrate
from alembic.util import CommandError
from flask import Flask
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import OperationalError, ProgrammingError

from cop import create_app, exporting
from cop.commands import directory
from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound, Refusal
from cop.core.secrecy import WrongKey
from cop.core.settings import SettingsError
from cop.demo import running
from cop.demo.programme import load
from cop.formats.tables import TableError
from cop.services import accounts
from cop.starting import settings_of_this_process
from cop.web import read, run


@contextmanager
def application() -> Iterator[Flask]:
    """The application of this process, within its context."""
    app = create_app(settings_of_this_process(os.environ))
    with app.app_context():
        yield app


def main() -> None:
    try:
        cop.main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except NotFound:
        _refuse("there is no such record")
    except OperationalError as error:
        _refuse(f"the database cannot be used: {str(error.orig).splitlines()[0]}")
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable):
            raise
        _refuse("the database lacks tables of this version: run 'cop db upgrade'")
    except (Refusal, SettingsError, TableError, WrongKey, CommandError, click.ClickException, OSError) as error:
        _refuse(error.message if isinstance(error, click.ClickException) else str(error))


def _refuse(reason: str) -> None:
    click.echo(f"cop: {' '.join(reason.split())}", err=True)
    sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cop() -> None:
    """Events and a community of practice, from application to evidence."""


@cop.command("demo")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (default: COP_DATA_DIR or var)."
)
@click.option("--now", metavar="ISO", help="Move the service's clock on to this instant, never back.")
@click.option("--fresh", is_flag=True, help="Load the demo programme anew; everything in the database is lost.")
def demo_command(*, port: int, data: Path | None, now: str | None, fresh: bool) -> None:
    """Bring the demo programme to life: web server, jobs and mail server, until Ctrl-C."""
    if data is not None:
        os.environ["COP_DATA_DIR"] = str(data)
    running.run(port=port, now=running.instant(now) if now else None, fresh=fresh)


@cop.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
def serve(port: int, workers: int) -> None:
    """Start the web server only."""
    environment = running.environment_for(settings_of_this_process(os.environ))
    os.execve(sys.executable, running.gunicorn(port, workers), environment)  # noqa: S606  our own arguments


@cop.group()
def db() -> None:
    """The database's tables."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to this version."""
    with application():
        flask_migrate.upgrade(directory=str(running.MIGRATIONS))


@db.command()
def check() -> None:
    """Do the tables of the code equal those of the migrations?"""
    with application():
        flask_migrate.check(directory=str(running.MIGRATIONS))


@cop.group()
def seed() -> None:
    """Data to begin with."""


@seed.command("demo")
def seed_demo() -> None:
    """Load the demo programme into an empty database."""
    with application():
        flask_migrate.upgrade(directory=str(running.MIGRATIONS))
        load(partial(click.echo, err=True))


@cop.command("sign-in-link")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
def sign_in_link(emails: tuple[str, ...]) -> None:
    """Print one single-use sign-in address a line."""
    with application():
        for email in emails:
            click.echo(running.sign_in_address(email))


@cop.command()
@click.argument("email")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
@click.option("--programme", metavar="SLUG")
@click.option("--event", metavar="SLUG")
@click.option("--organisation", metavar="SLUG")
def grant(email: str, role: str, programme: str | None, event: str | None, organisation: str | None) -> None:
    """Grant a role; the person is made if unknown. Only an admin needs no scope."""
    with application():
        made = run(
            partial(
                accounts.grant,
                email=email,
                role=Role(role),
                programme_slug=programme,
                event_slug=event,
                organisation_slug=organisation,
            ),
            SYSTEM,
        )
    click.echo(f"{email} is {role}" if made else f"{email} was {role} already", err=True)


@cop.group("import")
def import_group() -> None:
    """Read a file: all of it or, if one row is refused, nothing."""


def _inside(command: click.Command) -> click.Command:
    """The command, carried out inside the application's context."""
    inner: Callable[..., object] = command.callback or (lambda: None)

    def callback(**values: object) -> object:
        with application():
            return inner(**values)

    command.callback = callback
    return command


import_group.add_command(_inside(directory.import_organisations))
import_group.add_command(_inside(directory.import_people))


@cop.group("export")
def export_group() -> None:
    """Write a file for the evaluation."""


@export_group.command("attendance")
@click.option("--programme", required=True, metavar="SLUG")
@click.option("--format", "format_", type=click.Choice(["csv"]), default="csv", show_default=True)
@click.option("--pseudonymised", is_flag=True, help="Stable keys in the place of names.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export_attendance(*, programme: str, format_: str, pseudonymised: bool, out: Path) -> None:
    """One row per seat and part; the codebook is written beside it."""
    codebook = out.with_name(f"{out.stem}-codebook.{format_}")
    with application():
        _write(out, exporting.attendance_csv(read(SYSTEM), programme_slug=programme, pseudonymised=pseudonymised))
        _write(
            codebook, exporting.attendance_codebook(read(SYSTEM), programme_slug=programme, pseudonymised=pseudonymised)
        )
    click.echo(f"{out} and {codebook} are written", err=True)


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    """Write beside the target and rename, so that no half a file is ever taken for a whole one."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.writelines(chunks)
    draft.replace(path)
