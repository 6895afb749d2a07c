"""Every unit of work writes down what it changed: who, what, how it was before; and nothing that nobody may keep."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import Refusal
from cop.core.work import Work
from cop.formats.tables import read_csv
from cop.models.accounts import Affiliation, Channel, Person, RoleGrant
from cop.models.audit import Audit, PersonKey
from cop.models.events import BookingState, Entry, Event, Part
from cop.models.organisations import OrganisationDomain
from cop.models.outbox import Preference
from cop.models.visits import SlotHost
from cop.queries.audit import Line
from cop.services import imports, people, programmes
from cop.services.events import booking, editing
from tests.support import audit
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def ada(make: Make) -> Person:
    return make.admin("Ada Quill")


@pytest.fixture
def ada_acts(ada: Person, make: Make) -> Actor:
    return make.actor(ada)


def told(line: Line) -> tuple[str, str | None, str, str | None]:
    return line.action, line.part, line.kind, line.name


def differences(line: Line) -> list[tuple[str, Any, Any]]:
    return [(item.name, item.before, item.after) for item in line.differences]


def raw(work: Working) -> Sequence[Audit]:
    with work() as unit:
        return unit.session.scalars(select(Audit).order_by(Audit.id)).all()


class TestAnObject:
    def test_that_is_changed_is_recorded_with_who_when_and_how_it_was(
        self, make: Make, work: Working, reading: Reads, ada: Person, ada_acts: Actor, clock: FixedClock
    ) -> None:
        visit = make.visit("Healthy Hub", event_capacity=10, published=False)
        clock.move(timedelta(hours=1))
        with work(ada_acts) as unit:
            editing.edit_booking_rules(
                unit, event_id=visit.id, party_max=5, capacity=12, opens_at=None, closes_at=None, change_until=None
            )
        line = audit.lines(reading, "event", visit.id)[-1]
        assert (line.actor, line.actor_id, line.via, line.at) == (ada.name, ada.public_id, "session", clock.now())
        assert told(line) == ("changed", None, "event", "Healthy Hub")
        assert differences(line) == [("capacity", 10, 12)]

    def test_that_belongs_to_another_stands_in_the_history_of_that(
        self, make: Make, work: Working, reading: Reads
    ) -> None:
        visit = make.visit("Healthy Hub", slots=1, capacity=10)
        with work() as unit:
            unit.session.get_one(Part, visit.parts[0].id).capacity = 12
        line = audit.lines(reading, "event", visit.id)[-1]
        assert told(line) == ("changed", "part", "event", "Healthy Hub")
        assert line.which == [visit.parts[0].title, visit.parts[0].starts_at]
        assert differences(line) == [("capacity", 10, 12)]

    def test_that_is_made_and_deleted_is_recorded(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit("Healthy Hub", slots=1, published=False)
        part = visit.parts[0]
        with work() as unit:
            unit.session.delete(unit.session.get_one(Part, part.id))
        made, added, removed = audit.lines(reading, "event", visit.id)
        assert told(made) == ("created", None, "event", "Healthy Hub")
        assert (told(added), added.which) == (("created", "part", "event", "Healthy Hub"), [part.title, part.starts_at])
        assert told(removed) == ("deleted", "part", "event", "Healthy Hub")
        assert ("title", part.title, None) in differences(removed)

    def test_that_is_flushed_several_times_is_one_line(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit(published=False, place="A")
        with work() as unit:
            event = unit.session.get_one(Event, visit.id)
            for place in "BCD":
                event.place = place
                unit.session.flush()
        assert differences(audit.lines(reading, "event", visit.id)[-1]) == [("place", "A", "D")]

    def test_that_is_as_it_was_at_the_end_is_no_line(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit(published=False, place="A")
        before = audit.lines(reading)
        with work() as unit:
            event = unit.session.get_one(Event, visit.id)
            for place in "BA":
                event.place = place
                unit.session.flush()
        assert audit.lines(reading) == before

    def test_that_is_made_and_deleted_at_once_is_no_line(self, work: Working, reading: Reads) -> None:
        with work() as unit:
            made = Person(name="Nobody", created_at=unit.now)
            unit.session.add(made)
            unit.session.flush()
            unit.session.delete(made)
        assert audit.lines(reading) == []

    def test_that_was_set_without_being_read_tells_how_it_was(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit(place="A")
        with work() as unit:
            event = unit.session.get_one(Event, visit.id)
            unit.session.expire(event)
            event.place = "B"
        assert differences(audit.lines(reading, "event", visit.id)[-1]) == [("place", "A", "B")]

    def test_whose_counters_alone_moved_is_no_line(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit()
        before = audit.lines(reading)
        with work() as unit:
            event = unit.session.get_one(Event, visit.id)
            event.sequence, event.changed_at = 7, unit.now + timedelta(hours=1)
        assert audit.lines(reading) == before

    def test_that_belongs_to_what_is_deleted_with_it_keeps_its_place(
        self, make: Make, work: Working, reading: Reads
    ) -> None:
        visit, host = make.visit(slots=1, published=False), make.person("Hal Host")
        with work() as unit:
            unit.session.add(SlotHost(part_id=visit.parts[0].id, person_id=host.id, asked_at=unit.now))
        with work() as unit:
            for found in unit.session.scalars(select(SlotHost)):
                unit.session.delete(found)
            unit.session.flush()
            unit.session.delete(unit.session.get_one(Part, visit.parts[0].id))
        lines = audit.lines(reading, "event", visit.id)
        assert [(line.action, line.part) for line in lines[-2:]] == [("deleted", "host"), ("deleted", "part")]
        assert ("person_id", "Hal Host", None) in differences(lines[-2])


class TestAStatement:
    def test_that_updates_is_recorded_row_by_row(self, make: Make, work: Working, reading: Reads) -> None:
        first, second = make.programme(), make.programme("second", name="Second")
        with work() as unit:
            programmes.make_current(unit, programme_id=second.id)
        assert differences(audit.lines(reading, "programme", first.id)[-1]) == [("is_current", True, False)]
        assert differences(audit.lines(reading, "programme", second.id)[-1]) == [("is_current", False, True)]

    def test_that_updates_many_by_their_keys_is_recorded(self, make: Make, work: Working, reading: Reads) -> None:
        ben, cara, dan = (make.person(name) for name in ("Ben", "Cara", "Dan"))
        with work() as unit:
            unit.session.execute(
                update(Person), [{"id": ben.id, "name": "Benedict"}, {"id": cara.id, "name": "Carlotta"}]
            )
        assert [differences(audit.lines(reading, "person", one.id)[-1]) for one in (ben, cara)] == [
            [("name", "Ben", "Benedict")],
            [("name", "Cara", "Carlotta")],
        ]
        assert [line.action for line in audit.lines(reading, "person", dan.id)] == ["created"]

    def test_that_inserts_is_recorded_and_still_gives_what_it_was_asked_for(
        self, work: Working, reading: Reads
    ) -> None:
        with work() as unit:
            rows = [{"name": name, "created_at": unit.now} for name in ("Ben", "Cara")]
            ids = unit.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
            plain = insert(Person).values(name="Dan", created_at=unit.now)
            unit.session.execute(plain)
            entity = unit.session.scalars(insert(Person).values(name="Eve", created_at=unit.now).returning(Person))
            assert entity.one().name == "Eve"
        assert [(line.action, line.name) for line in audit.lines(reading, "person", ids[0])] == [("created", "Ben")]
        assert [line.name for line in audit.lines(reading)] == ["Ben", "Cara", "Dan", "Eve"]

    def test_that_inserts_nothing_records_nothing(self, make: Make, work: Working, reading: Reads) -> None:
        ben = make.person("Ben", "ben@council.example")
        before = audit.lines(reading)
        with work() as unit:
            again = upsert(Person).values(name="Ben", email=ben.email, created_at=unit.now).on_conflict_do_nothing()
            assert unit.session.scalar(again.returning(Person.id)) is None
        assert audit.lines(reading) == before

    def test_that_deletes_is_recorded_with_what_is_lost(self, make: Make, work: Working, reading: Reads) -> None:
        hitchin = make.organisation("Hitchin", domains=["hitchin.example"])
        with work() as unit:
            unit.session.execute(delete(OrganisationDomain))
        line = audit.lines(reading, "organisation", hitchin.id)[-1]
        assert told(line) == ("deleted", "domain", "organisation", "Hitchin")

    def test_that_inserts_or_updates_tells_which_it_did(self, make: Make, work: Working, reading: Reads) -> None:
        ben = make.person("Ben")

        def say(unit: Work, *, wanted: bool) -> None:
            said = upsert(Preference).values(person_id=ben.id, topic="surveys", wanted=wanted, changed_at=unit.now)
            unit.session.execute(
                said.on_conflict_do_update(
                    index_elements=["person_id", "topic"],
                    set_={"wanted": wanted},
                    where=Preference.wanted.is_not(wanted),
                )
            )

        for wanted in (False, True, True):
            with work() as unit:
                say(unit, wanted=wanted)
        _, first, second = audit.lines(reading, "person", ben.id)
        assert (told(first), first.which) == (("created", "preference", "person", "Ben"), ["surveys"])
        assert (told(second), second.which) == (("changed", "preference", "person", "Ben"), ["surveys"])
        (difference,) = second.differences
        assert (difference.name, difference.after, difference.known_before) == ("wanted", True, False)

    def test_of_an_import_is_recorded_for_each_row(
        self, make: Make, work: Working, reading: Reads, ada_acts: Actor
    ) -> None:
        known = make.organisation("Hitchin", region=None)
        table = b"name,kind,region,domains\nHitchin,,London,hitchin.example\nBaldock,council,,\n"
        with work(ada_acts) as unit:
            asked = imports.ORGANISATIONS
            imports.import_organisations(unit, read_csv(table, asked.required, asked.optional))
        lines = audit.lines(reading, "organisation", known.id)[1:]
        assert [(line.actor, line.action, line.part) for line in lines] == [
            ("Ada Quill", "changed", None),
            ("Ada Quill", "created", "domain"),
        ]
        assert differences(lines[0]) == [("region", None, "London")]
        made = [line.name for line in audit.lines(reading, "organisation") if told(line)[:2] == ("created", None)]
        assert made == ["Hitchin", "Baldock"]

    def test_about_tables_that_are_not_audited_costs_nothing(self, make: Make, work: Working) -> None:
        held = make.booking(make.person(), make.visit())
        with work() as unit, count_queries() as sent:
            unit.session.execute(update(Entry).values(changed_at=unit.now))
            unit.session.execute(delete(PersonKey))
        assert held.id
        assert len([statement for statement in sent if "PERSON_KEY" in statement.upper()]) == 1


class TestABooking:
    def test_is_made_without_a_word_of_what_it_says_itself(self, make: Make, work: Working, reading: Reads) -> None:
        amina, visit = make.account("Amina"), make.visit("Healthy Hub")
        held = make.booking(amina, visit, party_size=2, names=["Ben"])
        (line,) = audit.lines(reading, "booking", held.id)
        assert (told(line), line.of, line.actor) == (("created", None, "booking", "Amina"), "Healthy Hub", "Amina")
        row = raw(work)[-1]
        assert (row.values, row.fields, row.about_person_id) == (None, [], amina.id)

    def test_costs_one_statement_more_than_without_an_audit(self, make: Make, work: Working) -> None:
        amina, visit = make.account("Amina"), make.visit()
        actor = make.actor(amina)
        with count_queries() as sent, work(actor) as unit:
            booking.book(unit, event_id=visit.id, part_ids=[visit.parts[0].id], party=booking.Party(1))
        assert len([statement for statement in sent if "audit" in statement or "person_key" in statement]) == 1

    def test_that_changes_tells_the_party_and_the_time(self, make: Make, work: Working, reading: Reads) -> None:
        amina, visit = make.account("Amina"), make.visit("Healthy Hub")
        held = make.booking(amina, visit)
        with work(make.actor(amina)) as unit:
            booking.change(unit, public_id=held.public_id, part_ids=[visit.parts[1].id], party=booking.Party(2))
        lines = audit.lines(reading, "booking", held.id)[1:]
        assert [(line.part, differences(line)) for line in lines] == [
            (None, [("party_size", 1, 2)]),
            ("date", [("part_id", visit.parts[0].title, visit.parts[1].title)]),
        ]

    def test_that_ends_is_recorded_once(self, make: Make, work: Working, reading: Reads) -> None:
        amina = make.account("Amina")
        held = make.booking(amina, make.visit())
        with work(make.actor(amina)) as unit:
            booking.cancel(unit, public_id=held.public_id)
        lines = audit.lines(reading, "booking", held.id)[1:]
        assert [differences(line) for line in lines] == [[("state", BookingState.LIVE, BookingState.CANCELLED)]]

    def test_that_is_refused_leaves_no_line(self, make: Make, work: Working, reading: Reads) -> None:
        amina, visit = make.account("Amina"), make.visit()
        before = audit.lines(reading)
        with pytest.raises(Refusal), work(make.actor(amina)) as unit:
            booking.book(unit, event_id=visit.id, part_ids=[visit.parts[0].id], party=booking.Party(99))
        with pytest.raises(ZeroDivisionError), work(make.actor(amina)) as unit:
            booking.book(unit, event_id=visit.id, part_ids=[visit.parts[0].id], party=booking.Party(1))
            _ = 1 / 0
        assert audit.lines(reading) == before


class TestAPerson:
    def test_who_is_changed_by_staff(self, make: Make, work: Working, reading: Reads, ada_acts: Actor) -> None:
        ben = make.person("Ben", "ben@council.example")
        with work(ada_acts) as unit:
            people.edit_person(
                unit,
                public_id=ben.public_id,
                name="Ben Okoro",
                email=ben.email,
                phone="01438 000000",
                prefers=Channel.PHONE,
                organisation="",
                sector=None,
                role_title=None,
            )
        line = audit.lines(reading, "person", ben.id)[-1]
        assert (line.actor, told(line)) == ("Ada Quill", ("changed", None, "person", "Ben Okoro"))
        assert differences(line) == [
            ("name", "Ben", "Ben Okoro"),
            ("phone", None, "01438 000000"),
            ("prefers", "email", "phone"),
        ]

    def test_whose_access_needs_change_is_recorded_without_them(
        self, make: Make, work: Working, reading: Reads
    ) -> None:
        ben = make.person("Ben", needs="A BSL interpreter")
        with work() as unit:
            unit.session.get_one(Person, ben.id).needs = "A quiet space"
        with work() as unit:
            unit.session.execute(update(Person).where(Person.id == ben.id).values(needs="Large print"))
        lines = audit.lines(reading, "person", ben.id)[1:]
        assert [(line.kept_back, line.differences) for line in lines] == [(["needs"], []), (["needs"], [])]
        with work() as unit:
            assert unit.session.scalars(select(Audit.values)).all() == [None, None, None]
            assert unit.session.scalars(select(PersonKey)).all() == []

    def test_who_is_given_a_role_and_loses_it(
        self, make: Make, work: Working, reading: Reads, ada_acts: Actor, clock: FixedClock
    ) -> None:
        ben, programme = make.account("Ben"), make.programme()
        with work(ada_acts) as unit:
            people.grant_role(unit, public_id=ben.public_id, role=Role.HOST, programme_slug=programme.slug)
        with work(ada_acts) as unit:
            held = unit.session.scalars(select(RoleGrant).where(RoleGrant.person_id == ben.id)).one()
            people.revoke_role(unit, public_id=ben.public_id, grant_id=held.id)
        given, ended = audit.lines(reading, "person", ben.id)[1:]
        assert (told(given), given.which) == (("created", "role", "person", "Ben"), ["host", programme.name])
        assert (told(ended), ended.which) == (("changed", "role", "person", "Ben"), ["host", programme.name])
        assert differences(ended) == [("revoked_at", None, clock.now())]

    def test_who_moves_to_another_council(self, make: Make, work: Working, reading: Reads) -> None:
        hitchin, baldock = make.organisation("Hitchin"), make.organisation("Baldock")
        ben = make.person("Ben", organisation=hitchin)
        with work() as unit:
            unit.session.scalars(select(Affiliation)).one().organisation_id = baldock.id
        line = audit.lines(reading, "person", ben.id)[-1]
        assert (told(line), differences(line)) == (
            ("changed", "affiliation", "person", "Ben"),
            [("organisation_id", "Hitchin", "Baldock")],
        )


class TestTheKeyOfAPerson:
    def rename(self, work: Working, person: Person, name: str) -> None:
        with work() as unit:
            unit.session.get_one(Person, person.id).name = name

    def test_is_made_once_and_locks_what_is_written_about_them(self, make: Make, work: Working) -> None:
        ben, cara = make.person("Ben"), make.person("Cara")
        for name in ("Benedict", "Bennie"):
            self.rename(work, ben, name)
        self.rename(work, cara, "Carlotta")
        with work() as unit:
            keys = {row.person_id: row.key for row in unit.session.scalars(select(PersonKey))}
        assert set(keys) == {ben.id, cara.id}
        assert keys[ben.id] != keys[cara.id]
        assert not any(b"Benedict" in (row.values or b"") for row in raw(work))

    def test_that_is_forgotten_takes_the_values_along(self, make: Make, work: Working, reading: Reads) -> None:
        ben, cara = make.person("Ben"), make.person("Cara")
        self.rename(work, ben, "Benedict")
        self.rename(work, cara, "Carlotta")
        with work() as unit:
            key = unit.session.get_one(PersonKey, ben.id)
            key.key, key.forgotten_at = None, unit.now
        self.rename(work, ben, "Bennie")
        _, before, after = audit.lines(reading, "person", ben.id)
        assert (before.forgotten, before.kept_back, before.differences) == (True, ["name"], [])
        assert (after.forgotten, after.kept_back, after.differences) == (False, ["name"], [])
        assert raw(work)[-1].values is None
        assert differences(audit.lines(reading, "person", cara.id)[-1]) == [("name", "Cara", "Carlotta")]


class TestWhoActed:
    def test_nobody_for_what_the_service_does_by_itself(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit()
        with work(SYSTEM) as unit:
            unit.session.get_one(Event, visit.id).place = "Elsewhere"
        line = audit.lines(reading, "event", visit.id)[-1]
        assert (line.actor, line.actor_id, line.via) == (None, None, "system")

    def test_whoever_holds_a_link(self, make: Make, work: Working, reading: Reads) -> None:
        ben = make.person("Ben")
        with work(Actor(ben.id, via="link")) as unit:
            unit.session.get_one(Person, ben.id).timezone = "Europe/Paris"
        line = audit.lines(reading, "person", ben.id)[-1]
        assert (line.actor, line.via) == ("Ben", "link")

    def test_may_say_why(self, make: Make, work: Working, reading: Reads, ada_acts: Actor) -> None:
        amina, visit = make.account("Amina"), make.visit(slots=1)
        held = make.booking(amina, visit)
        with work(ada_acts) as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="The hub is closed for repairs")
        with work(ada_acts) as unit:
            unit.session.get_one(Event, visit.id).bring = "Nothing"
        why = "The hub is closed for repairs"
        assert [line.reason for line in audit.lines(reading, "event", visit.id)[-3:]] == [why, why, ""]
        line = audit.lines(reading, "booking", held.id)[-1]
        assert (line.actor, differences(line), line.reason) == ("Ada Quill", [("state", "live", "cancelled")], why)


class TestASavepoint:
    def test_that_is_undone_takes_its_lines_along(self, make: Make, work: Working, reading: Reads) -> None:
        visit = make.visit(place="A")
        with work() as unit:
            event = unit.session.get_one(Event, visit.id)
            event.place = "B"
            with pytest.raises(ZeroDivisionError), unit.session.begin_nested():
                event.bring = "A coat"
                unit.session.flush()
                _ = 1 / 0
            with unit.session.begin_nested():
                unit.session.get_one(Event, visit.id).parking = "Behind the hub"
        assert differences(audit.lines(reading, "event", visit.id)[-1]) == [
            ("place", "A", "B"),
            ("parking", "", "Behind the hub"),
        ]
