from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event, Timezone

from cop.formats import ical
from tests.support.golden import Golden

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

VISIT = ical.Happening(
    uid="6f9619ff-8b86-4011-b42d-00c04fc964ff",
    title="A morning at the Healthy Hub",
    starts_at=datetime(2026, 7, 14, 9, tzinfo=UTC),
    ends_at=datetime(2026, 7, 14, 10, tzinfo=UTC),
    place="Healthy Hub, Stevenage",
    description="Come with questions.",
    url="https://learn.example/visits/healthy-hub",
    sequence=3,
    changed_at=datetime(2026, 2, 1, 12, 30, tzinfo=UTC),
)
SENDER = ical.Mailbox("Learning Together", "programme@learn.example")
AMINA = ical.Mailbox("Amina Yusuf", "amina@council.example")


def published(*happenings: ical.Happening, name: str = "Our events", timezone: ZoneInfo = LONDON) -> bytes:
    return ical.feed(
        name,
        "All of them",
        happenings,
        source="https://learn.example/calendar.ics",
        timezone=timezone,
        domain="learn.example",
    )


def invited(happening: ical.Happening = VISIT, attendee: ical.Mailbox = AMINA) -> bytes:
    return ical.request(
        happening, organizer=SENDER, attendee=attendee, timezone=LONDON, domain="learn.example", now=NOW
    )


def cancelled(happening: ical.Happening = VISIT) -> bytes:
    return ical.cancel(happening, organizer=SENDER, attendee=AMINA, timezone=LONDON, domain="learn.example", now=NOW)


def parsed(stream: bytes) -> Calendar:
    found = Calendar.from_ical(stream)
    assert isinstance(found, Calendar)
    return found


def only_event(stream: bytes) -> Event:
    (event,) = parsed(stream).events
    return event


def unfolded(stream: bytes) -> list[str]:
    return stream.decode().replace("\r\n ", "").split("\r\n")


def line(stream: bytes, start: str) -> str:
    (found,) = [item for item in unfolded(stream) if item.startswith(start)]
    return found


HARD_TEXTS = {
    "plain": "plain",
    "separators": "Tea; cake, and talk",
    "backslashes": "C:\\News\\new",
    "line ends": "first line\nsecond line\r\nthird\rfourth",
    "emoji": "Café für Ältere 🎉👩‍👩‍👧‍👦 " * 12,
    "right to left": "ביקור במרכז הבריאות, مركز الصحة " * 9,
    "quotes": 'quotes " and ^carets^ and colons: here',
    "long": "x" * 500,
}
hard_texts = pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS)


class TestTheStream:
    @pytest.mark.parametrize(
        ("name", "stream"),
        [
            ("feed", published(VISIT, replace(VISIT, uid="b", cancelled=True, title="Tea; and talk 🎉 " * 5))),
            ("request", invited()),
            ("cancel", cancelled()),
        ],
        ids=["feed", "request", "cancel"],
    )
    def test_is_letter_for_letter(self, name: str, stream: bytes, golden: Golden) -> None:
        golden(Path(__file__).parent / "golden" / f"{name}.ics", stream.decode())

    @pytest.mark.parametrize(
        "stream",
        [published(VISIT), published(), invited(), cancelled()],
        ids=["feed", "empty feed", "request", "cancel"],
    )
    def test_every_line_ends_in_crlf(self, stream: bytes) -> None:
        assert stream.endswith(b"END:VCALENDAR\r\n")
        assert stream.count(b"\r") == stream.count(b"\n") == stream.count(b"\r\n")
        assert b"\r\n\r\n" not in stream

    @hard_texts
    def test_no_line_has_more_than_75_octets_and_no_character_is_cut(self, text: str) -> None:
        event = replace(VISIT, title=text, description=text, place=text)
        for stream in (published(event), invited(event, ical.Mailbox(text, AMINA.email))):
            for octets in stream.split(b"\r\n"):
                assert len(octets) <= 75
                octets.decode()

    @hard_texts
    def test_text_comes_back_as_it_went_in(self, text: str) -> None:
        stream = published(replace(VISIT, title=text, description=text, place=text), name=text)
        expected = text.replace("\r\n", "\n").replace("\r", "\n")
        for start in ("SUMMARY:", "DESCRIPTION:", "LOCATION:", "NAME:", "X-WR-CALNAME:"):
            found = [item for item in unfolded(stream) if item.startswith(start)][-1]
            assert unescaped(found.removeprefix(start)) == expected

    def test_special_characters_are_escaped(self) -> None:
        stream = published(replace(VISIT, title="a\\b;c,d\ne"))
        assert line(stream, "SUMMARY") == r"SUMMARY:a\\b\;c\,d\ne"

    def test_characters_that_the_standard_forbids_are_left_out(self) -> None:
        stream = published(replace(VISIT, title="one\x00 \x0btwo\x7f", description="one\u2028two\x85three\tfour"))
        assert line(stream, "SUMMARY") == "SUMMARY:one two"
        assert [item for item in unfolded(stream) if item.startswith("DESC")][
            -1
        ] == r"DESCRIPTION:one\ntwo\nthree	four"


