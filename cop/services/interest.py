"""Asking to be told when the next round opens, with an account or by e-mail, and leaving that list again."""

from datetime import timedelta
from enum import Enum, auto

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core import secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.outbox import MailTopic
from cop.models.programmes import Programme
from cop.models.telling import Interest
from cop.queries.interest import LINK_LIVES, Stage, of_link, of_person, stage_of
from cop.services import accounts, outbox
from cop.services.wanting import want_again

WINDOW = timedelta(minutes=15)
"""One mail to an address within it: asking again and again fills nobody's mailbox."""

REQUESTS_A_NETWORK = 300
"""Requests from one network address within an hour: above what a council behind one address needs."""


class Asked(Enum):
    """What came of a request by e-mail. A caller shows the same page unless the network is busy."""

    NOTED = auto()
    NETWORK_IS_BUSY = auto()


def join(work: Work, *, programme_id: int) -> None:
    """Put the acting person on the list; twice is as good as once."""
    if work.actor.person_id is None or work.session.get(Programme, programme_id) is None:
        raise NotFound
    _list(work, programme_id, work.actor.person_id)


def leave(work: Work, *, programme_id: int) -> None:
    """Take the acting person off the list."""
    if work.actor.person_id is None:
        raise NotFound
    own = update(Interest).where(
        Interest.programme_id == programme_id,
        Interest.person_id == work.actor.person_id,
        Interest.ended_at.is_(None),
    )
    work.session.execute(own.values(ended_at=work.now))


def ask(work: Work, *, programme_id: int, email: str, network: str) -> Asked:
    """Mail a link to an address, whoever it belongs to; nobody is on the list before it is used.

    ``network`` is the client's address, of which only a keyed digest is kept. Who is on the list gets no mail.
    """
    address = accounts.clean_email(email)
    if work.session.get(Programme, programme_id) is None:
        raise NotFound
    _one_at_a_time(work, address)
    asked_from = secrecy.digest("network", network)
    lately = select(func.count()).where(
        Interest.asked_from == asked_from, Interest.asked_at > work.now - timedelta(hours=1)
    )
    if (work.session.scalar(lately) or 0) >= REQUESTS_A_NETWORK:
        return Asked.NETWORK_IS_BUSY
    known = work.session.scalar(select(Person.id).where(Person.email == address))
    if of_person(work, programme_id=programme_id, person_id=known) is not None:
        return Asked.NOTED
    waiting = _waiting(work, programme_id, address)
    if waiting is None:
        waiting = Interest(programme_id=programme_id, address=address)
        work.session.add(waiting)
    elif waiting.asked_at > work.now - WINDOW:
        return Asked.NOTED
    else:
        waiting.generation += 1
    waiting.asked_at, waiting.asked_from = work.now, asked_from
    work.session.flush()
    outbox.post(
        work,
        key=f"interest:{waiting.id}:{waiting.generation}",
        to=address,
        template="interest_confirm",
        useless_after=work.now + LINK_LIVES,
        interest_id=waiting.id,
    )
    return Asked.NOTED


def confirm(work: Work, *, token: str) -> None:
    """Put whoever owns the address on the list. Used again, the link changes nothing."""
    interest = _locked(work, token)
    match stage_of(work, interest):
        case Stage.LISTED:
            return
        case Stage.LEFT | Stage.SPENT:
            raise Refusal(marked("This link does not work any more. Ask once more."))
    person, _made = accounts.person_with_email(work, email=str(interest.address))
    work.session.refresh(person, with_for_update={"key_share": True})
    if of_person(work, programme_id=interest.programme_id, person_id=person.id) is not None:
        interest.ended_at = work.now  # they joined with their account meanwhile
        return
    interest.person_id, interest.address, interest.asked_from = person.id, None, None
    interest.confirmed_at = work.now
    want_again(work, person_id=person.id, topic=MailTopic.NEWS)


def leave_by_link(work: Work, *, token: str) -> None:
    """Take whoever the link was mailed to off the list. Used again, it changes nothing."""
    interest = _locked(work, token)
    if interest.ended_at is None:
        interest.ended_at = work.now


def _locked(work: Work, token: str) -> Interest:
    found = select(Interest).where(Interest.id == of_link(work, token=token).id).with_for_update(key_share=True)
    return work.session.scalars(found.execution_options(populate_existing=True)).one()


def _waiting(work: Work, programme_id: int, address: str) -> Interest | None:
    live = (Interest.programme_id == programme_id, Interest.address == address, Interest.ended_at.is_(None))
    return work.session.scalars(select(Interest).where(*live).with_for_update()).one_or_none()


def _one_at_a_time(work: Work, address: str) -> None:
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"interest:{address}", 0))))


def _list(work: Work, programme_id: int, person_id: int) -> None:
    made = insert(Interest).values(
        programme_id=programme_id,
        person_id=person_id,
        public_id=secrecy.random_word(),
        generation=0,
        asked_at=work.now,
        confirmed_at=work.now,
    )
    if work.session.scalar(made.on_conflict_do_nothing().returning(Interest.id)) is not None:
        want_again(work, person_id=person_id, topic=MailTopic.NEWS)
