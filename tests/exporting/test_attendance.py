"""The attendance export as the contract promises it: the evaluation reads these columns for years."""

import csv
import gc
import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from cop import exporting
from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.settings import Settings
from cop.models.accounts import Person, Sector
from cop.models.events import Attendance, Booking, Choice, Event, Mark, MarkSource, Part, Seat
from cop.models.organisations import Membership, OrganisationKind
from cop.services.events import attendance, booking
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

HEADER = (
    "programme,event,event_kind,session,session_starts_at,person,name,email,organisation,organisation_kind,"
    "membership,region,newer_member,sector,status,minutes,source,recorded_at"
)
SLUG = "health-inequalities"

LEFT_OPEN = text(
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)

Row = dict[str, str]


class Desk:
    """What people and staff do before somebody exports."""

    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self._make, self._work, self._reading = make, work, reading
        self.staff: Person = make.admin("Stefan Staff")

    def mark(self, held: Booking, part: Part, position: int, status: Attendance | None, **more: Any) -> None:
        wanted = select(Seat.id).where(Seat.booking_id == held.id, Seat.position == position)
        with self._work(self._make.actor(self.staff)) as work:
            seat = work.session.scalars(wanted).one()
            attendance.mark(work, part_id=part.id, seat_id=seat, status=status, **more)

    def change(self, held: Booking, *parts: Part, size: int = 1) -> None:
        party, part_ids = booking.Party(size), [part.id for part in parts]
        self._do(partial(booking.change, public_id=held.public_id, part_ids=part_ids, party=party))

    def cancel(self, held: Booking) -> None:
        self._do(partial(booking.cancel, public_id=held.public_id))

    def book(self, who: Person, event: Event, *parts: Part) -> Booking:
        part_ids = [part.id for part in parts]
        with self._work(self._make.actor(who)) as work:
            return booking.book(work, event_id=event.id, part_ids=part_ids, party=booking.Party(1))

    def _do(self, command: Callable[..., object]) -> None:
        with self._work(self._make.actor(self.staff)) as work:
            command(work)


@pytest.fixture
def desk(make: Make, work: Working, reading: Reads) -> Desk:
    return Desk(make, work, reading)


@pytest.fixture
def export(reading: Reads) -> Callable[..., list[Row]]:
    """``export()`` are the rows with names, ``export(pseudonymised=True)`` those without."""

    def rows(slug: str = SLUG, *, pseudonymised: bool = False) -> list[Row]:
        with reading() as read:
            return parsed(exporting.table(read, kind="attendance", programme_slug=slug, pseudonymised=pseudonymised))

    return rows


@pytest.fixture
def codebook(reading: Reads) -> Callable[[], list[Row]]:
    def rows() -> list[Row]:
        with reading() as read:
            return parsed(exporting.codebook(read, kind="attendance", programme_slug=SLUG, pseudonymised=True))

    return rows


Export = Callable[..., list[Row]]


def parsed(chunks: Iterator[bytes] | Sequence[bytes]) -> list[Row]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


def column(rows: list[Row], *names: str) -> list[Any]:
    """One column as a list of cells, several as a list of tuples."""
    return [row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in rows]


