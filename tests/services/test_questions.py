"""Questions in advance: asked with a registration, taken by those who run the event."""

import pytest

from cop.core.access import VISITOR, Role
from cop.core.errors import NotFound
from cop.models.events import Event
from cop.models.webinars import AdvanceQuestion
from cop.queries import questions as queries
from cop.services import questions as services
from cop.services import webinars as registering
from cop.services.events import booking
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.webinars import Webinars, confirm_path


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


def asked(reading: Reads, event: Event) -> list[tuple[str, str]]:
    with reading() as read:
        return [(question.name, question.words) for question in queries.of_event(read, event.id)]


def test_comes_with_a_registration(webinars: Webinars, make: Make, reading: Reads) -> None:
    webinar = webinars.webinar()
    webinars.register(make.account("Amina"), webinar, question="What did it cost?")
    webinars.register(make.account("Ben"), webinar)
    assert asked(reading, webinar) == [("Amina", "What did it cost?")]


def test_waits_with_a_registration_by_mail_until_it_is_confirmed(
    webinars: Webinars, work: Working, reading: Reads
) -> None:
    webinar, other = webinars.webinar(), webinars.webinar("Another")
    asking = webinars.asking(webinar, other, question="Who paid?")
    assert asked(reading, webinar) == []
    with work(VISITOR) as unit:
        registering.confirm(unit, token=confirm_path(asking).removeprefix("/confirm/"))
    for event in (webinar, other):
        assert asked(reading, event) == [("Noor Adeyemi", "Who paid?")]


def test_asked_anew_takes_the_place_of_the_first(webinars: Webinars, make: Make, work: Working, reading: Reads) -> None:
    webinar, amina = webinars.webinar(), make.account("Amina")
    webinars.register(amina, webinar, question="What did it cost?")
    with work() as unit:
        services.take(unit, event_id=webinar.id, question_id=1, taken=True)
    for question in ("And who paid?", ""):
        with work(make.actor(amina)) as unit:
            registering.register_for_several(unit, event_ids=[webinar.id], needs="", question=question)
    assert asked(reading, webinar) == [("Amina", "And who paid?")]
    with reading() as read:
        assert queries.count_of(read, webinar.id) == queries.Count(1, 1)


def test_of_somebody_who_does_not_come_is_not_shown(
    webinars: Webinars, make: Make, work: Working, reading: Reads
) -> None:
    webinar, amina = webinars.webinar(), make.account("Amina")
    held = webinars.register(amina, webinar, question="What did it cost?")
    with work(make.actor(amina)) as unit:
        booking.cancel(unit, public_id=held.public_id)
    assert asked(reading, webinar) == []
    with reading() as read:
        assert queries.count_of(read, webinar.id) == queries.Count(0, 0)


def test_is_taken_and_given_back_by_those_who_run_it(
    webinars: Webinars, make: Make, work: Working, reading: Reads
) -> None:
    webinar = webinars.webinar()
    for name in ("Amina", "Ben"):
        webinars.register(make.account(name), webinar, question=f"{name} asks")
    host = make.account("Hani")
    make.grant(host, Role.HOST, event=webinar)
    for _ in range(2):
        with work(make.actor(host)) as unit:
            found = services.take(unit, event_id=webinar.id, question_id=1, taken=True)
        assert (found.taken_by, found.taken_at) == (host.id, unit.now)
    assert [name for name, _words in asked(reading, webinar)] == ["Ben", "Amina"], "what is open comes first"
    with work(make.actor(host)) as unit:
        assert services.take(unit, event_id=webinar.id, question_id=1, taken=False).taken_by is None


@pytest.mark.parametrize("who", ["stranger", "host of another"])
def test_is_nothing_for_others(webinars: Webinars, make: Make, work: Working, who: str) -> None:
    webinar, person = webinars.webinar(), make.account("Hani")
    webinars.register(make.account("Amina"), webinar, question="What did it cost?")
    if who == "host of another":
        make.grant(person, Role.HOST, event=make.visit())
    with work(make.actor(person)) as unit, pytest.raises(NotFound):
        services.take(unit, event_id=webinar.id, question_id=1, taken=True)
    with work() as unit, pytest.raises(NotFound):
        services.take(unit, event_id=webinars.webinar("Another").id, question_id=1, taken=True)


@pytest.mark.parametrize("first", ["The first", ""])
def test_stays_when_two_who_are_one_registered_twice(
    app: object, webinars: Webinars, make: Make, work: Working, reading: Reads, first: str
) -> None:
    webinar, kept, gone = webinars.webinar(), make.account("Kept"), make.account("Gone")
    webinars.register(kept, webinar, question=first)
    with work(make.actor(gone)) as unit:  # where both had said what they need, a person would have to decide
        held = booking.book(unit, event_id=webinar.id, part_ids=(), party=booking.Party(1))
        services.save_question(unit, held, "The second")
    Merging(app).people(kept, gone)  # type: ignore[arg-type]  # the application
    assert asked(reading, webinar) == [("Kept", first or "The second")]
    with work() as unit:
        assert unit.session.query(AdvanceQuestion).count() == (2 if first else 1)
