"""Registering for webinars: with an account at once, without one by e-mail and a link that confirms it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from cop.core import secrecy
from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Affiliation, Person
from cop.models.events import Booking, Event
from cop.models.waiting import WaitingState
from cop.models.webinars import Registration
from cop.queries import organisations, waiting_lists, webinars
from cop.queries.webinars import WHY_NOT, Registering
from cop.services import accounts, outbox
from cop.services.events import booking
from cop.services.events.arrangements import save_arrangements
from cop.services.events.locking import lock_event
from cop.services.questions import save_question

LINK_LIVES = timedelta(hours=24)

WINDOW = timedelta(hours=1)

MAILS_AN_ADDRESS = 5
"""Mails to one address within WINDOW, so that a stranger cannot fill somebody's mailbox."""

REQUESTS_A_NETWORK = 300
"""Registrations from one network address within WINDOW: above what a council behind one address needs."""


@dataclass(frozen=True)
class Asked:
    """A request to register: its row, or why there is none. A caller shows the same page either way."""

    registration: Registration | None
    network_is_busy: bool = False


def ask_to_register(
    work: Work,
    *,
    email: str,
    name: str,
    organisation: str,
    event_ids: Collection[int],
    needs: str,
    timezone: str,
    network: str,
    question: str = "",
) -> Asked:
    """Mail a link to the address, whoever it belongs to; nothing is booked and nobody made before it is used.

    ``network`` is the client's address, of which only a keyed digest is kept. Too many requests are an outcome and
    not a refusal.
    """
    address = accounts.clean_email(email)
    _refuse_what_is_not_open(work, event_ids)
    _one_at_a_time(work, address)
    asked_from = secrecy.digest("network", network)
    if _asked(work, Registration.asked_from == asked_from) >= REQUESTS_A_NETWORK:
        return Asked(None, network_is_busy=True)
    if _asked(work, Registration.email == address) >= MAILS_AN_ADDRESS:
        return Asked(None)
    registration = Registration(
        email=address,
        name=name,
        organisation_text=organisation,
        needs=needs or None,
        question=question,
        wanted={"event_ids": sorted(set(event_ids)), "timezone": timezone},
        asked_from=asked_from,
        asked_at=work.now,
        expires_at=work.now + LINK_LIVES,
    )
    work.session.add(registration)
    work.session.flush()
    outbox.post(
        work,
        key=f"registration:{registration.id}",
        to=address,
        template="registration_confirm",
        useless_after=registration.expires_at,
        registration_id=registration.id,
    )
    return Asked(registration)


def _refuse_what_is_not_open(work: Work, event_ids: Collection[int]) -> None:
    found = webinars.webinars(work, event_ids)
    states = {event: webinars.registering(event, work.now) for event in found}
    if not event_ids or len(found) != len(set(event_ids)) or Registering.HIDDEN in states.values():
        raise Refusal(marked("Choose a webinar from the list"), field="webinars")
    for event, state in states.items():
        if state is not Registering.OPEN:
            raise Refusal(WHY_NOT[state], field="webinars", title=event.title)


def _asked(work: Work, condition: ColumnElement[bool]) -> int:
    lately = Registration.asked_at > work.now - WINDOW
    return work.session.scalar(select(func.count()).select_from(Registration).where(condition, lately)) or 0


