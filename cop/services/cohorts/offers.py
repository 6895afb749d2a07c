"""Offers of a course: made at the release or when a reserve moves up, and taken back by the chair.

How they are answered is in :mod:`cop.services.offers`.
"""

from datetime import datetime

from sqlalchemy import select

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.cohorts import Application, Cohort, Decision, DecisionOutcome
from cop.models.events import Event, EventState
from cop.models.offers import Offer, OfferState
from cop.queries.cohorts.drawing import was_drawn
from cop.queries.cohorts.letters import offer_ends
from cop.queries.cohorts.panel import places_free
from cop.services import offers
from cop.services.cohorts.panel import acting_person, application_to_judge, course_of_chair
from cop.services.cohorts.record import Chosen, note_override
from cop.services.events import booking
from cop.services.events.arrangements import Diet, save_arrangements

CHOSEN_ELSEWHERE = marked(
    "Somebody else changed the choice a moment ago. Nothing was saved: look at the list, then choose again."
)

TAKEN_BACK = marked("The offer was taken back")
"""What stands on the record of a draw; the reason that was typed is for the person only."""


def deadline(work: Work, cohort: Cohort) -> datetime:
    """When an offer made now ends."""
    ends_at = offer_ends(work, cohort)
    if ends_at is None:
        raise Refusal(marked("The course has begun, so no place can be offered"))
    return ends_at


def open_offer(work: Work, event: Event, application: Application, *, expires_at: datetime) -> Offer:
    """Hold a place for somebody and tell them; the event is locked, and the caller has checked who asks."""
    offer = booking.hold_course(
        work, event, person_id=application.person_id, application_id=application.id, expires_at=expires_at
    )
    offers.tell(work, offer, "offer_made")
    return offer


def move_up(work: Work, *, cohort_id: int, number: int, seen: int) -> Offer:
    """Offer a place that became free to one of the reserves; nobody else can be offered one after the release.

    Where the places were drawn, so are those that become free (:mod:`cop.services.cohorts.drawing`).
    """
    event, cohort = course_of_chair(work, cohort_id)
    if was_drawn(work, cohort_id):
        raise Refusal(marked("The places of this course were drawn, and those that become free are drawn too"))
    if cohort.released_at is None:
        raise Refusal(marked("Release the decisions first"))
    if cohort.choice_revision != seen:
        raise Refusal(CHOSEN_ELSEWHERE)
    application = application_to_judge(work, cohort_id, number)
    decision = work.session.get(Decision, application.id, populate_existing=True)
    if decision is None or decision.outcome is not DecisionOutcome.RESERVE:
        raise Refusal(marked("Application %(number)s is not on the reserve list"), number=number)
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("The course is not published, so no place can be offered"))
    if not _is_free(event):
        raise Refusal(marked("No place is free at present, so nobody can be moved up"))
    return offer_place(work, event, cohort, application, decision, by=acting_person(work))


def _is_free(event: Event) -> bool:
    return places_free(event) != 0


def can_offer(work: Work, event: Event, cohort: Cohort, *, once_free: bool = False) -> bool:
    """Whether a place can be offered after the release: now, or once one becomes free."""
    is_possible = event.state is EventState.PUBLISHED and offer_ends(work, cohort) is not None
    return is_possible and (once_free or _is_free(event))


def offer_place(
    work: Work, event: Event, cohort: Cohort, application: Application, decision: Decision, *, by: int
) -> Offer:
    """Offer a free place to somebody who was not chosen at the release; the caller has checked that one is free.

    ``by`` is who decided it: whoever acts, or whoever drew where the service draws a replacement by itself.
    """
    decision.outcome, decision.reserve_rank = DecisionOutcome.OFFER, None
    decision.decided_by, decision.decided_at = by, work.now
    cohort.choice_revision += 1
    return open_offer(work, event, application, expires_at=deadline(work, cohort))


def withdraw_offer(work: Work, *, cohort_id: int, number: int, reason: str) -> Offer:
    """Take an open offer back and tell the person why; the place is free at once."""
    _event, cohort = course_of_chair(work, cohort_id)
    application = application_to_judge(work, cohort_id, number)
    offer = _open_offer_of(work, application.id)
    if offer is None:
        raise Refusal(marked("There is no open offer for application %(number)s any more"), number=number)
    taken_back = Chosen(DecisionOutcome.OFFER), Chosen(OfferState.WITHDRAWN)
    note_override(work, cohort, {number: taken_back}, reason=TAKEN_BACK)
    booking.end_offer(work, offer, OfferState.WITHDRAWN)
    decision = work.session.get_one(Decision, application.id)
    decision.reason = reason
    offers.tell(work, offer, "offer_withdrawn", reason=reason)
    return offer


def _open_offer_of(work: Work, application_id: int) -> Offer | None:
    found = select(Offer).where(Offer.application_id == application_id, Offer.state == OfferState.OPEN)
    return work.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()


def arrange(work: Work, *, public_id: str, access: str, diet: Diet, emergency_contact: str, travel: str) -> None:
    """Keep what the acting person needs for the place that they accepted, instead of what they said before."""
    _event, offer = offers.own_offer(work, public_id)
    if offer.state is not OfferState.ACCEPTED:
        raise Refusal(marked("Accept the offer first"))
    booked = offers.booking_of(work, offer)
    save_arrangements(
        work, booking_id=booked.id, access=access, diet=diet, emergency_contact=emergency_contact, travel=travel
    )
