"""iCalendar streams: feeds to subscribe to (RFC 5545 and 7986) and invitations sent by mail (RFC 5546)."""

from bisect import bisect_left
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vDuration, vText

PRODID = "-//Co-operative Councils' Innovation Network//Learning Together//EN"

REFRESH = timedelta(hours=6)
"""How often a client is asked to look again; Apple and Outlook heed it, Google does not."""

COLOUR = "teal"
"""A CSS3 colour name (RFC 7986, 5.9), the nearest to the service's own."""

ZONE_YEARS = range(2020, 2038)
"""Years whose clock changes a VTIMEZONE has to tell; a rule that holds in all of them is taken to go on."""

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LINES = str.maketrans({"\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
_CONTROLS = str.maketrans("", "", "".join(map(chr, [*range(9), *range(11, 32), 127])))
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Happening:
    """One entry of a calendar.

    ``uid`` lacks its domain part, instants are aware, ``description`` is plain text. In feeds ``changed_at`` is
    DTSTAMP and LAST-MODIFIED, so that the same happening always gives the same bytes.
    """

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    description: str
    url: str
    sequence: int
    changed_at: datetime
    cancelled: bool = False


@dataclass(frozen=True)
class Mailbox:
    name: str
    email: str


class Text(vText):
    r"""TEXT of RFC 5545, 3.3.11, from any string; characters that the standard forbids are left out.

    The library's own type takes the two characters ``\N`` for a line end, which breaks Windows paths.
    """

    def to_ical(self) -> bytes:
        clean = self.replace("\r\n", "\n").translate(_LINES).translate(_CONTROLS)
        return clean.translate(_ESCAPES).encode()


def feed(
    name: str,
    description: str,
    happenings: Iterable[Happening],
    *,
    source: str,
    timezone: ZoneInfo,
    domain: str,
) -> bytes:
    """A calendar to subscribe to at ``source``; the same arguments always give the same bytes.

    It has no UID of its own, which RFC 7986 allows: vdirsyncer takes that for the UID of each entry, and keeps one.
    """
    listed = list(happenings)
    calendar = _calendar("PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, Text(name))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, Text(description))
    if listed:
        calendar.add("last-modified", max(happening.changed_at for happening in listed))
    calendar.add("source", source, parameters={"VALUE": "URI"})
    calendar.add("color", COLOUR)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})  # RFC 7986 requires the parameter
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add("x-wr-timezone", timezone.key)
    return _stream(calendar, timezone, (_published(happening, timezone, domain) for happening in listed))


def request(
    happening: Happening, *, organizer: Mailbox, attendee: Mailbox, timezone: ZoneInfo, domain: str, now: datetime
) -> bytes:
    """An invitation, or its update where ``sequence`` was raised; ``now`` is DTSTAMP."""
    event = _event(happening, timezone, domain, now)
    event.add("organizer", _address(organizer))
    event.add("attendee", _address(attendee, PARTSTAT="NEEDS-ACTION", ROLE="REQ-PARTICIPANT", RSVP="TRUE"))
    return _stream(_calendar("REQUEST"), timezone, [event.to_ical()])


def cancel(
    happening: Happening, *, organizer: Mailbox, attendee: Mailbox, timezone: ZoneInfo, domain: str, now: datetime
) -> bytes:
    """What takes an entry out of the attendee's calendar; ``sequence`` must be higher than the invitation's."""
    event = _event(happening, timezone, domain, now, cancelled=True)
    event.add("organizer", _address(organizer))
    event.add("attendee", _address(attendee, ROLE="REQ-PARTICIPANT"))
    return _stream(_calendar("CANCEL"), timezone, [event.to_ical()])


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _stream(calendar: Calendar, timezone: ZoneInfo, events: Iterable[bytes]) -> bytes:
    """The calendar with its zone and events put in; all pieces are whole lines that end in CRLF."""
    opening, end, _ = calendar.to_ical().rpartition(b"END:VCALENDAR")
    return b"".join([opening, _vtimezone(timezone), *events, end, b"\r\n"])


@lru_cache(maxsize=2048)
def _published(happening: Happening, timezone: ZoneInfo, domain: str) -> bytes:
    """The entry in a feed, made once a process: the library needs 0.2 ms for each."""
    return bytes(_event(happening, timezone, domain, happening.changed_at, cancelled=happening.cancelled).to_ical())


def _event(happening: Happening, timezone: ZoneInfo, domain: str, stamp: datetime, *, cancelled: bool = False) -> Event:
    event = Event()
    event.add("uid", f"{happening.uid}@{domain}")
    event.add("dtstamp", stamp)
    event.add("dtstart", _wall(happening.starts_at, timezone))
    event.add("dtend", _wall(happening.ends_at, timezone))
    # Some clients pass over the status, and show a cancelled event as if it took place.
    event.add("summary", Text(f"CANCELLED: {happening.title}" if cancelled else happening.title))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("sequence", happening.sequence)
    event.add("last-modified", happening.changed_at)
    if happening.place:
        event.add("location", Text(happening.place))
    if happening.description:
        event.add("description", Text(happening.description))
    if happening.url:
        event.add("url", happening.url)
    return event


def _wall(instant: datetime, timezone: ZoneInfo) -> datetime:
    """The time on the wall; in UTC for the hour that comes twice, where RFC 5545 takes a wall time for the first."""
    local = instant.astimezone(timezone)
    return instant.astimezone(UTC) if local.fold else local


def _address(mailbox: Mailbox, **params: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{mailbox.email}")
    name = " ".join(mailbox.name.translate(_CONTROLS).split())
    address.params["CN"] = name.replace('"', "'")  # few clients know the escape of RFC 6868
    address.params.update(params)
    return address


@dataclass(frozen=True)
class _Turn:
    """A kind of clock change: the offsets from UTC before and after it, and the new time's short name."""

    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=8)
def _vtimezone(zone: ZoneInfo) -> bytes:
    """The zone's clock changes, as yearly rules where they follow one and as dates where they do not.

    Made here because the library lists dates only, and gives the spring one in the new time instead of the old.
    """
    walls: defaultdict[_Turn, list[datetime]] = defaultdict(list)
    for at, turn in _turns(zone):
        walls[turn].append(at)
    if not walls:
        begin = datetime(ZONE_YEARS[0], 1, 1, tzinfo=zone)
        walls[_turn(begin, begin)] = [begin.replace(tzinfo=None)]
    component = Timezone()
    component.add("tzid", zone.key)
    for turn, times in walls.items():
        component.add_component(_observance(turn, times))
    return bytes(component.to_ical())


def _observance(turn: _Turn, walls: list[datetime]) -> TimezoneDaylight | TimezoneStandard:
    observance = TimezoneDaylight() if turn.after > turn.before else TimezoneStandard()
    observance.add("dtstart", walls[0])
    observance.add("tzoffsetfrom", turn.before)
    observance.add("tzoffsetto", turn.after)
    observance.add("tzname", turn.name)
    rule = _yearly(walls)
    if rule:
        observance.add("rrule", rule)
    elif len(walls) > 1:
        observance.add("rdate", walls[1:])
    return observance


def _turns(zone: ZoneInfo) -> Iterator[tuple[datetime, _Turn]]:
    """Every clock change, with its instant by the clock before it, as RFC 5545, 3.6.5 wants DTSTART."""
    week = timedelta(weeks=1)
    at = datetime(ZONE_YEARS[0], 1, 1, tzinfo=UTC)
    while at.year in ZONE_YEARS:
        old = at.astimezone(zone)
        if (at + week).astimezone(zone).utcoffset() != old.utcoffset():
            changed = _first_minute(at, zone)
            turn = _turn(old, changed.astimezone(zone))
            yield changed.replace(tzinfo=None) + turn.before, turn
        at += week


def _first_minute(start: datetime, zone: ZoneInfo) -> datetime:
    """The minute, in UTC, at which the clock changes in the week that begins at ``start``."""
    old = start.astimezone(zone).utcoffset()

    def has_changed(minute: int) -> bool:
        return (start + timedelta(minutes=minute)).astimezone(zone).utcoffset() != old

    return start + timedelta(minutes=bisect_left(range(7 * 24 * 60), True, key=has_changed))


def _turn(old: datetime, new: datetime) -> _Turn:
    return _Turn(old.utcoffset() or timedelta(), new.utcoffset() or timedelta(), new.tzname() or "")


def _yearly(walls: list[datetime]) -> dict[str, str | int] | None:
    """The rule that these instants follow, such as "the last Sunday of March" in every year; None without one."""
    first = walls[0]
    if [wall.year for wall in walls] != list(ZONE_YEARS):
        return None
    if len({(wall.month, wall.weekday(), wall.time()) for wall in walls}) != 1:
        return None
    weeks = {(wall.day - 1) // 7 + 1 for wall in walls}
    if all(wall.day + 7 > monthrange(wall.year, wall.month)[1] for wall in walls):
        weeks = {-1}
    if len(weeks) != 1:
        return None
    return {"freq": "YEARLY", "bymonth": first.month, "byday": f"{weeks.pop()}{DAYS[first.weekday()]}"}
