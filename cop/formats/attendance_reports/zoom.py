"""Reports of Zoom: of webinars, in sections, and the flat lists of meetings, in their several versions."""

import re
from collections.abc import Iterator

from cop.core.errors import marked
from cop.formats.attendance_reports.drafts import Draft, times_of
from cop.formats.attendance_reports.headings import plain
from cop.formats.attendance_reports.people import (
    ADDRESS,
    Entry,
    is_telephone,
    key_of,
    read_email,
    read_name,
    read_yes,
    without_brackets,
)
from cop.formats.attendance_reports.sheets import Line, Section, Sheet
from cop.formats.attendance_reports.times import Stamp, find_duration, find_stamp, read_duration, read_stamp
from cop.formats.attendance_reports.values import Kind, Refused, Skip

IS_HOST = re.compile(r"(?:co-?)?host\b.*", re.IGNORECASE)
ROLES = {"host": Skip.HOST, "panelist": Skip.PANELLIST, "panellist": Skip.PANELLIST, "other": Skip.TELEPHONE}


def read_zoom(sheet: Sheet) -> Draft | None:
    """The report, or None where the file is something else."""
    about = [section for section in sheet.sections if _is_about(section)]
    people = [section for section in sheet.sections if not _is_about(section)]
    if not about and not any("zoom" in section.columns for section in people):
        return None
    if not any({"joined", "duration", "attended"} & section.columns.keys() for section in people):
        raise Refused(
            (people or about)[0].heading.number,
            marked("this does not say who came; in Zoom, take the “Attendee report” or the list of participants"),
        )
    is_webinar = any("attended" in section.columns for section in people)
    hosts = frozenset(address for cell in _facts(about, "host") for address in ADDRESS.findall(cell.lower()))
    entries = [
        entry
        for section, role in zip(people, _roles(people), strict=True)
        for line in section.lines
        if (entry := _entry(section, line, role, hosts))
    ]
    return Draft(
        Kind.ZOOM_WEBINAR if is_webinar else Kind.ZOOM_MEETING,
        lambda _: entries,
        times_of(entries),
        tuple(_others(people)),
        next(_moments(about, "started"), None),
        next(_moments(about, "ended"), None),
        next((length for cell in _facts(about, "length") if (length := find_duration(cell))), None),
    )


def _is_about(section: Section) -> bool:
    return "topic" in section.columns and not {"name", "joined", "attended"} & section.columns.keys()


def _facts(about: list[Section], field: str) -> Iterator[str]:
    yield from (cell for section in about for line in section.lines[:1] if (cell := section.cell(line, field)))


def _moments(about: list[Section], field: str) -> Iterator[Stamp]:
    for section in about:
        for line in section.lines[:1]:
            stamp = find_stamp(line.number, section.cell(line, field))
            if stamp and stamp.has_date:
                yield stamp


def _others(people: list[Section]) -> Iterator[Stamp]:
    for section in people:
        for line in section.lines:
            if stamp := find_stamp(line.number, section.cell(line, "registered")):
                yield stamp


def _roles(people: list[Section]) -> Iterator[Skip | None]:
    """By the titles; in a language that we do not know, hosts come first, those who came last, telephones after them.

    Hosts and panellists have the same columns as those who came to hear them.
    """
    listed = [section for section in people if "attended" in section.columns]
    for section in people:
        title = plain(section.title).split(" ")[0]
        if not listed or title == "attendee":
            yield None
        elif title in ROLES:
            yield ROLES[title]
        elif section not in listed:
            yield Skip.TELEPHONE
        elif section is listed[-1]:
            yield None
        else:
            yield Skip.HOST if section is listed[0] else Skip.PANELLIST


def _entry(section: Section, line: Line, role: Skip | None, hosts: frozenset[str]) -> Entry | None:
    number = line.number
    names, is_host = _names(section, line)
    name = names[0] if names else ""
    email = read_email(section.cell(line, "email"))
    if not name and not email:
        return None
    if not email and is_telephone(name):
        role = Skip.TELEPHONE
    elif not role and (is_host or email in hosts):
        role = Skip.HOST
    return Entry(
        line=number,
        key=key_of(name, email, number),
        name=name,
        email=email,
        came=_came(section, line),
        organisation=section.cell(line, "organisation"),
        skipped=role,
        also=tuple(names[1:]),
        joined=read_stamp(number, section.cell(line, "joined")),
        left=read_stamp(number, section.cell(line, "left")),
        stated=read_duration(number, section.cell(line, "duration")),
    )


def _came(section: Section, line: Line) -> bool:
    """Whoever stayed in the waiting room did not; of telephones there are only those that were there."""
    if "attended" in section.columns:
        return read_yes(line.number, section.cell(line, "attended"))
    return not read_yes(line.number, section.cell(line, "waiting"))


def _names(section: Section, line: Line) -> tuple[list[str], bool]:
    """The name by which they registered or that they show, the one behind it, and whether they are marked as host."""
    shown, within = without_brackets(read_name(line.number, section.cell(line, "name")))
    is_host = bool(IS_HOST.fullmatch(within))
    if is_host:
        shown, within = without_brackets(shown)
    parts = (read_name(line.number, section.cell(line, field)) for field in ("first", "last"))
    names = [" ".join(filter(None, parts)), shown, within]
    return list(dict.fromkeys(filter(None, names))), is_host
