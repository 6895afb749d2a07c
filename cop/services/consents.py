"""Agreeing to something and withdrawing it again, by oneself, or by telephone and on paper through staff."""

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.members import Profile, ProfileTag
from cop.models.outbox import MailTopic
from cop.models.telling import Consent, How, Purpose
from cop.queries.consents import WORDING
from cop.services.wanting import want_again


def give(work: Work, *, purpose: Purpose) -> None:
    """Let the acting person agree to one thing, in the words that stand on the page. Twice is as good as once."""
    if work.actor.person_id is None:
        raise NotFound
    _give(work, work.actor.person_id, purpose, How.FORM, noted_by=None)


def withdraw(work: Work, *, purpose: Purpose) -> None:
    if work.actor.person_id is None:
        raise NotFound
    _withdraw(work, work.actor.person_id, purpose)


def renew(work: Work, *, purpose: Purpose) -> None:
    """Agree in the words of today to what the acting person agreed to in older ones."""
    if work.actor.person_id is None:
        raise NotFound
    _end(work, work.actor.person_id, purpose)
    give(work, purpose=purpose)


def note(work: Work, *, public_id: str, purpose: Purpose, how: How) -> None:
    """Write down what somebody agreed to by telephone or on paper."""
    person_id = _somebody(work, public_id)
    if how is How.FORM:
        raise Refusal(marked("Say whether it was by telephone or on paper"), field="how")
    if not _give(work, person_id, purpose, how, noted_by=work.actor.person_id):
        raise Refusal(marked("This person agrees to that already"), field="purpose")


def note_withdrawal(work: Work, *, public_id: str, purpose: Purpose) -> None:
    """Write down that somebody agrees no longer."""
    _withdraw(work, _somebody(work, public_id), purpose)


def _somebody(work: Work, public_id: str) -> int:
    found = select(Person.id).where(
        Person.public_id == public_id, Person.merged_into.is_(None), Person.erased_at.is_(None)
    )
    person_id = work.session.scalar(found) if work.actor.is_admin() else None
    if person_id is None:
        raise NotFound
    return person_id


def _give(work: Work, person_id: int, purpose: Purpose, how: How, *, noted_by: int | None) -> bool:
    """Whether it is new. Who agrees to news turns on again what they had turned off."""
    made = work.session.scalar(
        insert(Consent)
        .values(
            person_id=person_id,
            purpose=purpose,
            wording=WORDING[purpose],
            given_at=work.now,
            how=how,
            noted_by=noted_by,
        )
        .on_conflict_do_nothing()
        .returning(Consent.id)
    )
    if made is not None and purpose is Purpose.NEWS:
        want_again(work, person_id=person_id, topic=MailTopic.NEWS)
    return made is not None


def _withdraw(work: Work, person_id: int, purpose: Purpose) -> None:
    """Who leaves the directory leaves nothing there that could be shown again by mistake."""
    _end(work, person_id, purpose)
    if purpose is Purpose.DIRECTORY:
        work.session.execute(delete(ProfileTag).where(ProfileTag.person_id == person_id))
        work.session.execute(delete(Profile).where(Profile.person_id == person_id))


def _end(work: Work, person_id: int, purpose: Purpose) -> None:
    standing = update(Consent).where(
        Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    work.session.execute(standing.values(withdrawn_at=work.now, withdrawn_by=work.actor.person_id))
