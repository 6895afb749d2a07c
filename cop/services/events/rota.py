"""Who receives the visitors of which slot: asking, answering, and what it means when a slot moves or ends."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, select

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.events import Event, EventKind, EventState, Part, PartState
from cop.models.outbox import OutboxClass
from cop.models.visits import SlotHost
from cop.queries.rota import may_receive
from cop.services import outbox
from cop.services.events.locking import lock_event_to_edit


def ask_host(work: Work, *, event_id: int, person_id: int, part_ids: Collection[int]) -> int:
    """Ask somebody to receive the visitors of these slots, in one mail; how many they had not been asked for."""
    event = _visit(work, event_id)
    if event.state is EventState.CANCELLED:
        raise Refusal(marked("“%(title)s” has been cancelled and cannot be changed"), title=event.title)
    person = work.session.scalars(select(Person).where(Person.id == person_id, may_receive(event))).one_or_none()
    if person is None:
        raise Refusal(marked("Choose somebody from the list"), field="person_id")
    parts = _coming(work, event, part_ids)
    if not parts or len(parts) != len(set(part_ids)):
        raise Refusal(marked("Choose slots that are still to come"), field="part_ids")
    asked = select(SlotHost.part_id).where(SlotHost.person_id == person.id, SlotHost.part_id.in_(part_ids))
    known = set(work.session.scalars(asked))
    new = [
        SlotHost(part_id=part.id, person_id=person.id, asked_at=work.now, asked_by=work.actor.person_id)
        for part in parts
        if part.id not in known
    ]
    if not new:
        raise Refusal(marked("%(name)s has been asked for these slots already"), field="part_ids", name=person.name)
    work.session.add_all(new)
    work.session.flush()
    _ask(work, event, person, new)
    return len(new)


def _ask(work: Work, event: Event, person: Person, asked: Iterable[SlotHost]) -> None:
    key = f"host-asked:{event.id}:{person.id}:{max(one.id for one in asked)}:{work.now.isoformat()}"
    outbox.post(
        work,
        key=key,
        to=person,
        template="host_asked",
        urgency=OutboxClass.NOW,
        event_id=event.id,
    )


def stand_down(work: Work, *, event_id: int, slot_host_id: int, seen: str) -> None:
    """Take somebody off a slot. ``seen`` is the answer that the page showed: where they have answered since, nothing
    is done.
    """
    event = _visit(work, event_id)
    found = _held(work, event, slot_host_id)
    if seen != answer_of(found):
        raise Refusal(marked("This person has answered meanwhile. Look at the rota again."))
    part = work.session.get_one(Part, found.part_id)
    person = work.session.get_one(Person, found.person_id)
    if found.accepted is not False and part.starts_at > work.now:
        _tell_not_needed(work, person, part)
    work.session.delete(found)
    work.session.flush()


def answer_of(asked: SlotHost) -> str:
    """The answer as a page carries it: yes, no, or nothing yet."""
    return {True: "yes", False: "no", None: ""}[asked.accepted]


def answer_rota(work: Work, *, event_id: int, slot_host_id: int, accepted: bool, seen: int) -> SlotHost:
    """Say whether one receives the visitors of a slot; until it begins one may think again.

    ``seen`` is the sequence of the slot that the page showed: a yes to another time than this is none.
    """
    event = lock_event_to_edit(work, event_id)
    found = _held(work, event, slot_host_id)
    if found.person_id != work.actor.person_id:
        raise NotFound
    part = work.session.get_one(Part, found.part_id)
    if part.state is PartState.CANCELLED or event.state is EventState.CANCELLED:
        raise Refusal(marked("This slot has been cancelled"))
    if part.starts_at <= work.now:
        raise Refusal(marked("This slot has begun already"))
    if part.sequence != seen:
        raise Refusal(marked("This slot has moved meanwhile. Look at its time again, and then answer."))
    found.accepted, found.answered_at = accepted, work.now
    work.session.flush()
    return found


def ask_hosts_again(work: Work, parts: Sequence[Part]) -> None:
    """These slots of one event happen at another time or place: whoever has not declined is asked anew.

    The event is locked.
    """
    if not (rows := _hosts(work, parts)):
        return
    event = work.session.get_one(Event, parts[0].event_id)
    by_person: dict[int, list[SlotHost]] = {}
    people = {}
    for asked, person in rows:
        asked.accepted, asked.answered_at, asked.asked_at = None, None, work.now
        people[person.id] = person
        by_person.setdefault(person.id, []).append(asked)
    work.session.flush()
    for person_id, of_person in by_person.items():
        _ask(work, event, people[person_id], of_person)


def dismiss_hosts(work: Work, parts: Sequence[Part]) -> None:
    """These slots do not take place: tell those who were to receive visitors; the event is locked."""
    part_of = {part.id: part for part in parts}
    for asked, person in _hosts(work, parts):
        if part_of[asked.part_id].starts_at > work.now:
            _tell_not_needed(work, person, part_of[asked.part_id])


def forget_hosts(work: Work, part: Part) -> None:
    """A slot is removed as if it had never been planned: so is its rota, and those who were asked are told."""
    dismiss_hosts(work, [part])
    work.session.execute(delete(SlotHost).where(SlotHost.part_id == part.id))


def _tell_not_needed(work: Work, person: Person, part: Part) -> None:
    outbox.post(
        work,
        key=f"host-not-needed:{part.id}:{person.id}:{work.now.isoformat()}",
        to=person,
        template="host_not_needed",
        useless_after=part.starts_at,
        event_id=part.event_id,
        starts_at=part.starts_at.isoformat(),
        ends_at=part.ends_at.isoformat(),
    )


def _hosts(work: Work, parts: Sequence[Part]) -> Sequence[tuple[SlotHost, Person]]:
    """Those who were asked to receive visitors of these parts and have not declined."""
    rows = work.session.execute(
        select(SlotHost, Person)
        .join(Person, Person.id == SlotHost.person_id)
        .where(SlotHost.part_id.in_([part.id for part in parts]), SlotHost.accepted.is_distinct_from(False))
        .order_by(SlotHost.id)
    )
    return [(row.SlotHost, row.Person) for row in rows]


def _held(work: Work, event: Event, slot_host_id: int) -> SlotHost:
    found = select(SlotHost).join(Part, Part.id == SlotHost.part_id)
    held = work.session.scalars(
        found.where(SlotHost.id == slot_host_id, Part.event_id == event.id).with_for_update(of=SlotHost)
    ).one_or_none()
    if held is None:
        raise NotFound
    return held


def _coming(work: Work, event: Event, part_ids: Collection[int]) -> Sequence[Part]:
    found = select(Part).where(
        Part.event_id == event.id,
        Part.id.in_(part_ids),
        Part.state == PartState.PLANNED,
        Part.starts_at > work.now,
    )
    return work.session.scalars(found.order_by(Part.starts_at, Part.id)).all()


def _visit(work: Work, event_id: int) -> Event:
    event = lock_event_to_edit(work, event_id)
    if event.kind is not EventKind.VISIT or not work.actor.may(
        *EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id
    ):
        raise NotFound
    return event
