"""Tables of a summit: set up, seated, moved by hand, never changed unseen, and by whom they may be."""

import pytest
from sqlalchemy import delete, select, update

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Booking, Event, EventState, Seat
from cop.models.seating import Company, Place, SeatingRule
from cop.models.summits import Answer
from cop.queries import seating as queries
from cop.queries.seating import Seating
from cop.services import seating as services
from tests.support.make import Make, Reads, Working
from tests.support.seating import Tables
from tests.support.summits import answer, invitation_of, make_summit

SIX = {"Ana": "Leeds", "Ben": "Leeds", "Cleo": "Wigan", "Dora": "Wigan", "Emil": "Derby", "Femi": "Derby"}


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    return Tables(make, work, reading)


@pytest.fixture
def six(tables: Tables) -> Tables:
    """Six people of three organisations, two tables of four, and two rounds."""
    tables.come(SIX)
    tables.set_up(4, 4, rounds=2)
    return tables


def staff(make: Make, event: Event, role: Role) -> Actor:
    person = make.account(f"Some {role}")
    if role is Role.HOST:
        make.grant(person, role, event=event)
    else:
        make.grant(person, role, programme=make.programme())
    return make.actor(person)


def move(work: Working, tables: Tables, name: str, table: int, round_: int = 0, actor: Actor = SYSTEM) -> None:
    seat_id, seen = tables.seat_of(name), tables.now().seen
    with work(actor) as unit:
        services.move(unit, event_id=tables.event.id, round_=round_, seat_id=seat_id, table=table, seen=seen)


def rule(work: Working, tables: Tables, company: Company, *names: str) -> None:
    seat_ids, seen = [tables.seat_of(name) for name in names], tables.now().seen
    with work() as unit:
        services.add_rules(unit, event_id=tables.event.id, company=company, seat_ids=seat_ids, seen=seen)


def stay_away(work: Working, reading: Reads, tables: Tables, person: Person) -> None:
    answer(work, invitation_of(reading, tables.event, person), Answer.NO)


