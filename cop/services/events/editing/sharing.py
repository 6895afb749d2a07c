"""How the places of an event are shared out: who gets what becomes free, and how much one organisation may hold."""

from datetime import datetime

from sqlalchemy import exists, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.events import Event, EventKind, Queue
from cop.models.waiting import Waiting
from cop.queries.waiting import LIVE
from cop.services.events.booking import advance
from cop.services.events.editing.shared import event_to_edit, touch


def edit_waiting_rules(
    work: Work,
    *,
    event_id: int,
    queue: Queue,
    offer_hours: int,
    per_organisation: int | None,
    fair_share_until: datetime | None,
) -> Event:
    """Say who gets what becomes free, and how many places one organisation may hold; what is held stays held."""
    event = event_to_edit(work, event_id)
    if event.kind is EventKind.COHORT:
        raise NotFound
    if queue is Queue.NONE:
        live = exists().where(Waiting.event_id == event.id, Waiting.state.in_(LIVE))
        if work.session.scalar(select(live)):
            raise Refusal(marked("People are waiting, so the list stays until it is empty"), field="queue")
    if fair_share_until is not None and per_organisation is None:
        raise Refusal(marked("Say how many places one organisation may hold"), field="per_organisation")
    event.queue, event.offer_hours = queue, offer_hours
    event.per_organisation, event.fair_share_until = per_organisation, fair_share_until
    touch(work, event)
    work.session.flush()
    advance(work, event)
    return event
