"""Importing organisations and people from files."""

import json
from typing import BinaryIO

import click

from cop.core.access import SYSTEM
from cop.formats.tables import MOST_BYTES, read_csv
from cop.services import imports
from cop.web import read, run

FILE = click.argument("file", type=click.File("rb"))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.command("organisations")
@FILE
@DRY_RUN
@AS_JSON
def import_organisations(file: BinaryIO, *, dry_run: bool, as_json: bool) -> None:
    """Import organisations from FILE, a CSV: name, kind, membership, region, domains, joined_on, source.

    All of it or nothing. Blank cells and missing columns never erase what is known.
    """
    _import(file, imports.ORGANISATIONS, dry_run=dry_run, as_json=as_json)


@click.command("people")
@FILE
@DRY_RUN
@AS_JSON
def import_people(file: BinaryIO, *, dry_run: bool, as_json: bool) -> None:
    """Import people from FILE, a CSV: email, name, organisation, sector, role_title.

    All of it or nothing. Blank cells and missing columns never erase what is known.
    """
    _import(file, imports.PEOPLE, dry_run=dry_run, as_json=as_json)


def _import(file: BinaryIO, importing: imports.Importing, *, dry_run: bool, as_json: bool) -> None:
    """Say row by row what happens; the command line turns a refusal into its last line and its exit status."""
    rows = read_csv(file.read(MOST_BYTES + 1), importing.required, importing.optional)
    try:
        if dry_run:
            plan = importing.plan(read(SYSTEM), rows)
        else:
            plan = run(lambda work: importing.carry_out(work, rows), SYSTEM)
    except imports.PlanRefused as refused:
        plan = refused.plan
    click.echo("\n".join(_json(plan) if as_json else _text(plan, dry_run=dry_run)))
    if plan.refused:
        raise imports.PlanRefused(plan)


def _json(plan: imports.Plan) -> list[str]:
    return [
        json.dumps(
            {"line": line.line, "action": line.action, "subject": line.subject, "reason": str(line.reason or "")},
            ensure_ascii=False,
        )
        for line in plan.lines
    ]


def _text(plan: imports.Plan, *, dry_run: bool) -> list[str]:
    lines = [
        f"line {line.line}: {line.action} {line.subject}" + (f" ({line.reason})" if line.reason else "")
        for line in plan.lines
    ]
    counts = ", ".join(f"{action} {plan.counts[action]}" for action in imports.Action)
    ending = "; nothing was changed" if dry_run or plan.refused else ""
    return [*lines, f"{len(plan.lines)} rows: {counts}{ending}"]
