"""Carrying letters between members: neither learns the address of the other, and nobody else reads along."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.members import LETTER_MOST, REASON_MOST, Profile, Relay
from cop.queries import members as queries
from cop.queries.forum.entering import who
from cop.services import outbox

NEW_A_DAY = 10
ANSWERS_A_DAY = 40
TO_ONE_A_DAY = 3
"""Letters of one person within 24 hours: first ones, answers, and those to the same person that began nothing yet."""

PRESSED_TWICE = timedelta(minutes=1)

TAKES_NONE = marked("This person takes no letters at the moment. Your words are still below.")
"""Also for whom they reported: nobody is told that they were."""


def write(work: Work, *, public_id: str, body: str) -> Relay:
    """Begin a letter to somebody of the directory. A second press finds the first's letter."""
    sender_id = _sender(work)
    if not queries.may_look(work):
        raise NotFound
    wanted = (
        select(Person, Profile.takes_letters)
        .join(Profile, Profile.person_id == Person.id)
        .where(Person.public_id == public_id, Person.id != sender_id, queries.is_listed(Person.id))
    )
    row = work.session.execute(wanted, who(work)).one_or_none()
    if row is None:
        raise NotFound
    recipient, takes_letters = row
    before = _pressed_before(work, recipient.id, body)
    if before is not None:
        return before
    if not takes_letters or _is_unwelcome(work, recipient.id):
        raise Refusal(TAKES_NONE, field="body")
    mine = and_(Relay.from_person_id == sender_id, Relay.sent_at > work.now - timedelta(days=1))
    new = and_(mine, Relay.answers.is_(None))
    if _count(work, new) >= NEW_A_DAY:
        raise Refusal(
            marked("You have written to %(most)s people within a day. Write to others tomorrow."),
            field="body",
            most=NEW_A_DAY,
        )
    if _count(work, and_(new, Relay.to_person_id == recipient.id)) >= TO_ONE_A_DAY:
        raise Refusal(
            marked("You have written to this person %(most)s times within a day. Give them time to answer."),
            field="body",
            most=TO_ONE_A_DAY,
        )
    return _send(work, recipient, body)


def answer(work: Work, *, public_id: str, body: str) -> Relay:
    """Answer a letter that one got, whether or not its sender is in the directory."""
    sender_id = _sender(work)
    letter = _received(work, public_id)
    recipient = work.session.get_one(Person, letter.from_person_id)
    before = _pressed_before(work, recipient.id, body)
    if before is not None:
        return before
    if letter.reported_at is not None:
        raise Refusal(marked("You reported this letter, so it cannot be answered here."), field="body")
    if _is_unwelcome(work, recipient.id):
        raise Refusal(TAKES_NONE, field="body")
    mine = and_(Relay.from_person_id == sender_id, Relay.sent_at > work.now - timedelta(days=1))
    if _count(work, and_(mine, Relay.answers.is_not(None))) >= ANSWERS_A_DAY:
        raise Refusal(
            marked("You have sent %(most)s answers within a day. Go on tomorrow."), field="body", most=ANSWERS_A_DAY
        )
    return _send(work, recipient, body, answers=letter.id)


def report(work: Work, *, public_id: str, reason: str) -> Relay:
    """Show a letter that one got to the admins. Its sender can write to one no more, and is not told."""
    _sender(work)
    letter = _received(work, public_id)
    reason = reason.strip()
    if not reason or len(reason) > REASON_MOST:
        raise Refusal(
            marked("Say what is wrong with the letter, in at most %(most)s characters"),
            field="reason",
            most=REASON_MOST,
        )
    if letter.reported_at is None:
        letter.reported_at, letter.reported_why = work.now, reason
    return letter


def handle(work: Work, *, public_id: str) -> Relay:
    """Note that somebody looked at a reported letter and did what was to be done."""
    found = select(Relay).where(Relay.public_id == public_id, Relay.reported_at.is_not(None)).with_for_update()
    letter = work.session.scalars(found).one_or_none() if work.actor.is_admin() else None
    if letter is None:
        raise NotFound
    if letter.handled_at is None:
        letter.handled_at, letter.handled_by = work.now, work.actor.person_id
    return letter


def _sender(work: Work) -> int:
    """The actor, locked so that limits hold for two presses at once."""
    if work.actor.person_id is None or work.actor.via == "link":
        raise NotFound
    mine = select(Person.id).where(Person.id == work.actor.person_id).with_for_update(key_share=True)
    return work.session.scalars(mine).one()


def _received(work: Work, public_id: str) -> Relay:
    found = select(Relay).where(Relay.public_id == public_id, Relay.to_person_id == work.actor.person_id)
    letter = work.session.scalars(found.with_for_update()).one_or_none()
    if letter is None:
        raise NotFound
    return letter


def _is_unwelcome(work: Work, person_id: int) -> bool:
    """Whether this person reported a letter of the actor's once."""
    reported = select(Relay.id).where(
        Relay.from_person_id == work.actor.person_id, Relay.to_person_id == person_id, Relay.reported_at.is_not(None)
    )
    return work.session.scalar(reported.limit(1)) is not None


def _pressed_before(work: Work, person_id: int, body: str) -> Relay | None:
    recent = select(Relay).where(
        Relay.from_person_id == work.actor.person_id,
        Relay.to_person_id == person_id,
        Relay.sent_at > work.now - PRESSED_TWICE,
    )
    return next((letter for letter in work.session.scalars(recent) if letter.body == body.strip()), None)


def _count(work: Work, which: ColumnElement[bool]) -> int:
    return work.session.scalar(select(func.count()).select_from(Relay).where(which)) or 0


def _send(work: Work, recipient: Person, body: str, *, answers: int | None = None) -> Relay:
    body = body.strip()
    if not body:
        raise Refusal(marked("Write a few words"), field="body")
    if len(body) > LETTER_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="body", most=LETTER_MOST)
    letter = Relay(
        from_person_id=work.actor.person_id,
        to_person_id=recipient.id,
        body=body,
        answers=answers,
        sent_at=work.now,
    )
    work.session.add(letter)
    work.session.flush()
    outbox.post(work, key=f"member-letter-{letter.id}", to=recipient, template="member_letter", letter_id=letter.id)
    return letter
