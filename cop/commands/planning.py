"""``cop plan``: what will be sent about an event, line by line."""

import click

from cop.core.access import SYSTEM
from cop.queries import staff_events
from cop.queries.dry_run import Line, dry_run
from cop.services.surveys import ROUNDS
from cop.web import ports, read


def print_plan(slug: str, *, names: bool) -> None:
    """When, what, and to how many; ``names`` says also to whom."""
    event = staff_events.staff_event(read(SYSTEM), slug=slug).event
    for line in dry_run(read(SYSTEM), event, ROUNDS):
        at = line.at.astimezone(ports().settings.timezone)
        most = "at most " if line.at_most else ""
        click.echo(f"{at:%Y-%m-%d %H:%M}  {most}{line.count}  {_what(line)}")
        if names:
            more = f" and {line.count - len(line.names)} more" if line.count > len(line.names) else ""
            click.echo(f"    {', '.join(line.names)}{more}")


def _what(line: Line) -> str:
    if line.rule is not None:
        return f"message {line.rule.id}: {line.rule.subject}"
    number = f" {line.reminder}" if line.reminder else ""
    which = f" ({line.which})" if line.which else ""
    return f"{line.what.replace('_', ' ')}{number}{which}"
