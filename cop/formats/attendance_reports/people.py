"""Who is spoken of: names as they are written, addresses, telephone numbers; and many lines about one human as one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cop.core.errors import marked
from cop.formats.attendance_reports.headings import plain
from cop.formats.attendance_reports.times import Calendar, Stamp
from cop.formats.attendance_reports.values import Interval, Refused, Reported, Skip, minutes_in, rounded, union

MOST_CHARACTERS = 200
HALF_A_DAY = timedelta(hours=12)
DAY = timedelta(days=1)

ADDRESS = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\"]+")
LONGEST_ADDRESS = 254
FROM_ELSEWHERE = re.compile(r"(.+)_([^_@]+)#ext#@.+")
TELEPHONE = re.compile(r"(?=(?:\D*[\d*]){5})[+\d\s()*x./-]+|(?:call-?in|phone|telephone)[ _-]?(?:user|caller)?[ _\d-]*")
IN_BRACKETS = re.compile(r"(?P<name>[^()]*\S)\s*\((?P<within>[^()]+)\)")
TURNED_ROUND = re.compile(r"(?P<last>[^,]+), (?P<first>[^,]+)")
YES = frozenset({"yes", "y", "true", "1", "x", "✓", "✔", "present", "attended", "came", "checked in"})
NO = frozenset({"no", "n", "false", "0", "absent", "apologies", "no show", "no-show", "did not attend"})
NOBODY = frozenset({"info requested", "n/a", "-", "--"})

Key = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What one line says of somebody; lines with one ``key`` speak of one human.

    ``stated`` is how long they were there by the report itself. It stands for the times where they leave room for
    doubt (``loose``): from the first joining to the last leaving is not all the time between.
    """

    line: int
    key: Key
    name: str
    email: str
    came: bool
    organisation: str = ""
    skipped: Skip | None = None
    also: tuple[str, ...] = ()
    joined: Stamp | None = None
    left: Stamp | None = None
    stated: timedelta | None = None
    loose: bool = False


def read_email(text: str) -> str:
    """The address in small letters; blank for what is none. Guests of a tenant have theirs wrapped."""
    address = text.strip().lower().removeprefix("mailto:")
    if wrapped := FROM_ELSEWHERE.fullmatch(address):
        address = f"{wrapped[1]}@{wrapped[2]}"
    return address if len(address) <= LONGEST_ADDRESS and ADDRESS.fullmatch(address) else ""


def read_name(line: int, text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise Refused(line, marked("the name is longer than %(most)s characters"), most=MOST_CHARACTERS)
    return "" if text.lower() in NOBODY else text


def read_yes(line: int, text: str) -> bool:
    """Whether a cell says that somebody came; a blank one says that they did not."""
    word = text.casefold()
    if word and word not in YES and word not in NO and word not in NOBODY:
        raise Refused(line, marked("“%(text)s” is neither yes nor no"), text=text[:MOST_CHARACTERS])
    return word in YES


def without_brackets(name: str) -> tuple[str, str]:
    """``Amina Khan (Guest)`` in its two parts."""
    found = IN_BRACKETS.fullmatch(name)
    return (found["name"], found["within"].strip()) if found else (name, "")


def turned(name: str) -> str:
    """``Khan, Amina`` as ``Amina Khan``; a name without exactly one comma as it is."""
    found = TURNED_ROUND.fullmatch(name)
    return f"{found['first']} {found['last']}" if found else name


def is_telephone(name: str) -> bool:
    return bool(TELEPHONE.fullmatch(name.lower()))


def key_of(name: str, email: str, line: int) -> Key:
    """By the address, else by the name; who has neither is nobody else."""
    if email:
        return ("email", email)
    return ("name", plain(name)) if plain(name) else ("line", str(line))


def gathered(entries: Iterable[Entry], calendar: Calendar) -> tuple[Reported, ...]:
    """One Reported for each human, in the order in which the file first speaks of them."""
    groups: dict[Key, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key, []).append(entry)
    people = [_reported(group, calendar) for group in groups.values()]
    return tuple(sorted(people, key=lambda person: person.line))


def _reported(group: list[Entry], calendar: Calendar) -> Reported:
    line = min(entry.line for entry in group)
    skipped = next((entry.skipped for entry in group if entry.skipped), None)
    timed = [(entry, _interval(entry, calendar)) for entry in group if entry.came]
    intervals = union(interval for _, interval in timed if interval)
    stated = [entry.stated for entry, interval in timed if not interval and entry.stated is not None]
    minutes = minutes_in(intervals) if intervals else rounded(sum(stated, timedelta())) if stated else None
    is_number = skipped is Skip.TELEPHONE
    names = list(dict.fromkeys(name for entry in group for name in (entry.name, *entry.also) if name))
    return Reported(
        line=line,
        name="" if is_number or not names else names[0],
        email="" if is_number else next((entry.email for entry in group if entry.email), ""),
        came=bool(timed),
        organisation=next((entry.organisation for entry in group if entry.organisation), ""),
        minutes=minutes,
        intervals=intervals,
        skipped=skipped,
        also=() if is_number else tuple(names[1:]),
    )


def _interval(entry: Entry, calendar: Calendar) -> Interval | None:
    joined = calendar.moment(entry.joined)
    left = calendar.moment(entry.left, joined)
    if joined is None or left is None:
        return None
    if left < joined and entry.left and not entry.left.has_date:
        left = _next_day(left, joined)
    if left < joined:
        raise Refused(
            entry.line,
            marked("somebody leaves at %(left)s, before joining at %(joined)s"),
            left=entry.left.text if entry.left else "",
            joined=entry.joined.text if entry.joined else "",
        )
    if entry.loose and entry.stated is not None and abs(left - joined - entry.stated) > timedelta(minutes=1):
        return None
    return Interval(joined, left)


def _next_day(left: datetime, joined: datetime) -> datetime:
    """A time without a date may be past midnight, but nobody stays for half a day."""
    return left + DAY if left + DAY - joined < HALF_A_DAY else left