def _one_at_a_time(work: Work, address: str) -> None:
    """Let requests for one address wait for one another, so that all are counted."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"registration:{address}", 0))))


def confirm(work: Work, *, token: str) -> None:
    """Book what a mailed link asks for. Used again, it changes nothing.

    What cannot be booked any more is noted with its reason, and the rest stands all the same.
    """
    registration = _registration_of(work, token)
    if registration.confirmed_at is not None:
        return
    if registration.expires_at <= work.now:
        raise Refusal(marked("This link is older than 24 hours. Register once more."))
    person = _person_of(work, registration)
    outcome = _book_all(
        replace(work, actor=Actor(person.id, via="link")),
        registration.wanted["event_ids"],
        needs=registration.needs,
        question=registration.question,
    )
    refused = {str(event.id): state for event, state in outcome.refused}
    registration.wanted = {**registration.wanted, "refused": refused}
    registration.person_id, registration.confirmed_at = person.id, work.now
    registration.needs = None  # they lie with the bookings now, and are forgotten with them


def _registration_of(work: Work, token: str) -> Registration:
    signed = secrecy.read_signed("registration", token)
    found = select(Registration).where(Registration.public_id == (signed or ("", 0))[0])
    registration = work.session.scalars(found.with_for_update(key_share=True)).one_or_none()
    if registration is None:
        raise NotFound
    return registration


def _person_of(work: Work, registration: Registration) -> Person:
    """Whoever owns the address, locked. What was typed makes somebody new, and never changes who is known."""
    person, made = accounts.person_with_email(work, email=registration.email, name=registration.name)
    work.session.refresh(person, with_for_update={"key_share": True})
    if made:
        person.timezone = registration.wanted["timezone"]
    belongs = select(Affiliation.id).where(
        Affiliation.person_id == person.id, Affiliation.is_primary, Affiliation.to_on.is_(None)
    )
    if work.session.scalar(belongs) is None:
        _settle(work, person, registration)
    return person


def _settle(work: Work, person: Person, registration: Registration) -> None:
    """Say where somebody belongs of whom nothing is known: by their e-mail domain, else by what they typed."""
    text = registration.organisation_text
    known = organisations.proposed_for(work, email=registration.email) or organisations.named(work, text)
    if known is not None:
        accounts.set_affiliation(work, person_id=person.id, organisation_id=known.id)
    elif text:
        typed = Affiliation(person_id=person.id, organisation_text=text, from_on=work.now.date())
        work.session.add(typed)
    work.session.flush()


def register(work: Work, *, event_id: int, needs: str, question: str = "") -> Booking:
    """Register the acting person for one webinar, or refuse with the rule that stands against it."""
    event, state = _look_at(work, event_id)
    if state is Registering.HIDDEN:
        raise NotFound
    if state is not Registering.OPEN:
        raise Refusal(WHY_NOT[state], title=event.title)
    return _book(work, event, needs, question)


@dataclass(frozen=True)
class Outcome:
    """What became of several wishes; a webinar for which the person was registered before counts as booked."""

    booked: Sequence[Event]
    refused: Sequence[tuple[Event, Registering]]


def register_for_several(work: Work, *, event_ids: Collection[int], needs: str, question: str = "") -> Outcome:
    """Register the acting person for those of these webinars that can still be had. Each gets the question."""
    if not event_ids:
        raise Refusal(marked("Choose a webinar from the list"), field="webinars")
    if work.actor.person_id is None:
        raise NotFound
    return _book_all(work, event_ids, needs=needs, question=question)


def _book_all(work: Work, event_ids: Collection[int], *, needs: str | None, question: str) -> Outcome:
    """In the order of their ids, so that no two people wait for each other."""
    booked, refused = [], []
    for event_id in sorted(set(event_ids)):
        event, state = _look_at(work, event_id)
        held = webinars.booked_by(work, work.actor.person_id, [event_id]).get(event_id)
        if held is not None:
            booked.append(event)
            if needs:
                save_arrangements(work, booking_id=held.id, access=needs)
            save_question(work, held, question)
        elif state is not Registering.OPEN:
            refused.append((event, state))
        elif _book_unless_kept(work, event, needs, question):
            booked.append(event)
        else:
            refused.append((event, Registering.KEPT))
    return Outcome(booked, refused)


def _book_unless_kept(work: Work, event: Event, needs: str | None, question: str) -> bool:
    """False where the waiting list or a fair share stands against it; nothing is left of the attempt then."""
    try:
        with work.session.begin_nested():
            _book(work, event, needs, question)
    except booking.KeptForOthers:
        return False
    return True


def _look_at(work: Work, event_id: int) -> tuple[Event, Registering]:
    """The locked webinar, and whether the acting person can register for it now."""
    lock_event(work, event_id)
    for event in webinars.webinars(work, [event_id]):
        entry = waiting_lists.own_entry_of(work, event_id)
        is_offered = entry is not None and entry.state is WaitingState.OFFERED
        return event, Registering.OFFERED if is_offered else webinars.registering(event, work.now)
    raise NotFound


def _book(work: Work, event: Event, needs: str | None, question: str) -> Booking:
    """``needs`` of None were not asked for, and those of the profile stand; an empty answer means none."""
    made = booking.book(work, event_id=event.id, part_ids=(), party=booking.Party(1))
    if needs is not None:
        save_arrangements(work, booking_id=made.id, access=needs)
    save_question(work, made, question)
    return made