class TestTheTable:
    def test_has_the_header_of_the_contract_even_when_empty(self, make: Make, reading: Reads) -> None:
        make.programme()
        with reading() as read:
            body = b"".join(exporting.table(read, kind="attendance", programme_slug=SLUG, pseudonymised=False))
        assert body.decode() == f"{HEADER}\r\n"

    def test_says_all_that_is_known_of_a_seat(self, make: Make, desk: Desk, export: Export, clock: FixedClock) -> None:
        council = make.organisation(
            "Brent", membership=Membership.ASSOCIATE, region="London", joined_on=date(2025, 1, 1)
        )
        amina = make.person("Amina Yusuf", "amina@brent.example", organisation=council, sector=Sector.COUNCILLOR)
        visit = make.visit()
        held = make.booking(amina, visit)
        clock.set(visit.parts[0].starts_at + timedelta(minutes=5))
        desk.mark(held, visit.parts[0], 0, Attendance.ATTENDED)
        assert export() == [
            {
                "programme": SLUG,
                "event": visit.slug,
                "event_kind": "visit",
                "session": "Visit at 10:00",
                "session_starts_at": "2026-03-09T10:00:00+00:00",
                "person": amina.public_id,
                "name": "Amina Yusuf",
                "email": "amina@brent.example",
                "organisation": "Brent",
                "organisation_kind": OrganisationKind.COUNCIL,
                "membership": "associate",
                "region": "London",
                "newer_member": "yes",
                "sector": "councillor",
                "status": "attended",
                "minutes": "",
                "source": "roster",
                "recorded_at": "2026-03-09T10:05:00+00:00",
            }
        ]

    def test_leaves_empty_what_nobody_knows(self, make: Make, export: Export) -> None:
        make.booking(make.person("Amina Yusuf", None), make.visit())
        (row,) = export()
        assert {name for name, cell in row.items() if cell == ""} == {
            *("email", "organisation", "organisation_kind", "membership", "region", "newer_member", "sector"),
            *("minutes", "recorded_at"),
        }
        assert (row["status"], row["source"]) == ("booked", "none")

    def test_has_a_row_for_every_seat_named_or_not(self, make: Make, export: Export) -> None:
        council = make.organisation("Brent")
        amina = make.person("Amina", "amina@brent.example", organisation=council)
        make.booking(amina, make.visit(), party_size=3, names=["Ben Okri"])
        assert column(export(), "person", "name", "email", "organisation", "status") == [
            (amina.public_id, "Amina", "amina@brent.example", "Brent", "booked"),
            ("", "Ben Okri", "", "Brent", "booked"),
            ("", "", "", "Brent", "booked"),
        ]

    def test_has_a_row_for_every_part_that_is_claimed(self, make: Make, desk: Desk, export: Export) -> None:
        course = make.visit(slots=3, choice=Choice.ALL)
        desk.book(make.person(), course)
        assert column(export(), "session", "status") == [(part.title, "booked") for part in course.parts]

    def test_has_one_row_without_a_session_where_no_part_was_chosen(
        self, make: Make, desk: Desk, export: Export
    ) -> None:
        desk.book(make.person(), make.visit(choice=Choice.ANY))
        assert column(export(), "session", "session_starts_at", "status") == [("", "", "booked")]

    def test_shows_a_moved_booking_once_where_it_is_now(self, make: Make, desk: Desk, export: Export) -> None:
        visit = make.visit(slots=3)
        held = make.booking(make.person(), visit, party_size=2)
        for part in visit.parts[1], visit.parts[2]:
            desk.change(held, part, size=2)
        assert column(export(), "session") == [visit.parts[2].title] * 2

    def test_forgets_seats_that_a_party_gave_up(self, make: Make, desk: Desk, export: Export) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit, party_size=3)
        desk.change(held, visit.parts[0], size=1)
        assert len(export()) == 1

    def test_shows_what_a_cancelled_booking_held(self, make: Make, desk: Desk, export: Export) -> None:
        visit = make.visit()
        held = make.booking(make.person("Amina"), visit, party_size=2, names=["Ben"])
        desk.change(held, visit.parts[1], size=2)
        desk.cancel(held)
        assert column(export(), "session", "status", "source") == [(visit.parts[1].title, "cancelled", "none")] * 2

    def test_shows_a_cancelled_booking_beside_the_one_that_followed(
        self, make: Make, desk: Desk, export: Export
    ) -> None:
        amina, visit = make.person(), make.visit()
        desk.cancel(make.booking(amina, visit, slot=0))
        make.booking(amina, visit, slot=1)
        assert column(export(), "status", "person") == [("cancelled", amina.public_id), ("booked", amina.public_id)]

    def test_does_not_bring_back_what_was_given_up_before_the_cancellation(
        self, make: Make, desk: Desk, export: Export, clock: FixedClock
    ) -> None:
        summit = make.visit(choice=Choice.ANY)
        held = desk.book(make.person(), summit, *summit.parts)
        clock.move(timedelta(hours=1))
        desk.change(held, summit.parts[0])
        assert column(export(), "session", "status") == [(summit.parts[0].title, "booked")]
        clock.move(timedelta(hours=1))
        desk.cancel(held)
        assert column(export(), "session", "status") == [(summit.parts[0].title, "cancelled")]

    def test_holds_one_programme_and_all_its_events(self, make: Make, export: Export) -> None:
        first, second, other = make.visit(), make.visit(), make.visit(programme=make.programme("another"))
        for visit in (second, other, first):
            make.booking(make.person(), visit)
        assert column(export(), "event") == sorted([first.slug, second.slug])
        assert column(export("another"), "programme", "event") == [("another", other.slug)]

    def test_keeps_the_organisation_of_the_day_of_booking(self, make: Make, export: Export, work: Working) -> None:
        amina = make.person(organisation=make.organisation("Old Council"))
        make.booking(amina, make.visit())
        with work() as unit:
            unit.session.get_one(Person, amina.id).name = "Amina Yusuf-Okri"
        assert column(export(), "organisation", "name") == [("Old Council", "Amina Yusuf-Okri")]


