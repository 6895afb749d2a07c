"""What calendars of other makers read in a stream of ours, each by the library that many clients are made with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import vobject
from playwright.sync_api import Page

from tests.support.mailbox import Mail

ICAL_JS = Path(__file__).parents[2] / "node_modules" / "ical.js" / "dist" / "ical.es5.min.cjs"
"""What Thunderbird and many web calendars read with; ``make setup`` fetches it."""

READ = """stream => {
    const root = new ICAL.Component(ICAL.parse(stream));
    for (const zone of root.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
    const method = root.getFirstPropertyValue("method");
    const at = time => time.toJSDate().toISOString();
    return root.getAllSubcomponents("vevent").map(component => {
        const event = new ICAL.Event(component);
        return {
            method,
            uid: event.uid,
            title: event.summary,
            place: event.location || "",
            description: event.description || "",
            starts_at: at(event.startDate),
            ends_at: at(event.endDate),
            status: component.getFirstPropertyValue("status"),
            sequence: Number(event.sequence),
        };
    });
}"""


@dataclass(frozen=True)
class Seen:
    """One entry as a calendar shows it, with what it does with it."""

    method: str
    uid: str
    title: str
    place: str
    description: str
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int


def by_icalendar(stream: bytes) -> list[Seen]:
    calendar = icalendar.Calendar.from_ical(stream)
    assert isinstance(calendar, icalendar.Calendar)
    return [
        Seen(
            method=str(calendar["METHOD"]),
            uid=str(event["UID"]),
            title=str(event["SUMMARY"]),
            place=str(event.get("LOCATION", "")),
            description=str(event.get("DESCRIPTION", "")),
            starts_at=_utc(event.start),
            ends_at=_utc(event.end),
            status=str(event["STATUS"]),
            sequence=int(str(event["SEQUENCE"])),
        )
        for event in calendar.events
    ]


def by_vobject(stream: bytes) -> list[Seen]:
    """Read and validated by RFC 5545, as vobject knows it."""
    calendar = vobject.readOne(stream.decode())
    calendar.validate(raiseException=True)
    return [
        Seen(
            method=calendar.method.value,
            uid=event.uid.value,
            title=event.summary.value,
            place=_value(event, "location"),
            description=_value(event, "description"),
            starts_at=_utc(event.dtstart.value),
            ends_at=_utc(event.dtend.value),
            status=event.status.value,
            sequence=int(event.sequence.value),
        )
        for event in getattr(calendar, "vevent_list", [])
    ]


class IcalJs:
    """The library of Thunderbird, in a page of a real browser in which nothing else stands."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.goto("about:blank")
        page.evaluate(f"() => {{ {ICAL_JS.read_text()} }}")

    def __call__(self, stream: bytes) -> list[Seen]:
        rows: list[dict[str, Any]] = self._page.evaluate(READ, stream.decode())
        return [Seen(**{**row, **{at: _utc(datetime.fromisoformat(row[at])) for at in INSTANTS}}) for row in rows]


INSTANTS = ("starts_at", "ends_at")


def _utc(value: Any) -> datetime:
    assert isinstance(value, datetime)
    assert value.tzinfo is not None
    return value.astimezone(UTC)


def _value(event: Any, name: str) -> str:
    return str(getattr(event, name).value) if hasattr(event, name) else ""


def in_order(entries: Iterable[Seen]) -> list[Seen]:
    return sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))


def streams(mail: Mail) -> list[bytes]:
    """Every calendar that came with a mail: the one that mail programs act on, and files."""
    kinds = {"text/calendar", "application/ics"}
    parts = [part for part in mail.message.walk() if part.get_content_type() in kinds]
    return [bytes(part.get_payload(decode=True)) for part in parts]