def unescaped(value: str) -> str:
    """TEXT read by the letter of RFC 5545, 3.3.11."""
    out, rest = "", iter(value)
    for character in rest:
        escaped = next(rest) if character == "\\" else character
        out += "\n" if character == "\\" and escaped in "nN" else escaped
    return out


class TestAnEvent:
    def test_has_all_that_a_calendar_asks_for(self) -> None:
        event = only_event(published(VISIT))
        assert event["UID"] == "6f9619ff-8b86-4011-b42d-00c04fc964ff@learn.example"
        assert event["SUMMARY"] == "A morning at the Healthy Hub"
        assert event["LOCATION"] == "Healthy Hub, Stevenage"
        assert event["DESCRIPTION"] == "Come with questions."
        assert event["URL"] == "https://learn.example/visits/healthy-hub"
        assert (event["SEQUENCE"], event["STATUS"]) == (3, "CONFIRMED")
        assert event.DTSTAMP == event.LAST_MODIFIED == VISIT.changed_at
        assert (event.start, event.end) == (VISIT.starts_at, VISIT.ends_at)

    @pytest.mark.parametrize(
        ("utc", "written"),
        [
            (datetime(2026, 1, 14, 10, tzinfo=UTC), "DTSTART;TZID=Europe/London:20260114T100000"),
            (datetime(2026, 7, 14, 9, tzinfo=UTC), "DTSTART;TZID=Europe/London:20260714T100000"),
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "DTSTART;TZID=Europe/London:20261025T013000"),
            (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "DTSTART:20261025T013000Z"),
        ],
        ids=["10am in January", "10am in July", "half past one in summer time", "half past one again, an hour later"],
    )
    def test_is_written_in_the_time_of_the_place(self, utc: datetime, written: str) -> None:
        stream = published(replace(VISIT, starts_at=utc, ends_at=utc + timedelta(hours=3)))
        assert line(stream, "DTSTART;TZID" if "TZID" in written else "DTSTART:20261025T013000Z") == written

    def test_leaves_out_what_is_empty(self) -> None:
        event = only_event(published(replace(VISIT, place="", description="", url="")))
        assert not {"LOCATION", "DESCRIPTION", "URL"} & set(event)

    def test_rings_no_alarm(self) -> None:
        assert b"VALARM" not in published(VISIT) + invited() + cancelled()

    def test_that_is_cancelled_says_so_twice(self) -> None:
        event = only_event(published(replace(VISIT, cancelled=True)))
        assert event["STATUS"] == "CANCELLED"
        assert event["SUMMARY"] == "CANCELLED: A morning at the Healthy Hub"