class TestTheStatus:
    @pytest.mark.parametrize("status", list(Attendance))
    @pytest.mark.parametrize("source", list(MarkSource))
    def test_is_the_mark_with_its_source(
        self, make: Make, desk: Desk, export: Export, clock: FixedClock, status: Attendance, source: MarkSource
    ) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit)
        clock.set(visit.parts[0].ends_at)
        desk.mark(held, visit.parts[0], 0, status, source=source)
        assert column(export(), "status", "source", "recorded_at") == [(status, source, "2026-03-09T11:00:00+00:00")]

    def test_is_the_last_statement(self, make: Make, desk: Desk, export: Export, clock: FixedClock) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit, party_size=2)
        clock.set(visit.parts[0].ends_at)
        for status in (Attendance.ABSENT, Attendance.ATTENDED, Attendance.PARTIAL):
            desk.mark(held, visit.parts[0], 1, status)
        assert column(export(), "status") == ["booked", "partial"]

    def test_is_booked_again_when_the_mark_was_taken_back(
        self, make: Make, desk: Desk, export: Export, clock: FixedClock
    ) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit)
        clock.set(visit.parts[0].ends_at)
        for status in (Attendance.ABSENT, None):
            desk.mark(held, visit.parts[0], 0, status)
        assert column(export(), "status", "source", "recorded_at") == [("booked", "none", "")]

    def test_is_the_mark_even_where_staff_cancelled_afterwards(
        self, make: Make, desk: Desk, export: Export, clock: FixedClock
    ) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit, party_size=2)
        clock.set(visit.parts[0].starts_at)
        desk.mark(held, visit.parts[0], 0, Attendance.EXCUSED)
        desk.cancel(held)
        assert column(export(), "status") == ["excused", "cancelled"]

    def test_of_a_part_stays_when_staff_move_the_booking_on(
        self, make: Make, desk: Desk, export: Export, clock: FixedClock
    ) -> None:
        """Marked absent at ten, moved to half past eleven, and came then: both are facts."""
        visit = make.visit()
        held = make.booking(make.person(), visit)
        clock.set(visit.parts[0].starts_at + timedelta(minutes=30))
        desk.mark(held, visit.parts[0], 0, Attendance.ABSENT)
        desk.change(held, visit.parts[1])
        desk.mark(held, visit.parts[1], 0, Attendance.ATTENDED)
        assert column(export(), "session", "status") == [
            (visit.parts[0].title, "absent"),
            (visit.parts[1].title, "attended"),
        ]

    def test_has_the_minutes_that_a_report_told(self, make: Make, export: Export, work: Working) -> None:
        visit = make.visit()
        held = make.booking(make.person(), visit)
        with work() as unit:
            seat = unit.session.scalars(select(Seat.id).where(Seat.booking_id == held.id)).one()
            unit.session.add(
                Mark(
                    part_id=visit.parts[0].id,
                    seat_id=seat,
                    status=Attendance.PARTIAL,
                    minutes=17,
                    source=MarkSource.IMPORT,
                    recorded_at=unit.now,
                )
            )
        assert column(export(), "status", "minutes", "source") == [("partial", "17", "import")]


class TestACell:
    @pytest.mark.parametrize("text", ["=1+1", "+44 1438", "-5", "@SUM(A1)", "=cmd|' /C calc'!A0", "\tx", "\rx"])
    def test_that_a_spreadsheet_would_run_gets_one_apostrophe(self, make: Make, export: Export, text: str) -> None:
        council = make.organisation(f"{text} Council")
        amina = make.person(text, organisation=council)
        make.booking(amina, make.visit(), party_size=2, names=[text])
        assert column(export(), "name", "organisation") == [(f"'{text}", f"'{text} Council")] * 2

    @pytest.mark.parametrize("text", ["O’Brien, Ben", 'Ben "B" Okri', "أمينة يوسف", "Ben 🌻", "'quoted", "two\nlines"])
    def test_that_is_harmless_stays_as_it_is(self, make: Make, export: Export, text: str) -> None:
        make.booking(make.person(text), make.visit())
        assert column(export(), "name") == [text]

    def test_tells_instants_with_their_offset(self, make: Make, export: Export) -> None:
        make.booking(make.person(), make.visit())
        for cell in column(export(), "session_starts_at"):
            assert datetime.fromisoformat(cell).utcoffset() is not None


