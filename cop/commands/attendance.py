"""Importing reports of who came."""

import json
from typing import BinaryIO

import click

from cop.commands.directory import AS_JSON, DRY_RUN, FILE
from cop.core.access import SYSTEM
from cop.formats.attendance_reports.sheets import MOST_BYTES
from cop.services.imports import attendance
from cop.web import ports, read, run


@click.command("attendance")
@FILE
@click.option("--event", "slug", required=True, metavar="SLUG", help="The event, as its address names it.")
@click.option("--session", "title", metavar="TITLE", help="Which of its dates, by its title; needed where it has many.")
@DRY_RUN
@AS_JSON
def import_attendance(file: BinaryIO, slug: str, title: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import a report of who came from FILE, as Microsoft Teams, Zoom or Eventbrite write it, or a table.

    Whoever is found by their e-mail address is marked; strangers with an address are added as people who came without
    a booking. Whoever is found by the name alone is left out: a person decides, on the page of the report.
    """
    data, zone = file.read(MOST_BYTES + 1), ports().settings.timezone
    if dry_run:
        plan = attendance.plan_file(
            read(SYSTEM), attendance.part_named(read(SYSTEM), slug=slug, title=title), data, zone=zone
        )
    else:
        name = getattr(file, "name", "")
        plan = run(
            lambda work: attendance.import_at_once(
                work,
                part=attendance.part_named(work, slug=slug, title=title),
                data=data,
                filename=name.replace("\\", "/").rpartition("/")[2],
                zone=zone,
            ),
            SYSTEM,
        )
    click.echo("\n".join(_json(plan) if as_json else _text(plan, dry_run=dry_run)))


def _json(plan: attendance.Plan) -> list[str]:
    return [
        json.dumps(
            {
                "row": line.reported.line,
                "name": line.reported.name,
                "email": line.reported.email,
                "minutes": line.reported.minutes,
                "match": line.match,
                "person": line.public_id,
                "action": line.action,
                "reason": str(line.reason or ""),
            },
            ensure_ascii=False,
        )
        for line in plan.lines
    ]


def _text(plan: attendance.Plan, *, dry_run: bool) -> list[str]:
    counts = ", ".join(f"{action} {plan.counts[action]}" for action in attendance.Action)
    ending = "; nothing was changed" if dry_run else ""
    return [*map(_line, plan.lines), f"{len(plan.lines)} people: {counts}{ending}"]


def _line(line: attendance.Line) -> str:
    who = line.reported.name or line.reported.email or "somebody"
    minutes = f", {line.reported.minutes} min" if line.reported.minutes is not None else ""
    reason = f" ({line.reason})" if line.reason else ""
    return f"line {line.reported.line}: {line.action} {who}{minutes}{reason}"