class TestAFeed:
    def test_tells_what_it_is_and_when_to_look_again(self) -> None:
        lines = unfolded(published(VISIT, name="Events, all"))
        assert lines[1:5] == ["VERSION:2.0", f"PRODID:{ical.PRODID}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
        assert {
            r"NAME:Events\, all",
            r"X-WR-CALNAME:Events\, all",
            "DESCRIPTION:All of them",
            "X-WR-CALDESC:All of them",
            "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
            "X-PUBLISHED-TTL:PT6H",
            "SOURCE;VALUE=URI:https://learn.example/calendar.ics",
            "LAST-MODIFIED:20260201T123000Z",
            "X-WR-TIMEZONE:Europe/London",
            "COLOR:teal",
        } <= set(lines[: lines.index("BEGIN:VTIMEZONE")])

    def test_names_nobody(self) -> None:
        stream = published(VISIT)
        assert b"ATTENDEE" not in stream
        assert b"ORGANIZER" not in stream

    def test_keeps_the_method_out_of_its_events(self) -> None:
        lines = unfolded(published(VISIT))
        assert lines.count("METHOD:PUBLISH") == 1
        assert lines.index("METHOD:PUBLISH") < lines.index("BEGIN:VEVENT")

    def test_has_no_uid_of_its_own_that_a_client_could_take_for_that_of_its_entries(self) -> None:
        assert "UID" not in parsed(published(VISIT))

    def test_gives_the_same_bytes_for_the_same_events(self) -> None:
        assert published(VISIT) == published(replace(VISIT))

    def test_without_events_is_still_a_calendar(self) -> None:
        calendar = parsed(published())
        assert calendar.events == []
        assert len(calendar.timezones) == 1
        assert "LAST-MODIFIED" not in calendar

    def test_keeps_the_order_that_it_was_given(self) -> None:
        later = replace(VISIT, uid="later", starts_at=VISIT.starts_at + timedelta(hours=1, minutes=30))
        assert [str(event["UID"]) for event in parsed(published(later, VISIT)).events] == [
            "later@learn.example",
            f"{VISIT.uid}@learn.example",
        ]


class TestAnInvitation:
    def test_asks_one_person_in_the_name_of_the_service(self) -> None:
        calendar = parsed(invited())
        (event,) = calendar.events
        assert calendar["METHOD"] == "REQUEST"
        assert event["ORGANIZER"] == "mailto:programme@learn.example"
        assert event["ATTENDEE"] == "mailto:amina@council.example"
        assert dict(event["ATTENDEE"].params) == {
            "CN": "Amina Yusuf",
            "PARTSTAT": "NEEDS-ACTION",
            "ROLE": "REQ-PARTICIPANT",
            "RSVP": "TRUE",
        }
        assert (event.DTSTAMP, event["SEQUENCE"], event["STATUS"]) == (NOW, 3, "CONFIRMED")

    def test_has_the_identifier_of_the_feed(self) -> None:
        assert only_event(invited())["UID"] == only_event(published(VISIT))["UID"]

    @pytest.mark.parametrize("name", ['Zoë "Zee" Östlund; Leeds, UK: host', "مريم", "Two\nlines"])
    def test_takes_any_name(self, name: str) -> None:
        event = only_event(invited(attendee=ical.Mailbox(name, AMINA.email)))
        assert event["ATTENDEE"] == "mailto:amina@council.example"
        assert event["ATTENDEE"].params["CN"] == " ".join(name.replace('"', "'").split())

    def test_is_taken_back_with_the_same_identifier(self) -> None:
        calendar = parsed(cancelled(replace(VISIT, sequence=4)))
        (event,) = calendar.events
        assert calendar["METHOD"] == "CANCEL"
        assert (event["STATUS"], event["SEQUENCE"], event.DTSTAMP) == ("CANCELLED", 4, NOW)
        assert event["UID"] == only_event(invited())["UID"]
        assert event["ORGANIZER"] == "mailto:programme@learn.example"
        assert event["ATTENDEE"] == "mailto:amina@council.example"
        assert "PARTSTAT" not in event["ATTENDEE"].params


def zone_of(name: str) -> Timezone:
    (zone,) = parsed(published(VISIT, timezone=ZoneInfo(name))).timezones
    return zone


class TestTheTimeZone:
    def test_of_london_is_two_rules(self) -> None:
        stream = published(VISIT)
        begin, end = stream.index(b"BEGIN:VTIMEZONE"), stream.index(b"END:VTIMEZONE")
        assert stream[begin:end].decode().split("\r\n") == [
            "BEGIN:VTIMEZONE",
            "TZID:Europe/London",
            "BEGIN:DAYLIGHT",
            "DTSTART:20200329T010000",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
            "TZNAME:BST",
            "TZOFFSETFROM:+0000",
            "TZOFFSETTO:+0100",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20201025T020000",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            "TZNAME:GMT",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0000",
            "END:STANDARD",
            "",
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "Europe/London",
            "America/New_York",
            "America/Toronto",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "America/Santiago",
        ],
        ids=["last Sunday", "second Sunday", "with Guelph", "half an hour", "never", "by the moon", "Sunday after"],
    )
    def test_of_any_place_agrees_with_its_clocks(self, name: str) -> None:
        written = zone_of(name).to_tz(lookup_tzid=False)
        real = ZoneInfo(name)
        for hour in range(0, 3 * 366 * 24, 5):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
            assert at.astimezone(written).replace(tzinfo=None) == at.astimezone(real).replace(tzinfo=None)

    @pytest.mark.parametrize("name", ["Africa/Casablanca", "America/Santiago"])
    def test_stays_small_where_no_rule_holds(self, name: str) -> None:
        assert len(zone_of(name).to_ical()) < 2_000

    def test_of_utc_needs_no_name_in_the_events(self) -> None:
        assert line(published(VISIT, timezone=ZoneInfo("UTC")), "DTSTART:2026") == "DTSTART:20260714T090000Z"
