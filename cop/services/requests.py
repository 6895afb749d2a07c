"""Requests under data protection law and complaints: asking, entering, and every step of dealing with one.

Only admins of everything deal with them; who asked may look at their own and take it back.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from cop.core import deadlines, place, secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.core.working_hours import next_working_moment
from cop.models.accounts import Person
from cop.models.outbox import Outbox, OutboxClass
from cop.models.privacy import (
    PrivacyRequest,
    RequestKind,
    RequestState,
    RequestStep,
    RequestWay,
    StepKind,
    StoppedFor,
)
from cop.queries import requests as queries
from cop.services import accounts, outbox

WORDS_MOST = 5_000

NAME_MOST = 200

REQUESTS_A_DAY = 10
"""Of one person with an account."""

WINDOW = timedelta(hours=1)

FORMS_AN_ADDRESS = 3
"""Complaints by form in the name of one address within WINDOW: each sends a mail there."""

FORMS_A_NETWORK = 60
"""Complaints by form from one network address within WINDOW: above what a council behind one address needs."""

PRESSED_TWICE = timedelta(minutes=1)

LONGEST_AGO = timedelta(days=366)
"""How far back staff enter what came by letter or telephone."""

CLOSED = marked("This request is closed. Enter a new one if there is more to do.")
CHANGED = marked("Somebody else has changed this request a moment ago. Look at it again.")


@dataclass(frozen=True)
class Complained:
    """What came of a complaint by form. ``request`` is None where the network or the address sent too many."""

    request: PrivacyRequest | None
    network_is_busy: bool = False


@dataclass(frozen=True)
class Asker:
    """Somebody as staff enter them: by a record of theirs (``person_id``), or by a name and ways to reach them."""

    person_id: str = ""
    name: str = ""
    email: str = ""
    contact: str = ""


def ask(work: Work, *, kind: RequestKind, asked_for: str) -> PrivacyRequest:
    """Ask for something or complain, as the person who acts. A second press finds the first's request."""
    if work.actor.person_id is None or work.actor.via == "link":
        raise NotFound
    asked_for = _words(asked_for, "asked_for")
    mine = select(Person).where(Person.id == work.actor.person_id).with_for_update(key_share=True)
    person = work.session.scalars(mine).one()
    day = select(PrivacyRequest).where(
        PrivacyRequest.person_id == person.id,
        PrivacyRequest.came_by == RequestWay.ACCOUNT,
        PrivacyRequest.received_at > work.now - timedelta(days=1),
    )
    lately = work.session.scalars(day).all()
    for before in lately:
        if before.received_at > work.now - PRESSED_TWICE and (before.kind, before.asked_for) == (kind, asked_for):
            return before
    if len(lately) >= REQUESTS_A_DAY:
        raise Refusal(
            marked("You have sent %(most)s requests within a day. Send the next one tomorrow."),
            field="asked_for",
            most=REQUESTS_A_DAY,
        )
    return _receive(
        work, PrivacyRequest(kind=kind, person_id=person.id, came_by=RequestWay.ACCOUNT, asked_for=asked_for)
    )


def complain(work: Work, *, name: str, email: str, asked_for: str, network: str) -> Complained:
    """Take a complaint of somebody who is not signed in, and confirm it by mail to the address that they typed.

    ``network`` is the client's address. Of both addresses a keyed digest is kept for a day, to count.
    """
    address = accounts.clean_email(email)
    request = PrivacyRequest(
        kind=RequestKind.COMPLAINT,
        name=_name(name),
        email=address,
        came_by=RequestWay.FORM,
        asked_for=_words(asked_for, "asked_for"),
        asked_from=secrecy.digest("network", network),
        asked_as=secrecy.digest("complaint", address),
    )
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"complaint:{address}", 0))))
    if _lately(work, PrivacyRequest.asked_from == request.asked_from) >= FORMS_A_NETWORK:
        return Complained(None, network_is_busy=True)
    if _lately(work, PrivacyRequest.asked_as == request.asked_as) >= FORMS_AN_ADDRESS:
        raise Refusal(
            marked("%(most)s complaints came from this address within an hour. Add the rest when we answer you."),
            field="email",
            most=FORMS_AN_ADDRESS,
        )
    return Complained(_receive(work, request))


def _lately(work: Work, condition: object) -> int:
    count = select(func.count()).select_from(PrivacyRequest)
    found = count.where(condition, PrivacyRequest.received_at > work.now - WINDOW)  # type: ignore[arg-type]
    return work.session.scalar(found) or 0