class TestSeatingEverybody:
    def test_parts_colleagues_and_keeps_rules(self, work: Working, six: Tables) -> None:
        rule(work, six, Company.APART, "Ana", "Cleo", "Emil")
        with pytest.raises(Refusal, match="These rules cannot all be kept: Ana not with Cleo; Ana not with Emil; Cleo"):
            six.seat()
        with work() as unit:
            found = queries.seating_of(unit, unit.session.get_one(Event, six.event.id))
            services.remove_rule(unit, event_id=six.event.id, rule_id=found.rules[-1].id, seen=found.seen)
        six.seat()
        now = six.now()
        assert [sorted(len(people) for people in six.at(round_).values()) for round_ in (0, 1)] == [[3, 3], [3, 3]]
        assert now.score.colleagues == 0
        assert dict(now.score.broken) == {}
        assert now.plan is not None
        assert now.plan.computed_at is not None
        assert not any(sits.pinned for sits in now.places.values())
        assert now.without == []

    def test_leaves_those_who_are_pinned(self, work: Working, six: Tables) -> None:
        six.seat()
        move(work, six, "Ana", 1)
        move(work, six, "Ben", 1)
        six.seat()
        assert {six.table_of("Ana"), six.table_of("Ben")} == {"Table 2"}
        assert six.now().score.colleagues == 1

    def test_says_what_pins_and_rules_forbid(self, work: Working, six: Tables) -> None:
        six.seat()
        move(work, six, "Ana", 0)
        move(work, six, "Cleo", 1)
        rule(work, six, Company.TOGETHER, "Ana", "Emil")
        rule(work, six, Company.TOGETHER, "Cleo", "Emil")
        with pytest.raises(Refusal, match="With those who keep their places in round 1, these rules cannot be kept"):
            six.seat()

    def test_says_when_a_party_is_larger_than_a_table(self, work: Working, six: Tables) -> None:
        rule(work, six, Company.TOGETHER, "Ana", "Ben", "Cleo", "Dora", "Emil")
        with pytest.raises(
            Refusal, match="More people are to sit together than any free table has seats: Ana with Ben"
        ):
            six.seat()

    def test_needs_enough_seats_and_somebody_to_sit(self, work: Working, tables: Tables) -> None:
        with work() as unit, pytest.raises(Refusal, match="Say first which tables there are"):
            services.ask_to_seat(unit, event_id=tables.event.id, seen=0)
        tables.set_up(2, 2)
        with work() as unit, pytest.raises(Refusal, match="nobody to seat"):
            services.ask_to_seat(unit, event_id=tables.event.id, seen=1)
        tables.come(SIX)
        with work() as unit, pytest.raises(Refusal, match="6 people come, and there are 4 seats"):
            services.ask_to_seat(unit, event_id=tables.event.id, seen=1)

    def test_is_one_task_however_often_it_is_asked_for(self, work: Working, make: Make, six: Tables) -> None:
        femi, seen = staff(make, six.event, Role.FACILITATOR), six.now().seen
        asked = []
        for _ in range(2):
            with work(femi) as unit:
                asked.append(services.ask_to_seat(unit, event_id=six.event.id, seen=seen).id)
        assert asked[0] == asked[1]

    def test_comes_to_nothing_where_the_tables_changed_meanwhile(self, work: Working, six: Tables) -> None:
        found = six.now()
        seated = services.compute(found, seen=found.seen, tell=lambda done, total: None)
        six.set_up(6, 6)
        with work() as unit, pytest.raises(Refusal, match="Somebody else changed the tables"):
            services.keep_seated(unit, event_id=six.event.id, seen=found.seen, seated=seated)
        with pytest.raises(Refusal, match="Somebody else changed the tables"):
            services.compute(six.now(), seen=found.seen, tell=lambda done, total: None)

    def test_leaves_out_who_cancels_while_it_is_worked_out(self, work: Working, reading: Reads, tables: Tables) -> None:
        people = tables.come(SIX)
        tables.set_up(4, 4)
        found = tables.now()
        seated = services.compute(found, seen=found.seen, tell=lambda done, total: None)
        stay_away(work, reading, tables, people[0])
        with work() as unit:
            services.keep_seated(unit, event_id=tables.event.id, seen=found.seen, seated=seated)
            assert len(unit.session.scalars(select(Place)).all()) == 5