class TestAPseudonym:
    def test_stands_for_person_and_organisation_and_nothing_else_of_them_is_left(
        self, make: Make, reading: Reads
    ) -> None:
        council = make.organisation("Brent Borough", domains=["brent.example"])
        amina = make.person("Amina Yusuf", "amina@brent.example", organisation=council, phone="01438 000000")
        held = make.booking(amina, make.visit(), party_size=2, names=["Ben Okri"])
        with reading() as read:
            body = b"".join(exporting.table(read, kind="attendance", programme_slug=SLUG, pseudonymised=True)).decode()
        for secret in ("Amina", "Yusuf", "brent", "Brent", "Okri", "01438", amina.public_id, held.public_id):
            assert secret not in body
        first, second = parsed([body.encode()])
        assert (first["name"], first["email"], second["name"], second["email"]) == ("", "", "", "")
        assert second["person"] == ""
        assert first["organisation"] == second["organisation"] != first["person"]

    def test_is_the_same_for_one_person_in_every_event_and_every_export(
        self, make: Make, export: Export, work: Working
    ) -> None:
        council = make.organisation()
        amina, ben = make.person("Amina", organisation=council), make.person("Ben", organisation=council)
        for visit in (make.visit(), make.visit()):
            make.booking(amina, visit)
            make.booking(ben, visit)
        before = export(pseudonymised=True)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            person.name, person.email = "Another name", "another@x.example"
        after = export(pseudonymised=True)
        assert column(before, "person") == column(after, "person")
        assert Counter(Counter(column(after, "person")).values()) == {2: 2}
        assert len(set(column(after, "organisation"))) == 1

    def test_differs_between_programmes(self, make: Make, export: Export) -> None:
        amina = make.person(organisation=make.organisation())
        for programme in (make.programme(), make.programme("another")):
            make.booking(amina, make.visit(programme=programme))
        keys = [column(export(slug, pseudonymised=True), "person", "organisation") for slug in (SLUG, "another")]
        assert not set(keys[0][0]) & set(keys[1][0])

    def test_changes_nothing_else(self, make: Make, desk: Desk, export: Export, clock: FixedClock) -> None:
        visit = make.visit()
        held = make.booking(make.person(organisation=make.organisation()), visit, party_size=3, names=["Ben"])
        clock.set(visit.parts[0].starts_at)
        desk.mark(held, visit.parts[0], 1, Attendance.ATTENDED)
        hidden = {"person", "name", "email", "organisation"}
        rest = [name for name in HEADER.split(",") if name not in hidden]
        assert column(export(), *rest) == column(export(pseudonymised=True), *rest)


class TestTheCodebook:
    def test_explains_every_column_in_its_order(self, make: Make, codebook: Callable[[], list[Row]]) -> None:
        make.programme()
        rows = codebook()
        assert list(rows[0]) == ["column", "meaning", "value", "count"]
        assert column([row for row in rows if not row["value"]], "column") == HEADER.split(",")
        assert all(row["meaning"] for row in rows)
        assert {row["count"] for row in rows} == {"0"}

    def test_counts_what_the_export_holds(
        self, make: Make, desk: Desk, export: Export, codebook: Callable[[], list[Row]], clock: FixedClock
    ) -> None:
        visit = make.visit()
        held = make.booking(make.person(sector=Sector.HEALTH, organisation=make.organisation()), visit, party_size=3)
        desk.cancel(make.booking(make.person(), visit, slot=1))
        clock.set(visit.parts[0].starts_at)
        desk.mark(held, visit.parts[0], 0, Attendance.ATTENDED)
        rows, book = export(pseudonymised=True), codebook()
        for name in HEADER.split(","):
            cells = Counter(cell for cell in column(rows, name) if cell)
            counts = {row["value"]: int(row["count"]) for row in book if row["column"] == name}
            assert counts.pop("") == cells.total(), name
            assert {value: count for value, count in counts.items() if count} == (cells if counts else {}), name

    def test_lists_the_words_of_the_contract(self, make: Make, codebook: Callable[[], list[Row]]) -> None:
        make.programme()
        words = [row for row in codebook() if row["value"]]
        assert column([row for row in words if row["column"] == "status"], "value") == [
            *("attended", "partial", "absent", "excused", "cancelled", "waitlisted", "booked"),
        ]
        assert column([row for row in words if row["column"] == "source"], "value") == [
            *("check-in", "self-check-in", "roster", "import", "none"),
        ]
        assert column([row for row in words if row["column"] == "sector"], "value") == list(Sector)
        assert column([row for row in words if row["column"] == "membership"], "value") == list(Membership)


