"""The records of processing: ready-made entries, changing them, and looking at each again."""

from dataclasses import fields, replace
from datetime import date

import pytest

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.privacy import Processing
from cop.queries import processing as queries
from cop.services import processing as services
from cop.services.processing import Told
from cop.services.processing.ready_made import READY_MADE
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

VISITS = Told(name="Visits", purpose="To run them", basis="Public task", people="Visitors", data="Names")


@pytest.fixture
def admin(make: Make) -> Actor:
    return make.actor(make.admin())


@pytest.fixture
def entry(work: Working, admin: Actor) -> Processing:
    with work(admin) as unit:
        return services.add(unit, told=VISITS)


class TestReadyMadeEntries:
    def test_are_added_once_and_wait_for_somebody_to_read_them(
        self, work: Working, admin: Actor, reading: Reads
    ) -> None:
        with work(admin) as unit:
            assert services.load_ready_made(unit) == len(READY_MADE)
        with work(admin) as unit:
            assert services.load_ready_made(unit) == 0
        with reading(admin) as read:
            assert [found.code for found in queries.listed(read)] == list(READY_MADE)
            assert queries.count_to_review(read) == len(READY_MADE)

    def test_stay_as_they_were_changed(self, work: Working, admin: Actor, reading: Reads) -> None:
        with work(admin) as unit:
            services.load_ready_made(unit)
        with reading(admin) as read:
            first, second = queries.listed(read)[:2]
        with work(admin) as unit:
            services.edit(unit, entry_id=first.id, told=replace(VISITS, name="Another name"))
            services.retire(unit, entry_id=second.id)
        with work(admin) as unit:
            assert services.load_ready_made(unit) == 0
        with reading(admin) as read:
            assert queries.one(read, first.id).name == "Another name"
            assert queries.one(read, second.id).retired_at is not None

    def test_say_all_that_the_law_asks_for(self) -> None:
        for told in READY_MADE.values():
            empty = {field.name for field in fields(told) if not getattr(told, field.name)}
            assert empty == {"review_on"}, told.name
        assert len({told.name for told in READY_MADE.values()}) == len(READY_MADE)


class TestAnEntry:
    @pytest.mark.parametrize("field", ["name", "purpose", "basis", "people", "data"])
    def test_needs_what_the_law_asks_for(self, work: Working, admin: Actor, entry: Processing, field: str) -> None:
        wrong = replace(VISITS, **{"name": "Something else", field: " "})  # type: ignore[arg-type]
        for give in (
            lambda unit: services.add(unit, told=wrong),
            lambda unit: services.edit(unit, entry_id=entry.id, told=wrong),
        ):
            with pytest.raises(Refusal) as refused, work(admin) as unit:
                give(unit)  # type: ignore[no-untyped-call]
            assert refused.value.field == field

    @pytest.mark.parametrize("name", ["Visits", "VISITS", "x" * (services.NAME_MOST + 1)])
    def test_has_a_name_of_its_own(self, work: Working, admin: Actor, entry: Processing, name: str) -> None:
        assert entry.name == "Visits"
        with pytest.raises(Refusal) as refused, work(admin) as unit:
            services.add(unit, told=replace(VISITS, name=name))
        assert refused.value.field == "name"

    def test_keeps_its_name_when_it_is_changed(self, work: Working, admin: Actor, entry: Processing) -> None:
        with work(admin) as unit:
            assert services.edit(unit, entry_id=entry.id, told=replace(VISITS, kept="A year")).kept == "A year"

    def test_is_looked_at_again_in_a_year(
        self, work: Working, admin: Actor, entry: Processing, reading: Reads, clock: FixedClock
    ) -> None:
        with work(admin) as unit:
            looked = services.review(unit, entry_id=entry.id)
        assert (looked.reviewed_on, looked.review_on) == (date(2026, 3, 2), date(2027, 3, 2))

        def waiting() -> int:
            with reading(admin) as read:
                return queries.count_to_review(read)

        for days, count in ((350, 0), (1, 1)):
            clock.move((date(2026, 3, 2) - date(2026, 3, 1)) * days)
            assert waiting() == count
        with work(admin) as unit:
            services.retire(unit, entry_id=entry.id)
        assert waiting() == 0

    def test_ends_and_begins_again(self, work: Working, admin: Actor, entry: Processing, reading: Reads) -> None:
        with work(admin) as unit:
            services.retire(unit, entry_id=entry.id)
        with reading(admin) as read:
            assert queries.listed(read, retired=False) == []
            assert len(queries.listed(read)) == 1
        with work(admin) as unit:
            services.take_up(unit, entry_id=entry.id)
        with reading(admin) as read:
            assert len(queries.listed(read, retired=False)) == 1

    def test_is_for_admins_of_everything(
        self, work: Working, admin: Actor, make: Make, entry: Processing, reading: Reads
    ) -> None:
        outsider = make.actor(make.account())
        for give in (
            services.load_ready_made,
            lambda unit: services.add(unit, told=VISITS),
            lambda unit: services.edit(unit, entry_id=entry.id, told=VISITS),
            lambda unit: services.review(unit, entry_id=entry.id),
            lambda unit: services.retire(unit, entry_id=entry.id),
            lambda unit: services.take_up(unit, entry_id=entry.id),
        ):
            with pytest.raises(NotFound), work(outsider) as unit:
                give(unit)
        with pytest.raises(NotFound), work(admin) as unit:
            services.retire(unit, entry_id=entry.id + 1)
        with reading(outsider) as read:
            assert queries.count_to_review(read) == 0
            for look in (lambda: queries.listed(read), lambda: queries.one(read, entry.id)):
                with pytest.raises(NotFound):
                    look()