class TestAfterwards:
    def test_latecomers_take_free_seats_and_nobody_moves(self, work: Working, make: Make, six: Tables) -> None:
        six.seat()
        before = six.now().places
        six.come({"Late": "York"})
        assert [one.called for one in six.now().without] == ["Late"]
        seen = six.now().seen
        with work(staff(make, six.event, Role.HOST)) as unit:
            assert [one.called for one in services.seat_latecomers(unit, event_id=six.event.id, seen=seen)] == ["Late"]
        now = six.now()
        assert now.without == []
        assert {place: sits for place, sits in now.places.items() if place in before} == before
        with work() as unit, pytest.raises(Refusal, match="Everybody has a place"):
            services.seat_latecomers(unit, event_id=six.event.id, seen=now.seen)

    def test_latecomers_keep_rules_too(self, work: Working, six: Tables) -> None:
        six.seat()
        six.come({"Late": "York"})
        rule(work, six, Company.TOGETHER, "Ana", "Late")
        seen = six.now().seen
        with work() as unit:
            services.seat_latecomers(unit, event_id=six.event.id, seen=seen)
        assert [six.table_of("Late", round_) == six.table_of("Ana", round_) for round_ in (0, 1)] == [True, True]

    def test_latecomers_need_somebody_who_sits_and_a_seat(self, work: Working, tables: Tables) -> None:
        tables.come({"Ana": "", "Ben": ""})
        tables.set_up(1, 1)
        with work() as unit, pytest.raises(Refusal, match="Seat everybody first"):
            services.seat_latecomers(unit, event_id=tables.event.id, seen=tables_seen(unit, tables))
        tables.seat()
        tables.come({"Late": ""})
        with work() as unit, pytest.raises(Refusal, match="3 people come, and there are 2 seats"):
            services.seat_latecomers(unit, event_id=tables.event.id, seen=tables_seen(unit, tables))

    def test_who_cancels_frees_the_seat_and_rules_about_them_rest(
        self, work: Working, reading: Reads, tables: Tables
    ) -> None:
        people = tables.come(SIX)
        tables.set_up(3, 3)
        rule(work, tables, Company.APART, "Ana", "Cleo")
        tables.seat()
        stay_away(work, reading, tables, people[0])
        now = tables.now()
        assert sorted(len(names) for names in tables.at().values()) == [2, 3]
        assert now.rules == []
        tables.come({"Late": ""})
        with work() as unit:
            services.seat_latecomers(unit, event_id=tables.event.id, seen=now.seen)
        assert sorted(len(names) for names in tables.at().values()) == [3, 3]

    def test_smaller_tables_keep_whom_they_can_and_the_pinned_first(self, work: Working, six: Tables) -> None:
        six.seat()
        move(work, six, "Femi", 0)
        six.set_up(1, 2, rounds=1)
        now = six.now()
        assert [len(names) for names in six.at().values()] == [1, 2]
        assert six.at()["Table 1"] == ["Femi"]
        assert len(now.without) == 3
        assert {round_ for round_, _ in now.places} == {0}

    def test_a_seat_that_is_given_up_for_good_takes_its_places_and_rules_along(
        self, work: Working, six: Tables
    ) -> None:
        six.seat()
        rule(work, six, Company.APART, "Ana", "Cleo")
        seat_id = six.seat_of("Ana")
        with work() as unit:
            unit.session.execute(delete(Seat).where(Seat.id == seat_id))
        with work() as unit:
            assert unit.session.scalars(select(SeatingRule)).all() == []
            assert seat_id not in unit.session.scalars(select(Place.seat_id)).all()


def tables_seen(work: Work, tables: Tables) -> int:
    return queries.seating_of(work, work.session.get_one(Event, tables.event.id)).seen


class TestByHand:
    def test_a_move_pins_and_a_full_table_refuses(self, work: Working, tables: Tables) -> None:
        tables.come(SIX)
        tables.set_up(3, 4)
        tables.seat()
        here = tables.at()["Table 1"]
        there = tables.at()["Table 2"]
        assert (len(here), len(there)) == (3, 3)
        with pytest.raises(Refusal, match="“Table 1” has no free seat"):
            move(work, tables, there[0], 0)
        move(work, tables, here[0], 1)
        assert tables.table_of(here[0]) == "Table 2"
        assert tables.now().places[0, tables.seat_of(here[0])].pinned

    def test_a_move_finds_a_place_for_who_has_none(self, work: Working, six: Tables) -> None:
        six.seat()
        six.come({"Late": ""})
        move(work, six, "Late", 1, round_=1)
        assert [six.table_of("Late", round_) for round_ in (0, 1)] == [None, "Table 2"]
        assert [one.called for one in six.now().without] == ["Late"]

    def test_two_change_places(self, work: Working, six: Tables) -> None:
        six.seat()
        one, other = six.at()["Table 1"][0], six.at()["Table 2"][0]
        ids = {"seat_id": six.seat_of(one), "other_id": six.seat_of(other)}
        with work() as unit:
            services.swap(unit, event_id=six.event.id, round_=0, **ids, seen=tables_seen(unit, six))
        assert (six.table_of(one), six.table_of(other)) == ("Table 2", "Table 1")
        neighbour = next(name for name in six.at()["Table 2"] if name != one)
        ids["other_id"] = six.seat_of(neighbour)
        with work() as unit, pytest.raises(Refusal, match="same table already"):
            services.swap(unit, event_id=six.event.id, round_=0, **ids, seen=tables_seen(unit, six))
        with work() as unit, pytest.raises(NotFound):
            services.swap(unit, event_id=six.event.id, round_=5, **ids, seen=tables_seen(unit, six))

    def test_pins_are_set_and_lifted(self, work: Working, six: Tables) -> None:
        six.seat()
        seat_id = six.seat_of("Ana")
        for pinned in (True, False):
            with work() as unit:
                services.pin(
                    unit,
                    event_id=six.event.id,
                    round_=1,
                    seat_id=seat_id,
                    pinned=pinned,
                    seen=tables_seen(unit, six),
                )
            assert six.now().places[1, seat_id].pinned is pinned
        with work() as unit, pytest.raises(NotFound):
            services.pin(
                unit, event_id=six.event.id, round_=3, seat_id=seat_id, pinned=True, seen=tables_seen(unit, six)
            )

    @pytest.mark.parametrize(("table", "round_"), [(2, 0), (-1, 0), (0, 2), (0, -1)])
    def test_there_is_no_such_table(self, work: Working, six: Tables, table: int, round_: int) -> None:
        six.seat()
        with pytest.raises(NotFound):
            move(work, six, "Ana", table, round_)

    def test_a_stranger_sits_nowhere(self, work: Working, six: Tables, make: Make, reading: Reads) -> None:
        six.seat()
        other = Tables(make, work, reading, make_summit(make, work, title="Another summit"))
        other.come({"Zoe": ""})
        with work() as unit, pytest.raises(NotFound):
            services.move(
                unit,
                event_id=six.event.id,
                round_=0,
                seat_id=other.seat_of("Zoe"),
                table=0,
                seen=tables_seen(unit, six),
            )