class TestWhoMayExport:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.EVALUATOR])
    def test_admins_and_evaluators_of_the_programme(self, make: Make, reading: Reads, role: Role) -> None:
        person = make.person()
        make.grant(person, role, programme=make.programme())
        with reading(make.actor(person)) as read:
            assert list(exporting.table(read, kind="attendance", programme_slug=SLUG, pseudonymised=True))
            assert list(exporting.codebook(read, kind="attendance", programme_slug=SLUG, pseudonymised=True))

    @pytest.mark.parametrize("role", [None, Role.FACILITATOR, Role.HOST, Role.REVIEWER, Role.EVALUATOR])
    def test_nobody_else_and_they_learn_it_before_the_first_byte(
        self, make: Make, reading: Reads, role: Role | None
    ) -> None:
        person, visit = make.person(), make.visit()
        if role is Role.HOST:
            make.grant(person, role, event=visit)
        elif role is Role.EVALUATOR:
            make.grant(person, role, programme=make.programme("another"))
        elif role is not None:
            make.grant(person, role, programme=visit.programme)
        with reading(make.actor(person)) as read:
            for make_one in (exporting.table, exporting.codebook):
                with pytest.raises(NotFound):
                    make_one(read, kind="attendance", programme_slug=SLUG, pseudonymised=True)

    def test_nobody_a_programme_that_is_none(self, reading: Reads) -> None:
        with reading() as read, pytest.raises(NotFound):
            exporting.table(read, kind="attendance", programme_slug="nothing", pseudonymised=True)


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def nothing_stays_open(self, reading: Reads) -> Iterator[None]:
        """A download whose transaction stayed open would keep its connection, and the next test waiting for ever."""
        yield
        with reading() as read:
            found = read.session.scalars(LEFT_OPEN).all()
        gc.collect()
        assert found == []

    @pytest.fixture
    def command(self, app: Flask, settings: Settings, tmp_path: Path) -> Callable[..., tuple[bytes, bytes]]:
        """``command("--pseudonymised")`` runs ``cop export attendance``: what it wrote, and the codebook beside it."""
        environment = {
            "PATH": os.environ["PATH"],
            "COP_DATA_DIR": str(tmp_path),
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "COP_ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        }

        def run(*options: str) -> tuple[bytes, bytes]:
            out = tmp_path / "out.csv"
            cop = str(Path(sys.executable).with_name("cop"))
            subprocess.run(  # noqa: S603  our own
                [cop, "export", "attendance", "--programme", SLUG, "--out", str(out), *options],
                env=environment,
                check=True,
                capture_output=True,
            )
            return out.read_bytes(), out.with_name("out-codebook.csv").read_bytes()

        return run

    @pytest.fixture
    def some_bookings(self, make: Make, desk: Desk, clock: FixedClock) -> None:
        visit = make.visit()
        held = make.booking(make.person("Amina 🌻", organisation=make.organisation("=Brent")), visit, party_size=3)
        desk.cancel(make.booking(make.person(), visit, slot=1, names=["يوسف"], party_size=2))
        clock.set(visit.parts[0].starts_at)
        desk.mark(held, visit.parts[0], 0, Attendance.ATTENDED)

    @pytest.mark.usefixtures("some_bookings")
    @pytest.mark.parametrize(("option", "query"), [([], {}), (["--pseudonymised"], {"pseudonymised": 1})])
    def test_writes_the_bytes_that_the_page_gives(
        self,
        browse: Browse,
        make: Make,
        command: Callable[..., tuple[bytes, bytes]],
        option: list[str],
        query: dict[str, int],
    ) -> None:
        table, book = command(*option)
        browse.sign_in(make.admin())
        page = browse.get("/evaluation/exports/attendance.csv", programme=SLUG, **query)
        assert page.response.data == table
        page = browse.get("/evaluation/exports/attendance-codebook.csv", programme=SLUG, **query)
        assert page.response.data == book

    @pytest.mark.usefixtures("some_bookings")
    @pytest.mark.parametrize("option", [[], ["--pseudonymised"]])
    def test_writes_a_codebook_that_fits_the_table_beside_it(
        self, command: Callable[..., tuple[bytes, bytes]], option: list[str]
    ) -> None:
        table, book = (parsed([body]) for body in command(*option))
        told = {row["column"]: int(row["count"]) for row in book if not row["value"]}
        assert told == {name: sum(bool(cell) for cell in column(table, name)) for name in HEADER.split(",")}
