"""Days on which nobody can be received: no slot is planned on them, and those that are there already stay."""

from datetime import date

from sqlalchemy import select

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.events import Event, EventKind
from cop.models.visits import Blackout
from cop.queries.blackouts import concerns
from cop.services.events.locking import lock_event_to_edit


def add_blackout(
    work: Work, *, event_id: int, first_on: date, last_on: date | None, reason: str, for_all: bool
) -> Blackout:
    """From the first day to the last, or that one day; with ``for_all`` for every visit of the programme."""
    event = _visit(work, event_id)
    last_on = last_on or first_on
    if last_on < first_on:
        raise Refusal(marked("The last day must not come before the first"), field="last_on")
    if last_on < day_of(work.now):
        raise Refusal(marked("These days are over already"), field="first_on")
    if for_all and not work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id):
        raise Refusal(marked("You can do this for this visit only"))
    owner = None if for_all else event.id
    twin = select(Blackout.id).where(
        concerns(event), Blackout.first_on == first_on, Blackout.last_on == last_on, Blackout.event_id == owner
    )
    if work.session.scalar(twin) is not None:
        raise Refusal(marked("These days are in the list already"), field="first_on")
    found = Blackout(
        programme_id=event.programme_id,
        event_id=owner,
        first_on=first_on,
        last_on=last_on,
        reason=reason,
        added_by=work.actor.person_id,
    )
    work.session.add(found)
    work.session.flush()
    return found


def remove_blackout(work: Work, *, event_id: int, blackout_id: int) -> None:
    event = _visit(work, event_id)
    found = work.session.scalars(select(Blackout).where(Blackout.id == blackout_id, concerns(event))).one_or_none()
    if found is None or not work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=found.event_id):
        raise NotFound
    work.session.delete(found)
    work.session.flush()


def refuse_blackout(work: Work, event: Event, on_date: date) -> None:
    """Refuse to plan a slot on a day on which nobody can be received, and say why; the event is locked."""
    on_that_day = select(Blackout).where(concerns(event), Blackout.first_on <= on_date, Blackout.last_on >= on_date)
    found = work.session.scalars(on_that_day.order_by(Blackout.id)).first()
    if found is None:
        return
    raise Refusal(
        marked("No visits from %(first)s to %(last)s: %(reason)s")
        if found.reason
        else marked("No visits from %(first)s to %(last)s"),
        field="on_date",
        first=_in_words(found.first_on),
        last=_in_words(found.last_on),
        **({"reason": found.reason} if found.reason else {}),
    )


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _visit(work: Work, event_id: int) -> Event:
    """The locked visit, for those who may alter it: whoever plans a slot meanwhile waits."""
    event = lock_event_to_edit(work, event_id)
    if event.kind is not EventKind.VISIT or not work.actor.may(
        *EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id
    ):
        raise NotFound
    return event
