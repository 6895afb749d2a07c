"""Erasing a person at their wish: what is to come is called off, and what tells who they were goes.

The plan of :mod:`cop.queries.privacy.plan` says what becomes of each table. What the audit says of them can be read by
nobody afterwards, since the key to it is destroyed; the erasure itself is recorded in counts.
"""

from collections import Counter
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person, RoleGrant
from cop.models.audit import PersonKey
from cop.models.outbox import Outbox, OutboxState
from cop.models.privacy import Erasure, PrivacyRequest, RequestKind, RequestState
from cop.queries.privacy.held import Area, Fate, Who, who
from cop.queries.privacy.holdings import by_public_id, counted, roles_that_stop
from cop.queries.privacy.plan import BY_COLUMN, PERSON_EMPTIES
from cop.services import outbox
from cop.services.erasing.calling_off import call_off, events_of, lock_events
from cop.services.erasing.forgetting import forget
from cop.services.erasing.posts import settle_posts

FAREWELL = "erased"
"""The last message to somebody, to the address that is forgotten with it."""


LAST_DAYS = timedelta(days=2)
"""So long we try to deliver it; after that, or once it went, the address goes as well."""


class Posts(StrEnum):
    """What becomes of somebody's words in the forum."""

    KEEP = "keep"
    DELETE = "delete"


def erase_oneself(work: Work, *, posts: Posts) -> Erasure:
    """Erase whoever acts. Refusal while they hold a role of staff."""
    if work.actor.person_id is None or work.actor.via != "session":
        raise NotFound
    return _erase(work, who(work, person_id=work.actor.person_id), posts)


def erase_person(work: Work, *, public_id: str, posts: Posts) -> Erasure:
    """Erase somebody who asked staff to; for admins of the whole service. An open request for it is answered by it."""
    found = by_public_id(work, public_id=public_id)
    if found.id == work.actor.person_id:
        raise Refusal(marked("Erase your own record from your own account, once somebody else has your roles"))
    return _erase(work, found, posts)


def forget_last_messages(work: Work) -> int:
    """Remove last messages that went, or could not go, with the addresses in them; how many."""
    over = or_(Outbox.state.not_in([OutboxState.PENDING, OutboxState.LEASED]), Outbox.posted_at < work.now - LAST_DAYS)
    last = delete(Outbox).where(Outbox.template == FAREWELL, over)
    return len(work.session.execute(last.returning(Outbox.id)).all())


def _erase(work: Work, of: Who, posts: Posts) -> Erasure:
    events = lock_events(work, of)
    people = _lock(work, of)
    if events_of(work, of) != events:
        raise Refusal(marked("Something was booked or changed a moment ago. Look at the page again."))
    if roles_that_stop(work, of):
        raise Refusal(marked("Roles are ended first: an admin does that on the page of the person"))
    address = people[0].email
    effects = _effects(work, of, posts)
    call_off(work, of)
    request_id = _close_requests(work, of)
    settle_posts(work, of, delete_words=posts is Posts.DELETE)
    forget(work, of)
    _strip(work, of, people)
    erased = Erasure(
        person_id=of.id, request_id=request_id, at=work.now, by_person_id=work.actor.person_id, effects=effects
    )
    work.session.add(erased)
    if address is not None:
        until = work.now + LAST_DAYS
        outbox.post(work, key=f"erased:{of.id}", to=address, template=FAREWELL, useless_after=until)
    work.session.flush()
    return erased


def _lock(work: Work, of: Who) -> list[Person]:
    """The records, locked against everything that would begin to point to them, the one that was kept first."""
    locked = select(Person).where(Person.id.in_(of.ids)).order_by(Person.id).with_for_update()
    found = work.session.scalars(locked.execution_options(populate_existing=True)).all()
    if any(person.erased_at is not None for person in found) or len(found) != len(of.ids):
        raise NotFound
    return sorted(found, key=lambda person: of.ids.index(person.id))


def _effects(work: Work, of: Who, posts: Posts) -> dict[str, Any]:
    """In counts: ``{area: {fate: rows}}``, and the choice about the forum."""
    counts: dict[str, Counter[str]] = {}
    for column, rows in counted(work, of).items():
        held = BY_COLUMN[column]
        if rows:
            counts.setdefault(str(held.area), Counter())[str(held.fate)] += rows
    if posts is Posts.DELETE and Area.FORUM in counts:
        counts[Area.FORUM]["emptied"] = counts[Area.FORUM][Fate.NAMELESS]
    return {"posts": str(posts), "areas": {area: dict(fates) for area, fates in counts.items()}}


def _close_requests(work: Work, of: Who) -> int | None:
    """Whoever is erased asks for nothing any more: what is open ends, and a request for this is answered by it."""
    live = select(PrivacyRequest).where(
        PrivacyRequest.person_id.in_(of.ids), PrivacyRequest.state.in_([RequestState.OPEN, RequestState.STOPPED])
    )
    answered = None
    for request in work.session.scalars(live.order_by(PrivacyRequest.id).with_for_update()):
        is_this = request.kind is RequestKind.ERASURE
        answered = request.id if is_this else answered
        request.state = RequestState.ANSWERED if is_this else RequestState.WITHDRAWN
        request.closed_at, request.stopped_on, request.stopped_for = work.now, None, None
    work.session.flush()
    return answered


def _strip(work: Work, of: Who, people: list[Person]) -> None:
    """Take the person out of their own record, and destroy the keys to what the audit says of them.

    A key that was never made is put down as destroyed, so that none is made for what this unit of work changes.
    """
    leads = update(RoleGrant).where(RoleGrant.person_id.in_(of.ids), RoleGrant.revoked_at.is_(None))
    work.session.execute(leads.values(revoked_at=work.now))
    for person in people:
        for name, value in PERSON_EMPTIES.items():
            setattr(person, name, value)
        person.calendar_generation, person.erased_at = person.calendar_generation + 1, work.now
    work.session.flush()
    gone = [{"person_id": one, "key": None, "made_at": work.now, "forgotten_at": work.now} for one in of.ids]
    destroyed = insert(PersonKey).values(gone)
    work.session.execute(
        destroyed.on_conflict_do_update(
            index_elements=["person_id"], set_={"key": None, "forgotten_at": destroyed.excluded.forgotten_at}
        )
    )
