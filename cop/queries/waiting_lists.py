"""Reads about waiting lists: one's own place, who waits for a time, and why no offer went out yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload, selectinload

from cop.algorithms.queueing import Placed, Waits, Why
from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Choice, Event, Part, PartState
from cop.models.offers import Offer, OfferState
from cop.models.waiting import Waiting, WaitingPart, WaitingState
from cop.queries.events import may_run
from cop.queries.waiting import LIVE, line_of

OWN_SHOWN = 10


@cache
def _with_all() -> Select[Waiting]:
    return select(Waiting).options(
        joinedload(Waiting.event).selectinload(Event.parts).selectinload(Part.day_limit),
        joinedload(Waiting.person),
        joinedload(Waiting.organisation),
        selectinload(Waiting.parts),
    )


def entry_page(read: Reading, *, public_id: str) -> Waiting:
    """An entry with all that its page shows; NotFound unless it is one's own or one runs the event."""
    found = read.session.scalars(_with_all().where(Waiting.public_id == public_id)).one_or_none()
    if found is None or not (found.person_id == read.actor.person_id or may_run(read.actor, found.event)):
        raise NotFound
    return found


def entry_by_id(read: Reading, waiting_id: int) -> Waiting:
    """An entry with all that a mail about it shows; the caller has checked who asks."""
    return read.session.scalars(_with_all().where(Waiting.id == waiting_id)).one()


def entry_of_link(read: Reading, *, token: str) -> Waiting:
    """The entry that a mailed link stands for."""
    signed = secrecy.read_signed("waiting", token)
    found = _with_all().where(Waiting.public_id == (signed[0] if signed else None))
    entry = read.session.scalars(found).one_or_none()
    if entry is None:
        raise NotFound
    return entry


def link_token(entry: Waiting) -> str:
    return secrecy.sign("waiting", entry.public_id, 0)


def open_offer_of(read: Reading, entry: Waiting) -> Offer | None:
    found = select(Offer).where(Offer.waiting_id == entry.id, Offer.state == OfferState.OPEN)
    offer = read.session.scalars(found).one_or_none()
    return offer if offer is not None and offer.is_open(read.now) else None


@dataclass(frozen=True)
class Turn:
    """How many parties come before this one at a part; ``part`` is None where the parts belong together."""

    part: Part | None
    ahead: int


def turns_of(read: Reading, entry: Waiting) -> Sequence[Turn]:
    """Whom each wish of an entry has to wait for, in order of time; one statement for all of them."""
    ahead = [Waiting.event_id == entry.event_id, Waiting.state == WaitingState.WAITING, Waiting.id < entry.id]
    if entry.event.choice is not Choice.ONE:
        count = read.session.scalar(select(func.count()).select_from(Waiting).where(*ahead))
        return [Turn(None, int(count or 0))]
    counted = (
        select(WaitingPart.part_id, func.count())
        .join(Waiting, Waiting.id == WaitingPart.waiting_id)
        .where(*ahead, WaitingPart.part_id.in_([part.id for part in entry.parts]))
        .group_by(WaitingPart.part_id)
    )
    before = {row[0]: row[1] for row in read.session.execute(counted)}
    coming = [part for part in entry.parts if part.state is PartState.PLANNED and part.starts_at > read.now]
    return [Turn(part, before.get(part.id, 0)) for part in coming]


@dataclass(frozen=True)
class OwnEntry:
    public_id: str
    title: str
    slug: str
    party_size: int
    state: WaitingState


def own_entries(read: Reading) -> Sequence[OwnEntry]:
    """What the actor waits for now, without what is offered: that is theirs to answer."""
    rows = read.session.execute(_own_entries(), {"person_id": read.actor.person_id})
    return [OwnEntry(**row._asdict()) for row in rows]


@cache
def _own_entries() -> Select[str, str, str, int, WaitingState]:
    return (
        select(Waiting.public_id, Event.title, Event.slug, Waiting.party_size, Waiting.state)
        .join(Event, Event.id == Waiting.event_id)
        .where(Waiting.person_id == bindparam("person_id"), Waiting.state == WaitingState.WAITING)
        .order_by(Waiting.id)
        .limit(OWN_SHOWN)
    )


def own_entry_of(read: Reading, event_id: int) -> Waiting | None:
    """The actor's live entry at this event."""
    return entry_of(read, event_id, person_id=read.actor.person_id) if read.actor.person_id is not None else None


def entry_of(read: Reading, event_id: int, *, person_id: int) -> Waiting | None:
    """The live entry of somebody at this event; the caller has checked who asks."""
    found = select(Waiting).where(Waiting.event_id == event_id, Waiting.person_id == person_id, Waiting.state.in_(LIVE))
    return read.session.scalars(found).one_or_none()


def parties_waiting(read: Reading, event_id: int) -> Mapping[int, int]:
    """How many parties wait for each part that anybody waits for."""
    return {row[0]: row[1] for row in read.session.execute(_parties_waiting(), {"event_id": event_id})}


@cache
def _parties_waiting() -> Select[int, int]:
    return (
        select(WaitingPart.part_id, func.count())
        .join(Waiting, Waiting.id == WaitingPart.waiting_id)
        .where(Waiting.event_id == bindparam("event_id"), Waiting.state == WaitingState.WAITING)
        .group_by(WaitingPart.part_id)
    )


@dataclass(frozen=True)
class InLine:
    """One entry for staff: who, what they wish, and what became of it or why nothing did yet.

    ``why`` is None for who would be served now; ``behind`` names whom they come after, ``room`` what is free.
    """

    entry: Waiting
    offer: Offer | None
    why: Why | None
    room: int
    behind: str | None


def staff_line(read: Reading, event: Event, *, offset: int, limit: int) -> Sequence[InLine]:
    """Live entries in their order, ``limit`` + 1 of them, each with the reason why no offer went out.

    The reasons come from the same algorithm that makes the offers, asked anew, so that they are never out of date.
    """
    found = _with_all().where(Waiting.event_id == event.id, Waiting.state.in_(LIVE)).order_by(Waiting.id)
    entries = read.session.scalars(found.offset(offset).limit(limit + 1)).all()
    outcomes = {outcome.entrant.key: outcome for outcome in line_of(read, event).served()}
    offers = _open_offers(read, [entry.id for entry in entries])
    behind_ids = {outcome.behind for outcome in outcomes.values() if isinstance(outcome, Waits) and outcome.behind}
    named = select(Waiting.id, Person.name).join(Person, Person.id == Waiting.person_id)
    names = {row[0]: row[1] for row in read.session.execute(named.where(Waiting.id.in_(behind_ids)))}
    return [_in_line(entry, offers.get(entry.id), outcomes.get(entry.id), names) for entry in entries]


def _in_line(entry: Waiting, offer: Offer | None, outcome: Placed | Waits | None, names: Mapping[int, str]) -> InLine:
    if not isinstance(outcome, Waits):
        return InLine(entry, offer, None, 0, None)
    return InLine(entry, offer, outcome.why, outcome.room, names.get(outcome.behind or 0))


def _open_offers(read: Reading, waiting_ids: Sequence[int]) -> Mapping[int | None, Offer]:
    found = select(Offer).where(Offer.waiting_id.in_(waiting_ids), Offer.state == OfferState.OPEN)
    return {offer.waiting_id: offer for offer in read.session.scalars(found)}
