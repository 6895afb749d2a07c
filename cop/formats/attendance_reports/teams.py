"""Attendance reports of Microsoft Teams: today's with numbered sections, and those of 2020 and 2021 before them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from itertools import takewhile

from cop.core.errors import marked
from cop.formats.attendance_reports.drafts import Draft, times_of
from cop.formats.attendance_reports.headings import (
    ORGANISES,
    STRANGERS,
    Columns,
    may_be_heading,
    plain,
    teams_columns_of,
)
from cop.formats.attendance_reports.people import (
    Entry,
    Key,
    is_telephone,
    key_of,
    read_email,
    read_name,
    turned,
    without_brackets,
)
from cop.formats.attendance_reports.sheets import Line, Section, Sheet
from cop.formats.attendance_reports.times import (
    Calendar,
    Stamp,
    find_duration,
    find_stamp,
    read_duration,
    read_stamp,
)
from cop.formats.attendance_reports.values import Kind, Refused, Skip

TIMES = frozenset({"joined", "left", "duration"})
ONLY_TEAMS = ({"name", "upn"}, {"name", "action", "at"}, {"name", "role"} | TIMES)
LINES_LOOKED_AT = 50
A_FACT = 2  # cells: its name, and what it is


def read_teams(sheet: Sheet) -> Draft | None:
    """The report, or None where the file is something else."""
    if not sheet.numbered:
        return _draft(sheet, list(_recognised(sheet.lines)))
    found = (each if _has_people(each.columns) else _stays_by_shape(each) for each in sheet.sections)
    return _draft(sheet, [section for section in found if section])


def read_unknown_words(sheet: Sheet) -> Draft | None:
    """A report whose headings are in no language that we know, found by what stands below them."""
    for index, line in enumerate(sheet.lines[:LINES_LOOKED_AT]):
        below = Section("", line, {}, sheet.lines[index + 1 :])
        if found := _stays_by_shape(below) or _events_by_shape(below):
            return _draft(sheet, [found])
    return None


def _has_people(columns: Columns) -> bool:
    """Three at least: the name of a meeting stands beside its title, which may be any words."""
    return len(columns) > A_FACT and "name" in columns and bool((TIMES | {"upn", "email"}) & columns.keys())


def _recognised(lines: Sequence[Line]) -> Iterator[Section]:
    """Tables with the columns that only Teams has; the next line with a single cell ends them."""
    for index, line in enumerate(lines):
        columns = teams_columns_of(line.cells) if may_be_heading(line.cells) else {}
        if any(kind <= columns.keys() for kind in ONLY_TEAMS):
            below = takewhile(lambda each: not each.is_title and not _is_heading(each), lines[index + 1 :])
            yield Section("", line, columns, tuple(below))


def _is_heading(line: Line) -> bool:
    return may_be_heading(line.cells) and _has_people(teams_columns_of(line.cells))


def _stays_by_shape(section: Section) -> Section | None:
    """With a name, two times and a duration, in the order in which Teams has them, and addresses after them."""
    for line in section.lines[:LINES_LOOKED_AT]:
        if _are_times(line) == [False, True, True] and find_duration(line.at(3)):
            addresses = [column for column in range(4, len(section.heading.cells)) if _has_address(section, column)]
            columns = {"name": 0, "joined": 1, "left": 2, "duration": 3, "role": max(addresses, default=4) + 1}
            return replace(section, columns=columns | dict(zip(("email", "upn"), addresses, strict=False)))
    return None


def _events_by_shape(section: Section) -> Section | None:
    """With a name, a word and a time, and no more."""
    fits = (_are_times(line) == [False, False, True] and not line.at(3) for line in section.lines[:LINES_LOOKED_AT])
    if any(fits):
        return replace(section, columns={"name": 0, "action": 1, "at": 2})
    return None


def _are_times(line: Line) -> list[bool]:
    return [bool(find_stamp(line.number, cell)) for cell in line.cells[:3]]


def _has_address(section: Section, column: int) -> bool:
    return any("@" in line.at(column) for line in section.lines)


def _draft(sheet: Sheet, sections: list[Section]) -> Draft | None:
    if not sections:
        if sheet.numbered:
            raise Refused(sheet.lines[0].number, marked("the report has no table of participants"))
        return None
    began, ended, *_ = [*_own_times(sheet, sections[0].heading.number), None, None]
    if "action" in sections[0].columns:
        events = [event for section in sections for event in _events(section)]
        met = tuple(at for _, _, at in events)
        return Draft(Kind.TEAMS, lambda calendar: _stays(events, calendar), met, (), began, ended)
    entries = _entries(sections)
    others = [
        stamp
        for section in sections
        for line in section.lines
        if (stamp := find_stamp(line.number, section.cell(line, "registered")))
    ]
    return Draft(Kind.TEAMS, lambda _: entries, times_of(entries), tuple(others), began, ended)


def _own_times(sheet: Sheet, until: int) -> list[Stamp]:
    """Of the facts above the people, the two that are dates: when the meeting began, and when it ended."""
    facts = [line for line in sheet.lines if line.number < until and len(line.cells) == A_FACT]
    stamps = [find_stamp(line.number, line.cells[1]) for line in facts]
    return [stamp for stamp in stamps if stamp and stamp.has_date and stamp.clock]


def _entries(sections: list[Section]) -> list[Entry]:
    """The first table says who was there; the second, where there is one, each time that they came and went."""
    first, *others = sections
    summary = [(_entry(first, line), line) for line in first.lines if _is_person(first, line)]
    known = _Known(first, summary)
    activities = [
        entry
        for section in others
        for line in section.lines
        if _is_person(section, line) and (entry := known.recognised(_entry(section, line), section, line))
    ]
    detailed = {entry.key for entry in activities}
    people = [replace(entry, joined=None, left=None) if entry.key in detailed else entry for entry, _ in summary]
    return people + [replace(entry, loose=False, stated=None) for entry in activities]


class _Known:
    """The people of the first table, to know them again in the second."""

    def __init__(self, section: Section, people: Iterable[tuple[Entry, Line]]) -> None:
        self.by_address: dict[str, set[Key]] = {}
        self.by_name: dict[str, set[Key]] = {}
        for entry, line in people:
            self.by_name.setdefault(plain(entry.name), set()).add(entry.key)
            for address in _addresses(section, line):
                self.by_address.setdefault(address, set()).add(entry.key)

    def recognised(self, entry: Entry, section: Section, line: Line) -> Entry | None:
        """The entry under the key of the first table; None where several people there have that name."""
        found = [keys for address in _addresses(section, line) if (keys := self.by_address.get(address))]
        keys = found[0] if found else self.by_name.get(plain(entry.name), {entry.key})
        return replace(entry, key=next(iter(keys))) if len(keys) == 1 else None


def _is_person(section: Section, line: Line) -> bool:
    return bool(section.cell(line, "name") or _addresses(section, line))


def _addresses(section: Section, line: Line) -> list[str]:
    """Those of one person; with which they registered comes first."""
    cells = (section.cell(line, field) for field in ("registration email", "email", "upn"))
    return [address for cell in cells if (address := read_email(cell))]


def _entry(section: Section, line: Line) -> Entry:
    joined, left = (read_stamp(line.number, section.cell(line, field)) for field in ("joined", "left"))
    stated = read_duration(line.number, section.cell(line, "duration"))
    is_list_of_registered = bool({"registered", "registration email"} & section.columns.keys())
    person = _person(section, line)
    return replace(
        person,
        came=bool(joined or left or stated) or not (is_list_of_registered and TIMES & section.columns.keys()),
        joined=joined,
        left=left,
        stated=stated,
        loose=True,
    )


def _person(section: Section, line: Line) -> Entry:
    """Who it is, without brackets such as “(External)”."""
    whole = read_name(line.number, section.cell(line, "name"))
    name, within = without_brackets(whole)
    email = next(iter(_addresses(section, line)), "")
    if not email and is_telephone(name):
        return Entry(line.number, ("telephone", name), "", "", came=True, skipped=Skip.TELEPHONE)
    also = [turned(name)] if not email else []
    also += [whole] if within and not STRANGERS.search(plain(within)) else []
    name = turned(name) if email else name
    return Entry(
        line=line.number,
        key=key_of(name, email, line.number),
        name=name,
        email=email,
        came=True,
        organisation=section.cell(line, "organisation"),
        skipped=Skip.ORGANISER if ORGANISES.search(plain(section.cell(line, "role"))) else None,
        also=tuple(other for other in also if other != name),
    )


Event = tuple[Entry, str, Stamp]


def _events(section: Section) -> Iterator[Event]:
    """Somebody, what they did, and when."""
    field, zone = ("at utc", UTC) if "at utc" in section.columns else ("at", None)
    for line in section.lines:
        at = read_stamp(line.number, section.cell(line, field), zone)
        if at and _is_person(section, line):
            yield _person(section, line), section.cell(line, "action"), at


def _stays(events: list[Event], calendar: Calendar) -> Iterator[Entry]:
    """Who joined and has not left was there when the list was saved, so at least until its last line."""
    moments = [(moment, person, action, at) for person, action, at in events if (moment := calendar.moment(at))]
    moments.sort(key=lambda each: each[0])
    inside: dict[Key, tuple[Entry, Stamp]] = {}
    for _, person, action, at in moments:
        if _joins(action, is_inside=person.key in inside):
            inside.setdefault(person.key, (person, at))
        elif person.key in inside:
            entry, joined = inside.pop(person.key)
            yield replace(entry, joined=joined, left=at)
        else:
            yield person
    for entry, joined in inside.values():
        yield replace(entry, joined=joined, left=moments[-1][3])


def _joins(action: str, *, is_inside: bool) -> bool:
    """By the word, or for one that we do not know by turns."""
    meaning = teams_columns_of([action])
    return "joined" in meaning or not ("left" in meaning or is_inside)