def enter(
    work: Work, *, kind: RequestKind, asker: Asker, asked_for: str, came_by: RequestWay, received_on: date
) -> PrivacyRequest:
    """Enter what came by telephone, letter or mail; for admins of everything. The clock begins on ``received_on``."""
    _only_admins(work)
    today = place.day_of(work.now)
    if not today - LONGEST_AGO <= received_on <= today:
        raise Refusal(
            marked("Enter the day on which it came: within the last year, and not to come"), field="received_on"
        )
    request = PrivacyRequest(
        kind=kind, came_by=came_by, asked_for=_words(asked_for, "asked_for"), entered_by=work.actor.person_id
    )
    if asker.person_id:
        found = select(Person.id).where(Person.public_id == asker.person_id, Person.merged_into.is_(None))
        request.person_id = work.session.scalar(found)
        if request.person_id is None:
            raise NotFound
    else:
        request.name = _name(asker.name)
        if not asker.email.strip() and not asker.contact.strip():
            raise Refusal(marked("Enter an e-mail address, or how else to reach them"), field="email")
        request.email = accounts.clean_email(asker.email) if asker.email.strip() else None
        request.contact = asker.contact.strip() or None
    request.received_at = work.now if received_on == today else place.instant_on(received_on, time(12))
    return _receive(work, request)


def _receive(work: Work, request: PrivacyRequest) -> PrivacyRequest:
    request.received_at = request.received_at or work.now
    request.state, request.stopped_days = RequestState.OPEN, 0
    request.due_on = deadlines.due_on(request.received_at)
    if request.kind is RequestKind.COMPLAINT:
        request.acknowledge_by = deadlines.acknowledge_by(request.received_at)
    work.session.add(request)
    work.session.flush()
    _step(work, request, StepKind.RECEIVED)
    _mail(work, request, "request_received", request_id=request.id)
    return request


def acknowledge(work: Work, *, public_id: str, words: str = "") -> PrivacyRequest:
    """Tell the person that somebody deals with it, with ``words`` if there is more to say."""
    request = _open(work, public_id)
    if request.acknowledged_at is not None:
        raise Refusal(CHANGED)
    request.acknowledged_at = work.now
    _tell(work, request, StepKind.ACKNOWLEDGED, words.strip())
    return request


def give_to(work: Work, *, public_id: str, handler_id: str) -> PrivacyRequest:
    """Give it to an admin of everything to deal with, by their random word; nobody has it where that is empty."""
    request = _open(work, public_id)
    handlers = {person.public_id: person.id for person in queries.handlers(work)}
    if handler_id and handler_id not in handlers:
        raise Refusal(marked("Choose somebody who may deal with requests"), field="handler")
    chosen = handlers.get(handler_id)
    if request.handler_id != chosen:
        request.handler_id = chosen
        _step(work, request, StepKind.GIVEN)
    return request


def stop(work: Work, *, public_id: str, waits_for: StoppedFor, words: str) -> PrivacyRequest:
    """Stop the clock and ask the person for what is missing, in ``words``."""
    request = _open(work, public_id)
    words = _words(words, "words")
    if request.kind is RequestKind.COMPLAINT:
        raise Refusal(marked("The clock of a complaint does not stop. Ask the person, and go on meanwhile."))
    if request.state is RequestState.STOPPED:
        raise Refusal(CHANGED)
    request.state, request.stopped_on = RequestState.STOPPED, place.day_of(work.now)
    request.stopped_for = waits_for
    _tell(work, request, StepKind.STOPPED, words)
    return request


def resume(work: Work, *, public_id: str) -> PrivacyRequest:
    """Let the clock go on: the day by which it is due moves by the days on which it stood still."""
    request = _open(work, public_id)
    if request.state is not RequestState.STOPPED:
        raise Refusal(CHANGED)
    _go_on(work, request)
    request.state = RequestState.OPEN
    _tell(work, request, StepKind.RESUMED, "")
    return request


def extend(work: Work, *, public_id: str, words: str) -> PrivacyRequest:
    """Put the answer off by two months, once and before it is due, and tell the person why, in ``words``."""
    request = _open(work, public_id)
    words = _words(words, "words")
    if request.kind is RequestKind.COMPLAINT:
        raise Refusal(marked("A complaint is answered without undue delay, and cannot be put off."))
    if request.extended_on is not None:
        raise Refusal(marked("It was put off already, and can be only once."))
    if request.state is RequestState.STOPPED:
        raise Refusal(marked("The clock stands still. Let it go on first."))
    if request.due_on < place.day_of(work.now):
        raise Refusal(marked("It is overdue, and the person has to be told within the first month. Answer it now."))
    request.extended_on = place.day_of(work.now)
    request.due_on = _due_on(request)
    _tell(work, request, StepKind.EXTENDED, words)
    return request


def note(work: Work, *, public_id: str, words: str) -> PrivacyRequest:
    """Write down what was found or done, for whoever deals with it. The person is not told."""
    request = _open(work, public_id)
    _step(work, request, StepKind.NOTED, _words(words, "words"))
    return request


