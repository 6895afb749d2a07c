"""Joining and leaving the waiting list of an event, by those who wait and by staff for them."""

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, insert, select

from cop.algorithms.queueing import Placed
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import (
    BookingSource,
    Choice,
    Event,
    EventKind,
    EventState,
    Part,
    PartState,
    Queue,
)
from cop.models.summits import Invitation
from cop.models.waiting import Waiting, WaitingPart, WaitingState
from cop.queries.accounts import standing_of
from cop.queries.circles import may_come
from cop.queries.waiting import LAST_CALL, LIVE, line_of
from cop.services import outbox
from cop.services.events.booking import (
    STAFF_PARTY_MAX,
    Guest,
    Party,
    advance,
    chosen_parts,
    end_entry,
    end_hopeless,
    person_of,
    refuse_outside_window,
    refuse_party,
    refuse_second,
    runs,
)
from cop.services.events.locking import lock_event_to_edit, lock_parts

UNLIMITED = sys.maxsize


@dataclass(frozen=True)
class Wish:
    """What somebody waits for: any of ``part_ids`` where one slot is chosen, else all of them together.

    ``split_ok``: if there are fewer places than ``party_size``, they take those and go on waiting for the rest.
    """

    part_ids: Collection[int]
    party_size: int
    split_ok: bool = False


def join(work: Work, *, event_id: int, wish: Wish) -> Waiting:
    """Put the acting person at the end of the line. Refused where there is room for them: then they book."""
    event = lock_event_to_edit(work, event_id)
    person = work.session.get(Person, work.actor.person_id) if work.actor.person_id else None
    if person is None or event.state is EventState.DRAFT or not _may_come(work, event, person):
        raise NotFound
    refuse_outside_window(work, event)
    refuse_party(Party(wish.party_size), event.party_max)
    return _join(work, event, person, wish, BookingSource.SELF)


def join_for(work: Work, *, event_id: int, wish: Wish, guest: Guest) -> Waiting:
    """Put somebody else at the end of the line, with or without e-mail; staff may outside the booking window."""
    event = lock_event_to_edit(work, event_id)
    if not runs(work, event):
        raise NotFound
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("Only a published event has a waiting list"))
    refuse_party(Party(wish.party_size), STAFF_PARTY_MAX)
    return _join(work, event, person_of(work, guest), wish, BookingSource.STAFF)


def _may_come(work: Work, event: Event, person: Person) -> bool:
    if event.kind is not EventKind.SUMMIT and may_come(work, event):
        return True
    invited = exists().where(
        Invitation.event_id == event.id, Invitation.person_id == person.id, Invitation.withdrawn_at.is_(None)
    )
    return bool(work.session.scalar(select(invited)))


def _join(work: Work, event: Event, person: Person, wish: Wish, source: BookingSource) -> Waiting:
    if event.queue is Queue.NONE:
        raise Refusal(marked("There is no waiting list here"))
    refuse_second(work, event, person, source)
    _refuse_twice(work, event, person)
    parts = _wanted_parts(work, event, wish.part_ids)
    standing = standing_of(work, person.id)
    _refuse_hopeless(event, parts, wish)
    _refuse_if_room(work, event, parts, wish, standing.organisation_id)
    entry = Waiting(
        event_id=event.id,
        person_id=person.id,
        party_size=wish.party_size,
        split_ok=wish.split_ok,
        source=source,
        by_person_id=work.actor.person_id,
        joined_at=work.now,
        organisation_id=standing.organisation_id,
        sector=standing.sector,
        membership=standing.membership,
        newer_member=standing.newer_member,
    )
    work.session.add(entry)
    work.session.flush()
    kept = parts if event.choice is not Choice.ALL else []
    if kept:
        work.session.execute(insert(WaitingPart), [{"waiting_id": entry.id, "part_id": part.id} for part in kept])
    outbox.post(work, key=f"waiting-joined:{entry.id}", to=person, template="waiting_joined", waiting_id=entry.id)
    advance(work, event)
    return entry


