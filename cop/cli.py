"""The ``cop`` command: what operators do from a terminal.

Exit status 0: done; 1: refused, with one line that says why; 2: wrong usage.
"""

import os
import sys
from functools import partial
from pathlib import Path

import click
import flask_migrate
from alembic.util import CommandError
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import OperationalError, ProgrammingError

from cop.commands.application import application, inside
from cop.commands.backups import backup_command, restore_command
from cop.commands.exports import export_group
from cop.commands.importing import import_group
from cop.commands.keys import keys_group
from cop.commands.lottery import lottery_command
from cop.commands.moving_files import files_group
from cop.commands.planning import print_plan
from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound, Refusal
from cop.core.secrecy import WrongKey
from cop.core.settings import SettingsError
from cop.demo import running
from cop.demo.programme import load
from cop.formats.archives import ArchiveError
from cop.formats.tables import TableError
from cop.queries.soundness import unsound
from cop.services import accounts, factors
from cop.starting import settings_of_this_process
from cop.web import read, run


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
    except (
        Refusal,
        SettingsError,
        ArchiveError,
        TableError,
        WrongKey,
        CommandError,
        click.ClickException,
        OSError,
    ) as error:
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
@click.option("--host", default="127.0.0.1", show_default=True, help="The address that the reverse proxy reaches.")
def serve(port: int, workers: int, host: str) -> None:
    """Start the web server only."""
    environment = running.environment_for(settings_of_this_process(os.environ))
    os.execve(sys.executable, running.gunicorn(port, workers, host), environment)  # noqa: S606  our own arguments


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


@db.command()
def verify() -> None:
    """Do counters, claims, offers and waiting lists agree, and do records of selections hold? A line for each fault."""
    with application():
        faults = unsound(read(SYSTEM))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise Refusal(f"promises that are not kept: {len(faults)}")


@cop.group()
def seed() -> None:
    """Data to begin with."""


@seed.command("demo")
def seed_demo() -> None:
    """Load the demo programme into an empty database."""
    with application():
        flask_migrate.upgrade(directory=str(running.MIGRATIONS))
        load(partial(click.echo, err=True))


@cop.command()
@click.argument("slug")
@click.option("--names", is_flag=True, help="Say also who would get it.")
def plan(slug: str, *, names: bool) -> None:
    """What will be sent about one event, and when: a dry run of its messages, reminders and surveys."""
    with application():
        print_plan(slug, names=names)


@cop.command("sign-in-link")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
def sign_in_link(emails: tuple[str, ...]) -> None:
    """Print one single-use sign-in address a line."""
    with application():
        for email in emails:
            click.echo(running.sign_in_address(email))


@cop.command("reset-factors")
@click.argument("email")
def reset_factors(email: str) -> None:
    """Take all second factors of somebody away who lost them, and sign them out; they can then set up new ones."""
    with application():
        run(partial(factors.reset_by_address, email=email), SYSTEM)
    click.echo(f"{email} has no second factor any more", err=True)


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


cop.add_command(inside(backup_command))
cop.add_command(inside(restore_command))
cop.add_command(import_group)
cop.add_command(export_group)
cop.add_command(files_group)
cop.add_command(keys_group)
cop.add_command(lottery_command)
