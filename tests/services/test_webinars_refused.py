"""Registering for several webinars at once: which refusal stops one of them, and which stops all."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from cop.core.errors import Refusal, marked
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.organisations import Organisation
from cop.queries.webinars import Registering
from cop.services import webinars as services
from cop.services.webinars import Outcome
from tests.support.make import Make, Reads, Working
from tests.support.webinars import Webinars

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
PATIENCE = 30


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation()


@pytest.fixture
def amina(make: Make, council: Organisation) -> Person:
    return make.account("Amina Yusuf", "amina@council.example", organisation=council)


def register(work: Working, make: Make, person: Person, *events: Event) -> Outcome:
    with work(make.actor(person)) as unit:
        return services.register_for_several(unit, event_ids=[event.id for event in events], needs="Captions")


def test_a_share_that_is_held_stops_one(
    make: Make, work: Working, webinars: Webinars, council: Organisation, amina: Person
) -> None:
    shared, fine = webinars.webinar("Shared", capacity=5, per_organisation=1), webinars.webinar("Fine")
    webinars.register(make.account("Colleague", organisation=council), shared)
    outcome = register(work, make, amina, shared, fine)
    assert [event.title for event in outcome.booked] == ["Fine"]
    assert [(event.title, state) for event, state in outcome.refused] == [("Shared", Registering.KEPT)]


def test_what_is_wrong_with_the_needs_stops_all_and_is_not_taken_for_a_want_of_places(
    make: Make, work: Working, webinars: Webinars, amina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Refusal(marked("Nobody reads this any more"))

    monkeypatch.setattr(services, "save_arrangements", refuse)
    with pytest.raises(Refusal, match="Nobody reads this"):
        register(work, make, amina, webinars.webinar())


def test_whoever_is_registered_meanwhile_from_elsewhere_counts_as_booked(
    make: Make, work: Working, reading: Reads, webinars: Webinars, amina: Person
) -> None:
    webinar = webinars.webinar(capacity=5)
    with work(make.actor(amina)) as unit, ThreadPoolExecutor(1) as threads:
        services.register(unit, event_id=webinar.id, needs="")
        unit.session.flush()
        other = threads.submit(register, work, make, amina, webinar)
        for _ in range(PATIENCE * 100):
            with reading() as read:
                if read.session.scalar(WAITING):
                    break
            time.sleep(0.01)
        unit.session.commit()
        outcome = other.result(PATIENCE)
    assert ([event.id for event in outcome.booked], outcome.refused) == ([webinar.id], [])
