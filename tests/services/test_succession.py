"""Councils are taken over by others: their people go along, and figures can be read by either map."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.events import Booking
from cop.models.organisations import Organisation, OrganisationDomain, OrganisationSuccession
from cop.queries import evaluation
from cop.queries import organisations as queries
from cop.queries.evaluation import Geography
from cop.queries.succession import divided, lineage
from cop.services import succession
from scheduled import carry_out_successions
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

TODAY = date(2026, 3, 2)
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def councils(make: Make) -> dict[str, Organisation]:
    names = ("Harrogate", "Selby", "North Yorkshire", "York")
    return {
        name: make.organisation(
            name, slug=name.lower().replace(" ", "-"), domains=[f"{name.split()[0].lower()}.example"]
        )
        for name in names
    }


class Recording:
    """Records what a plan showed, as the page does."""

    def __init__(self, work: Working, reading: Reads) -> None:
        self._work, self._reading = work, reading

    def __call__(self, before: Sequence[str], after: Sequence[str], on: date = TODAY, **more: Any) -> succession.Plan:
        asked = {"predecessors": before, "successors": after, "on_date": on, "moves_domains": True, **more}
        with self._reading() as read:
            seen = succession.plan_succession(read, **asked).seen
        with self._work() as work:
            return succession.record_succession(work, **asked, seen=seen)


@pytest.fixture
def record(work: Working, reading: Reads) -> Recording:
    return Recording(work, reading)


def places(reading: Reads, person: Person) -> list[tuple[int | None, date, date | None]]:
    with reading() as read:
        rows = read.session.scalars(
            select(Affiliation).where(Affiliation.person_id == person.id).order_by(Affiliation.id)
        )
        return [(row.organisation_id, row.from_on, row.to_on) for row in rows]


def joined_long_ago(work: Working) -> None:
    with work() as opened:
        for affiliation in opened.session.scalars(select(Affiliation)):
            affiliation.from_on = LONG_AGO


def test_people_and_domains_go_along_and_snapshots_stay(
    councils: dict[str, Organisation], record: Recording, make: Make, work: Working, reading: Reads
) -> None:
    harrogate, north = councils["Harrogate"], councils["North Yorkshire"]
    amina = make.account("Amina", organisation=harrogate, sector=Sector.COUNCILLOR)
    make.booking(amina, make.visit())
    joined_long_ago(work)
    plan = record(["harrogate"], ["North Yorkshire"])
    assert (plan.people, plan.domains) == (1, 1)
    assert places(reading, amina) == [(harrogate.id, LONG_AGO, TODAY), (north.id, TODAY, None)]
    with reading() as read:
        assert read.session.scalars(select(Booking.organisation_id)).all() == [harrogate.id]
        domains = select(OrganisationDomain.domain).where(OrganisationDomain.organisation_id == north.id)
        assert set(read.session.scalars(domains)) == {"harrogate.example", "north.example"}
        assert read.session.get_one(Organisation, harrogate.id).ended_on == TODAY
        begun = read.session.scalars(select(Affiliation).where(Affiliation.organisation_id == north.id)).one()
        assert (begun.sector, begun.relation, begun.is_primary) == (Sector.COUNCILLOR, "elected to", True)


def test_domains_stay_unless_they_are_to_go(
    councils: dict[str, Organisation], record: Recording, reading: Reads
) -> None:
    record(["Harrogate"], ["North Yorkshire"], moves_domains=False)
    with reading() as read:
        owner = select(OrganisationDomain.organisation_id).where(OrganisationDomain.domain == "harrogate.example")
        assert read.session.scalar(owner) == councils["Harrogate"].id


def test_whoever_came_after_the_day_belongs_to_the_successor_only(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    amina = make.person("Amina", organisation=councils["Harrogate"])
    record(["Harrogate"], ["North Yorkshire"], date(2024, 4, 1))
    assert places(reading, amina) == [(councils["North Yorkshire"].id, TODAY, None)]


def test_several_are_taken_over_by_one(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    people = [make.person(name, organisation=councils[name]) for name in ("Harrogate", "Selby")]
    record(["Harrogate", "Selby"], ["North Yorkshire"])
    for person in people:
        assert places(reading, person)[-1][0] == councils["North Yorkshire"].id
    with reading() as read:
        found = lineage(read, organisation_id=councils["North Yorkshire"].id)
        assert [item.name for item in found.predecessors] == ["Harrogate", "Selby"]
        assert not found.successors
        of_selby = lineage(read, organisation_id=councils["Selby"].id)
        assert [(item.name, item.is_over) for item in of_selby.successors] == [("North Yorkshire", True)]
        assert not of_selby.may_be_taken_back


def test_where_several_take_over_nobody_is_sent_anywhere(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    amina = make.person("Amina", organisation=councils["Harrogate"])
    plan = record(["Harrogate"], ["York", "North Yorkshire"])
    assert not plan.moves_domains
    assert places(reading, amina) == [(councils["Harrogate"].id, TODAY, None)]
    with reading() as read:
        assert divided(read) == ["Harrogate"]


def test_what_lies_ahead_happens_on_its_day(
    councils: dict[str, Organisation],
    record: Recording,
    make: Make,
    reading: Reads,
    clock: FixedClock,
    app: Flask,
) -> None:
    amina = make.person("Amina", organisation=councils["Harrogate"])
    record(["Harrogate"], ["North Yorkshire"], TODAY + timedelta(days=30))
    with app.app_context():
        assert carry_out_successions.run() == "0 organisations taken over, 0 people went along"
    assert places(reading, amina) == [(councils["Harrogate"].id, TODAY, None)]
    with reading() as read:
        assert lineage(read, organisation_id=councils["Harrogate"].id).may_be_taken_back
        assert "Harrogate" in [item.name for item in queries.listed(read, queries.Wanted(members_only=True))]
    clock.move(timedelta(days=31))
    with app.app_context():
        assert carry_out_successions.run() == "1 organisations taken over, 1 people went along"
        assert carry_out_successions.run() == "0 organisations taken over, 0 people went along"
    day = TODAY + timedelta(days=30)
    north = councils["North Yorkshire"].id
    assert places(reading, amina) == [(councils["Harrogate"].id, TODAY, day), (north, day, None)]
    with reading() as read:
        assert "Harrogate" not in [item.name for item in queries.listed(read, queries.Wanted(members_only=True))]
        assert "Harrogate" in [item.name for item in queries.listed(read, queries.Wanted())]
        assert queries.search(read, words="harrogate", limit=5) == []


def test_what_lies_ahead_is_taken_back(
    councils: dict[str, Organisation], record: Recording, work: Working, reading: Reads
) -> None:
    record(["Harrogate"], ["North Yorkshire"], TODAY + timedelta(days=30))
    with work() as opened:
        succession.take_back(opened, slug="harrogate")
    with reading() as read:
        assert read.session.scalars(select(OrganisationSuccession)).all() == []
        assert read.session.get_one(Organisation, councils["Harrogate"].id).ended_on is None
    with pytest.raises(Refusal, match="Nobody takes over"), work() as opened:
        succession.take_back(opened, slug="harrogate")


def test_what_has_happened_is_not_taken_back(
    councils: dict[str, Organisation], record: Recording, work: Working
) -> None:
    record(["Harrogate"], ["North Yorkshire"])
    with pytest.raises(Refusal, match="cannot be taken back"), work() as opened:
        succession.take_back(opened, slug="harrogate")


@pytest.mark.parametrize(
    ("before", "after", "field", "words"),
    [
        ([], ["York"], "predecessors", "at least one"),
        (["York"], [], "successors", "at least one"),
        (["York"], ["York"], "successors", "from itself"),
        (["Yor"], ["Selby"], "predecessors", "Did you mean: .*York"),
        (["York"], ["Nowhere"], "successors", "Add it to the directory first"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    before: list[str],
    after: list[str],
    field: str,
    words: str,
    councils: dict[str, Organisation],
    record: Recording,
) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        record(before, after)
    assert refused.value.field == field


def test_nobody_is_taken_over_twice_by_the_ended_or_in_a_circle(
    councils: dict[str, Organisation], record: Recording
) -> None:
    record(["Harrogate"], ["North Yorkshire"])
    with pytest.raises(Refusal, match="taken over already"):
        record(["Harrogate"], ["York"])
    with pytest.raises(Refusal, match="ends before that day"):
        record(["York"], ["Harrogate"])
    with pytest.raises(Refusal, match="was taken over by one of these before"):
        record(["North Yorkshire"], ["Harrogate"], date(2019, 1, 1))


def test_what_changed_since_the_page_was_opened_is_looked_at_again(
    councils: dict[str, Organisation], make: Make, work: Working, reading: Reads
) -> None:
    asked: dict[str, Any] = {
        "predecessors": ["York"],
        "successors": ["Selby"],
        "on_date": TODAY,
        "moves_domains": True,
    }
    with reading() as read:
        seen = succession.plan_succession(read, **asked).seen
    make.person("Amina", organisation=councils["York"])
    with pytest.raises(Refusal, match="Nothing was recorded"), work() as opened:
        succession.record_succession(opened, **asked, seen=seen)


def test_only_admins_record_and_only_the_system_carries_out(
    councils: dict[str, Organisation], make: Make, work: Working
) -> None:
    lead = make.account("Lead")
    make.grant(lead, Role.LEAD, organisation=councils["York"])
    asked: dict[str, Any] = {
        "predecessors": ["York"],
        "successors": ["Selby"],
        "on_date": TODAY,
        "moves_domains": True,
    }
    for actor in (Actor(), make.actor(lead)):
        with pytest.raises(NotFound), work(actor) as opened:
            succession.record_succession(opened, **asked, seen="")
        with pytest.raises(NotFound), work(actor) as opened:
            succession.take_back(opened, slug="york")
    with pytest.raises(NotFound), work(make.actor(make.admin())) as opened:
        succession.carry_out(opened, predecessor_id=councils["York"].id)


# By either map


def reached(reading: Reads, make: Make, geography: Geography) -> tuple[int, int]:
    """Members of the network, and those of them that booked."""
    with reading() as read:
        whole = evaluation.overview(read, make.programme(), geography).reach.whole
    return whole.members, whole.booked


def test_the_map_of_then_and_the_map_of_today(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads, clock: FixedClock
) -> None:
    visit = make.visit()
    for name in ("Harrogate", "Selby", "York"):
        make.booking(make.account(name, organisation=councils[name]), visit)
    record(["Harrogate", "Selby"], ["North Yorkshire"])
    clock.move(timedelta(days=400))
    assert reached(reading, make, Geography.THEN) == (4, 3)
    assert reached(reading, make, Geography.TODAY) == (2, 2)


def test_todays_map_follows_the_chain_and_divides_nobody(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    make.booking(make.account("Amina", organisation=councils["Selby"]), make.visit())
    record(["Selby"], ["Harrogate"], date(2022, 4, 1))
    record(["Harrogate"], ["North Yorkshire"], date(2023, 4, 1))
    assert reached(reading, make, Geography.TODAY) == (2, 1)
    record(["North Yorkshire"], ["York", make.organisation("Ripon").name], date(2024, 4, 1))
    with reading() as read:
        found = evaluation.overview(read, make.programme(), Geography.TODAY)
    assert (found.reach.whole.members, found.reach.whole.booked) == (3, 1)
    assert found.divided == ["North Yorkshire"]


def test_members_that_ended_before_the_programme_or_begin_after_it_were_not_there(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    record(["Selby"], ["Harrogate"], date(2010, 4, 1))
    record(["Harrogate"], ["North Yorkshire"], TODAY + timedelta(days=300))
    assert reached(reading, make, Geography.THEN)[0] == 2  # Harrogate and York


def test_a_member_that_takes_another_in_was_there_before(
    councils: dict[str, Organisation], record: Recording, make: Make, reading: Reads
) -> None:
    ahead = TODAY + timedelta(days=300)
    make.person("Amina", organisation=councils["York"])
    make.organisation("Ripon", joined_on=date(2022, 1, 1))
    record(["Selby"], ["York"], ahead)
    record(["Harrogate"], ["Ripon"], ahead)
    assert reached(reading, make, Geography.THEN)[0] == 5


# Lists from elsewhere


def test_a_list_that_names_a_council_that_ended_is_imported_as_before(
    councils: dict[str, Organisation], record: Recording, reading: Reads
) -> None:
    record(["Harrogate"], ["North Yorkshire"])
    with reading() as read:
        assert queries.named(read, "harrogate") is not None
        assert queries.profile(read, slug="harrogate").organisation.name == "Harrogate"