class TestRules:
    def test_replace_what_was_said_of_two_before(self, work: Working, six: Tables) -> None:
        rule(work, six, Company.APART, "Ana", "Ben")
        rule(work, six, Company.TOGETHER, "Ben", "Ana")
        assert [(found.company, found.first.called, found.second.called) for found in six.now().rules] == [
            (Company.TOGETHER, "Ana", "Ben")
        ]

    def test_are_about_two_or_more_and_not_too_many(self, work: Working, six: Tables) -> None:
        with pytest.raises(Refusal, match="Choose two people or more"):
            rule(work, six, Company.APART, "Ana")
        six.come({f"Guest {number}": "" for number in range(10)})
        with pytest.raises(Refusal, match="There may be 100 rules at most"):
            rule(work, six, Company.APART, *(one.called for one in six.now().sitters))

    def test_of_another_summit_are_not_there(self, work: Working, six: Tables, make: Make, reading: Reads) -> None:
        rule(work, six, Company.APART, "Ana", "Ben")
        other = Tables(make, work, reading, make_summit(make, work, title="Another summit"))
        other.set_up(2)
        rule_id = six.now().rules[0].id
        with work() as unit, pytest.raises(NotFound):
            services.remove_rule(unit, event_id=other.event.id, rule_id=rule_id, seen=1)


class TestSettingUp:
    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([], "60 tables at most"),
            ([("A", 31)], "30 seats each"),
            ([("A", 0)], "30 seats each"),
            ([(f"T {number}", 2) for number in range(61)], "60 tables at most"),
            ([("Top", 2), ("top", 3)], "Two tables are called “Top”"),
        ],
    )
    def test_refuses_nonsense(self, work: Working, rows: list[tuple[str, int]], message: str, six: Tables) -> None:
        wanted = [services.TableToSet(name, seats) for name, seats in rows]
        with work() as unit, pytest.raises(Refusal, match=message):
            services.set_up(unit, event_id=six.event.id, tables=wanted, rounds=1, seen=1)

    def test_never_overwrites_unseen(self, work: Working, six: Tables) -> None:
        with work() as unit, pytest.raises(Refusal, match="Somebody else changed the tables meanwhile"):
            services.set_up(unit, event_id=six.event.id, tables=[services.TableToSet("A", 2)], rounds=1, seen=0)


