"""Lists with a line for each person: what Eventbrite exports, and tables that somebody made."""

from dataclasses import replace

from cop.core.errors import marked
from cop.formats.attendance_reports.drafts import Draft, times_of
from cop.formats.attendance_reports.headings import PEOPLE, plain
from cop.formats.attendance_reports.people import Entry, key_of, read_email, read_name, read_yes
from cop.formats.attendance_reports.sheets import Line, Section, Sheet
from cop.formats.attendance_reports.times import find_stamp, read_duration, read_stamp
from cop.formats.attendance_reports.values import Kind, Refused

CHECKED_IN = "checked in"
NOT_SEEN = frozenset({"", "attending", "not attending", "refunded", "deleted", "cancelled", "canceled", "transferred"})
MOST_SHOWN = 60


def read_eventbrite(sheet: Sheet) -> Draft | None:
    """The list, or None where the file is something else."""
    section = next((each for each in sheet.sections if "status" in each.columns or _has_tickets(each)), None)
    if section is None:
        return None
    if "status" not in section.columns:
        raise Refused(
            section.heading.number,
            marked("this does not say who came; export it from Eventbrite with the column “Attendee Status”"),
        )
    entries = [entry for line in section.lines if (entry := _attendee(section, line))]
    return Draft(Kind.EVENTBRITE, lambda _: entries, ())


def read_table(sheet: Sheet) -> Draft | None:
    """Any table with a column of names or addresses: who stands in it was there, unless it says otherwise."""
    sections = [section for section in sheet.sections if PEOPLE & section.columns.keys()]
    lines = [(section, line) for section in sections for line in section.lines]
    entries = [entry for section, line in lines if (entry := _row(section, line))]
    days = [day for section, line in lines if (day := find_stamp(line.number, section.cell(line, "date")))]
    return Draft(Kind.TABLE, lambda _: entries, (*times_of(entries), *days)) if sections else None


def _has_tickets(section: Section) -> bool:
    return {"order", "ticket"} <= section.columns.keys()


def _attendee(section: Section, line: Line) -> Entry | None:
    """Somebody with a ticket; who was checked in counts, though they never gave a name."""
    said = section.cell(line, "status")
    status = said.casefold()
    if status != CHECKED_IN and status not in NOT_SEEN:
        raise Refused(line.number, marked("“%(text)s” is no attendee status that we know"), text=said[:MOST_SHOWN])
    person = _person(section, line, came=status == CHECKED_IN)
    return person if person.came or person.name or person.email else None


def _row(section: Section, line: Line) -> Entry | None:
    number = line.number
    person = _person(section, line, came=True)
    joined, left = (read_stamp(number, section.cell(line, field)) for field in ("joined", "left"))
    stated = read_duration(number, section.cell(line, "duration"))
    if "attended" in section.columns:
        came = read_yes(number, section.cell(line, "attended"))
    else:
        came = stated is None or bool(stated) or bool(joined)
    if not person.name and not person.email:
        return None
    return replace(person, came=came, joined=joined, left=left, stated=stated)


def _person(section: Section, line: Line, *, came: bool) -> Entry:
    """Whoever shares an address is told apart by the name: one colleague may have put down several."""
    whole, *parts = (read_name(line.number, section.cell(line, field)) for field in ("name", "first", "last"))
    name = whole or " ".join(filter(None, parts))
    email = read_email(section.cell(line, "email"))
    key = key_of(name, email, line.number)
    return Entry(
        line=line.number,
        key=(*key, plain(name)),
        name=name,
        email=email,
        came=came,
        organisation=section.cell(line, "organisation"),
    )