def answer(work: Work, *, public_id: str, words: str) -> PrivacyRequest:
    """Answer it, close it, and send the answer."""
    return _close(work, public_id, RequestState.ANSWERED, StepKind.ANSWERED, _words(words, "words"))


def refuse(work: Work, *, public_id: str, words: str) -> PrivacyRequest:
    """Refuse it, close it, and tell the person why and where they can go."""
    return _close(work, public_id, RequestState.REFUSED, StepKind.REFUSED, _words(words, "words"))


def withdraw(work: Work, *, public_id: str) -> PrivacyRequest:
    """Close it because the person took it back: they themselves, or staff in their name."""
    own = work.actor.person_id is not None and work.actor.via == "session"
    mine = select(PrivacyRequest).where(
        PrivacyRequest.public_id == public_id, PrivacyRequest.person_id == work.actor.person_id
    )
    found = _locked(work, mine) if own else None
    if found is not None and found.closed_at is not None:
        raise Refusal(CLOSED)
    return _close(work, public_id, RequestState.WITHDRAWN, StepKind.WITHDRAWN, "", found)


def remind(work: Work) -> int:
    """Tell who deals with it, or all admins, of each request that is due soon, and once more when it is late.

    How many letters were promised.
    """
    admins, today = queries.handlers(work), place.day_of(work.now)
    letters: dict[str, tuple[Person, dict[str, Any]]] = {}
    for request in queries.to_remind(work):
        day = queries.next_day(request)
        is_late = day is not None and day < today
        for admin in [person for person in admins if person.id == request.handler_id] or admins:
            key = f"request-due:{request.id}:{day}:{'late' if is_late else 'soon'}:{admin.id}"
            letters[key] = (admin, {"request_id": request.id, "is_late": is_late})
    known = set(work.session.scalars(select(Outbox.key).where(Outbox.key.in_(letters))))
    for key in letters.keys() - known:
        admin, about = letters[key]
        due_at = next_working_moment(work.now)
        outbox.post(work, key=key, to=admin, template="request_due", urgency=OutboxClass.TIMELY, due_at=due_at, **about)
    return len(letters.keys() - known)


def _close(
    work: Work, public_id: str, state: RequestState, kind: StepKind, words: str, found: PrivacyRequest | None = None
) -> PrivacyRequest:
    request = found or _open(work, public_id)
    if request.state is RequestState.STOPPED:
        _go_on(work, request)
    request.state, request.closed_at = state, work.now
    request.acknowledged_at = request.acknowledged_at or work.now
    request.answer = words or None
    _step(work, request, kind)
    _mail(work, request, "request_closed", request_id=request.id)
    return request


def _go_on(work: Work, request: PrivacyRequest) -> None:
    if request.stopped_on is None:
        raise RuntimeError("the clock of a stopped request has its day")
    request.stopped_days += (place.day_of(work.now) - request.stopped_on).days
    request.stopped_on = request.stopped_for = None
    request.due_on = _due_on(request)


def _due_on(request: PrivacyRequest) -> date:
    extended = request.extended_on is not None
    return deadlines.due_on(request.received_at, stopped_days=request.stopped_days, extended=extended)


def _tell(work: Work, request: PrivacyRequest, kind: StepKind, words: str) -> None:
    step = _step(work, request, kind, words)
    _mail(work, request, "request_news", step_id=step.id)


def _step(work: Work, request: PrivacyRequest, kind: StepKind, words: str = "") -> RequestStep:
    step = RequestStep(
        request_id=request.id, at=work.now, by_person_id=work.actor.person_id, what=kind, note=words or None
    )
    work.session.add(step)
    work.session.flush()
    return step


def _mail(work: Work, request: PrivacyRequest, template: str, **about: Any) -> None:
    """Post to the person's record or to the address that they gave; whom no mail reaches is told by staff."""
    to = work.session.get_one(Person, request.person_id) if request.person_id is not None else request.email
    if to is not None:
        outbox.post(work, key=f"{template}:{next(iter(about.values()))}", to=to, template=template, **about)


def _open(work: Work, public_id: str) -> PrivacyRequest:
    _only_admins(work)
    request = _locked(work, select(PrivacyRequest).where(PrivacyRequest.public_id == public_id))
    if request is None:
        raise NotFound
    if request.closed_at is not None:
        raise Refusal(CLOSED)
    return request


def _locked(work: Work, found: Select[PrivacyRequest]) -> PrivacyRequest | None:
    return work.session.scalars(found.with_for_update()).one_or_none()


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound


def _words(words: str, field: str) -> str:
    words = words.strip()
    if not words or len(words) > WORDS_MOST:
        raise Refusal(marked("Write a few words, at most %(most)s characters"), field=field, most=f"{WORDS_MOST:,}")
    return words


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_MOST:
        raise Refusal(marked("Enter a name, with at most %(most)s characters"), field="name", most=NAME_MOST)
    return name
