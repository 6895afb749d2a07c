"""``cop keys``: the keys under which what is sensitive is encrypted."""

from functools import partial

import click

from cop.commands.application import inside
from cop.core import secrecy
from cop.core.access import SYSTEM
from cop.core.errors import Refusal
from cop.queries import keys as queries
from cop.services import keys as services
from cop.web import read, run


@click.group("keys")
def keys_group() -> None:
    """The keys of COP_ENCRYPTION_KEYS, and what lies under them."""


@click.command("check")
def check() -> None:
    """Say which key holds how many values. A key that holds none can be taken out of COP_ENCRYPTION_KEYS."""
    counts = queries.counted(read())
    for place, fingerprint in enumerate(secrecy.keys_in_use()):
        held = counts.get(place, {})
        role = "encrypts" if place == 0 else "only reads"
        click.echo(f"{fingerprint} ({role}): {sum(held.values()):,} values")
        for name, count in sorted(held.items()):
            click.echo(f"  {name}: {count:,}")
    lost = counts.get(None, {})
    if lost:
        raise Refusal(f"no key of these opens {sum(lost.values()):,} values: {', '.join(sorted(lost))}")


@click.command("rotate")
def rotate() -> None:
    """Encrypt everything anew under the first key. It can be stopped and begun again; the service goes on meanwhile."""
    renewed = 0
    columns = queries.sealed()
    for number, column in enumerate(columns, start=1):
        in_column, step = 0, services.Step(0, None)
        while True:
            step = run(partial(services.renew_some, column=column, after=step.last), SYSTEM)
            in_column += step.renewed
            if step.last is None:
                break
            click.echo(f"· {number} of {len(columns)} columns, {renewed + in_column:,} values", err=True)
        renewed += in_column
    click.echo(f"{renewed:,} values were encrypted anew under {secrecy.keys_in_use()[0]}")


keys_group.add_command(inside(check))
keys_group.add_command(inside(rotate))
