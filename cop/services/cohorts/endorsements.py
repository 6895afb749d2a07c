"""Asking somebody to support an application, and their answer by the link that they were sent."""

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Endorsement,
    EndorsementKind,
    EndorsementState,
    Endorsing,
)
from cop.models.events import Event
from cop.queries.cohorts.endorsements import endorsement_of_link, everybody_asked, support_of
from cop.services import accounts, outbox
from cop.services.cohorts.applications import course, lock_application, refuse_outside_window
from cop.services.organisations import clean_name

MOST_NAMED = 5
"""How many people one applicant can have asked in turn as the same sort of supporter, since each of them gets mail."""


def ask(
    work: Work, *, event_id: int, kind: EndorsementKind, name: str, email: str, public_id: str | None = None
) -> Endorsement:
    """Name somebody who supports the application, in the place of whoever was named before, and write to them."""
    event, application = _application(work, event_id, public_id)
    address, called = accounts.clean_email(email), clean_name(name)
    person = work.session.get_one(Person, application.person_id)
    if address == person.email:
        raise Refusal(marked("Somebody else has to support the application"), field="email")
    if address == _own_address(work):
        raise Refusal(marked("Whoever supports an application cannot enter or judge it"), field="email")
    asked = everybody_asked(work, application.id)
    present = [item for item in asked if item.replaced_at is None]
    if any(item.email == address and item.state is not EndorsementState.REFUSED for item in present):
        raise Refusal(marked("This person is asked already"), field="email")
    for replaced in [item for item in present if item.kind is kind]:
        if replaced.state is EndorsementState.GIVEN:
            raise Refusal(marked("%(name)s supports the application already"), field="kind", name=replaced.name)
        replaced.replaced_at = work.now
    if sum(item.kind is kind for item in asked) >= MOST_NAMED:
        raise Refusal(marked("You have named many people. Write to us if you need to name another."))
    work.session.flush()
    made = Endorsement(application_id=application.id, kind=kind, name=called, email=address, asked_at=work.now)
    work.session.add(made)
    work.session.flush()
    _write(work, event, made)
    return made


def ask_again(work: Work, *, event_id: int, kind: EndorsementKind, public_id: str | None = None) -> Endorsement:
    """Write once more to somebody who has not answered, once a day at most; the first link goes on working."""
    event, application = _application(work, event_id, public_id)
    found = next((item for item in support_of(work, application.id) if item.kind is kind), None)
    if found is None:
        raise NotFound
    if found.state is not EndorsementState.ASKED:
        raise Refusal(marked("%(name)s has answered meanwhile"), name=found.name)
    if day_of(found.asked_at) == day_of(work.now):
        raise Refusal(marked("We wrote to %(name)s today already. Ask again tomorrow."), name=found.name)
    found.asked_at = work.now
    work.session.flush()
    _write(work, event, found)
    return found


def answer(work: Work, *, token: str, supports: bool, words: str) -> Endorsement:
    """What the person says whom a link was sent to. The same answer twice changes nothing; other words are refused."""
    named = endorsement_of_link(work, token=token)
    locked = select(Application).where(Application.id == named.application_id).with_for_update(read=True)
    application = work.session.scalars(locked.execution_options(populate_existing=True)).one()
    mine = select(Endorsement).where(Endorsement.id == named.id, Endorsement.replaced_at.is_(None))
    mine = mine.with_for_update().execution_options(populate_existing=True)
    found = work.session.scalars(mine).one_or_none()
    if found is None:
        raise NotFound
    said = EndorsementState.GIVEN if supports else EndorsementState.REFUSED
    if found.state is said and words in ("", found.words):
        return found
    if found.state is not EndorsementState.ASKED:
        raise Refusal(marked("You have answered already. Write to us if something has changed."))
    if application.state is ApplicationState.WITHDRAWN:
        raise Refusal(marked("The application was withdrawn, so no answer is needed any more"))
    refuse_outside_window(work, course(work, application.cohort_id))
    found.state, found.words, found.answered_at = said, words, work.now
    work.session.flush()
    outbox.post(
        work,
        key=f"endorsement-answered:{found.id}",
        to=work.session.get_one(Person, application.person_id),
        template="endorsement_answered",
        endorsement_id=found.id,
    )
    return found


def _application(work: Work, event_id: int, public_id: str | None) -> tuple[Event, Application]:
    """The locked application, where its course asks for support and still takes changes."""
    event = course(work, event_id)
    application = lock_application(work, event, public_id)
    if work.session.get_one(Cohort, event.id).endorsing is Endorsing.NONE:
        raise NotFound
    refuse_outside_window(work, event)
    return event, application


def _own_address(work: Work) -> str | None:
    acting = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    return acting.email if acting is not None else None


def _write(work: Work, event: Event, endorsement: Endorsement) -> None:
    """To the address that was typed: it need not belong to anybody whom we know."""
    outbox.post(
        work,
        key=f"endorsement-asked:{endorsement.id}:{day_of(work.now)}",
        to=endorsement.email,
        template="endorsement_asked",
        useless_after=event.closes_at,
        endorsement_id=endorsement.id,
    )