def _refuse_twice(work: Work, event: Event, person: Person) -> None:
    live = exists().where(Waiting.event_id == event.id, Waiting.person_id == person.id, Waiting.state.in_(LIVE))
    if work.session.scalar(select(live)):
        raise Refusal(marked("%(name)s is on the waiting list already"), name=person.name)


def _wanted_parts(work: Work, event: Event, part_ids: Collection[int]) -> Sequence[Part]:
    """The slots of which one will do, or what belongs together; all of them still to come."""
    if event.choice is not Choice.ONE:
        return chosen_parts(work, event, part_ids)
    parts = lock_parts(work, event.id, part_ids)
    if not parts or len(parts) != len(set(part_ids)):
        raise Refusal(marked("Choose one or more of the times in the list"), field="slots")
    for part in parts:
        if part.state is PartState.CANCELLED or part.starts_at <= work.now + LAST_CALL:
            raise Refusal(
                marked("“%(title)s” is cancelled, over or about to begin. Choose another time."),
                field="slots",
                title=part.title,
            )
    return parts


def _refuse_hopeless(event: Event, parts: Sequence[Part], wish: Wish) -> None:
    """A party that is larger than what it waits for would wait for ever."""
    limits = [_most(event, part) for part in parts]
    largest = max(limits, default=UNLIMITED) if event.choice is Choice.ONE else min(limits, default=UNLIMITED)
    if not wish.split_ok and wish.party_size > largest:
        raise Refusal(
            marked("There are %(most)s places in all, so a party of %(size)s would never get them together"),
            field="party_size",
            most=largest,
            size=wish.party_size,
        )
    lasting_share = event.per_organisation if event.fair_share_until is None else None
    if not wish.split_ok and lasting_share is not None and wish.party_size > lasting_share:
        raise Refusal(
            marked("One organisation may hold %(share)s places at one time here"),
            field="party_size",
            share=lasting_share,
        )


def _most(event: Event, part: Part) -> int:
    """How many could ever be there at once."""
    limits = (event.capacity, part.capacity, part.day_limit.capacity if part.day_limit else None)
    return min((limit for limit in limits if limit is not None), default=UNLIMITED)


def _refuse_if_room(work: Work, event: Event, parts: Sequence[Part], wish: Wish, organisation_id: int | None) -> None:
    line = line_of(work, event)
    newcomer = line.newcomer(
        size=wish.party_size, organisation_id=organisation_id, part_ids=[part.id for part in parts]
    )
    outcome = line.served(newcomer)[-1]
    if isinstance(outcome, Placed):
        raise Refusal(marked("There is room for you now, so there is no need to wait: book instead"), field="slots")


def leave(work: Work, *, public_id: str) -> Waiting:
    """Take an entry off the list, with an offer that is open: by whoever waits, or by staff. Again changes nothing."""
    event, entry = _locked(work, public_id)
    if entry.person_id != work.actor.person_id and not runs(work, event):
        raise NotFound
    if entry.state is WaitingState.BOOKED:
        raise Refusal(marked("The places are booked by now. Cancel the booking to give them back."))
    if entry.state in LIVE:
        end_entry(work, entry, WaitingState.LEFT)
        advance(work, event)
    return entry


def _locked(work: Work, public_id: str) -> tuple[Event, Waiting]:
    event_id = work.session.scalar(select(Waiting.event_id).where(Waiting.public_id == public_id))
    if event_id is None:
        raise NotFound
    event = lock_event_to_edit(work, event_id)
    found = select(Waiting).where(Waiting.public_id == public_id).with_for_update()
    return event, work.session.scalars(found.execution_options(populate_existing=True)).one()


def tend(work: Work, *, event_id: int) -> int:
    """What time alone changes: shares that lift, and parties whose slots have all gone by; how many that touched."""
    if work.actor.via != "system":
        raise NotFound
    event = lock_event_to_edit(work, event_id)
    return end_hopeless(work, event) + advance(work, event)