class TestPublishing:
    def test_shows_guests_their_tables(self, work: Working, reading: Reads, tables: Tables) -> None:
        people = tables.come(SIX)
        tables.set_up(4, 4, rounds=2)
        with work() as unit, pytest.raises(Refusal, match="Seat everybody first"):
            services.publish(unit, event_id=tables.event.id, is_published=True, seen=1)
        tables.seat()
        assert own(reading, people[0]) == []
        for is_published in (True, False):
            with work() as unit:
                seen = tables_seen(unit, tables)
                services.publish(unit, event_id=tables.event.id, is_published=is_published, seen=seen)
            if is_published:
                expected = [tables.table_of("Ana", round_) for round_ in (0, 1)]
                assert own(reading, people[0]) == [queries.Own(None, expected)]
        assert own(reading, people[0]) == []

    def test_not_to_those_who_cancelled(self, work: Working, reading: Reads, tables: Tables) -> None:
        people = tables.come(SIX)
        tables.set_up(4, 4)
        tables.seat()
        with work() as unit:
            services.publish(unit, event_id=tables.event.id, is_published=True, seen=tables_seen(unit, tables))
        stay_away(work, reading, tables, people[0])
        assert own(reading, people[0]) == []


def own(reading: Reads, person: Person) -> list[queries.Own]:
    with reading() as read:
        booking = read.session.scalars(select(Booking).where(Booking.person_id == person.id)).one()
        return list(queries.own_tables(read, booking))


class TestWho:
    def test_hosts_move_people_and_do_not_prepare(self, work: Working, make: Make, six: Tables) -> None:
        six.seat()
        host, seen = staff(make, six.event, Role.HOST), six.now().seen
        move(work, six, "Ana", 0, actor=host)
        seen, event_id = six.now().seen, six.event.id
        table = services.TableToSet("A", 8)
        for refused in (
            lambda unit: services.set_up(unit, event_id=event_id, tables=[table], rounds=1, seen=seen),
            lambda unit: services.add_rules(unit, event_id=event_id, company=Company.APART, seat_ids=(), seen=seen),
            lambda unit: services.remove_rule(unit, event_id=event_id, rule_id=1, seen=seen),
            lambda unit: services.ask_to_seat(unit, event_id=event_id, seen=seen),
            lambda unit: services.keep_seated(unit, event_id=event_id, seen=seen, seated=[]),
            lambda unit: services.publish(unit, event_id=event_id, is_published=True, seen=seen),
        ):
            with work(host) as unit, pytest.raises(NotFound):
                refused(unit)

    def test_others_do_nothing_and_see_nothing(self, work: Working, make: Make, reading: Reads, six: Tables) -> None:
        six.seat()
        elsewhere = Tables(make, work, reading, make_summit(make, work, title="Another summit"))
        stranger = staff(make, elsewhere.event, Role.HOST)
        with pytest.raises(NotFound):
            move(work, six, "Ana", 0, actor=stranger)
        with reading(stranger) as read, pytest.raises(NotFound):
            queries.seating(read, slug=six.event.slug)
        with reading(staff(make, six.event, Role.HOST)) as read:
            assert isinstance(queries.seating(read, slug=six.event.slug), Seating)
            with pytest.raises(NotFound):
                queries.seating(read, slug=six.event.slug, to_edit=True)

    def test_nothing_changes_once_it_is_cancelled(self, work: Working, six: Tables) -> None:
        six.seat()
        with work() as unit:
            unit.session.execute(update(Event).where(Event.id == six.event.id).values(state=EventState.CANCELLED))
        with pytest.raises(Refusal, match="has been cancelled"):
            move(work, six, "Ana", 0)

    def test_only_summits_have_tables(self, work: Working, make: Make, reading: Reads) -> None:
        visit = make.visit()
        with work() as unit, pytest.raises(NotFound):
            services.set_up(unit, event_id=visit.id, tables=[services.TableToSet("A", 2)], rounds=1, seen=0)
        with reading() as read, pytest.raises(NotFound):
            queries.seating(read, slug=visit.slug)
