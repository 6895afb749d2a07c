"""What befalls those who applied when staff alter the event that is their course."""

from sqlalchemy import exists, select

from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.cohorts import Application, ApplicationState
from cop.models.events import Booking, BookingState, Event
from cop.models.offers import Offer, OfferState
from cop.services import outbox
from cop.services.events.booking import end_offer


def refuse_if_applied(work: Work, event: Event) -> None:
    live = exists().where(Application.cohort_id == event.id, Application.state != ApplicationState.WITHDRAWN)
    if work.session.scalar(select(live)):
        raise Refusal(marked("People have applied, so this cannot go back to being a draft. Cancel it instead."))


def call_off_applications(work: Work, event: Event, *, reason: str) -> None:
    """End the open offers of a cancelled course, and tell those who applied and hold no place that they would lose."""
    offers = select(Offer).where(Offer.event_id == event.id, Offer.state == OfferState.OPEN).order_by(Offer.id)
    for offer in work.session.scalars(offers.with_for_update(key_share=True)).all():
        end_offer(work, offer, OfferState.WITHDRAWN)
    holds_a_place = exists().where(
        Booking.event_id == event.id, Booking.person_id == Person.id, Booking.state == BookingState.LIVE
    )
    applied = (
        select(Application.id, Person)
        .join(Person, Person.id == Application.person_id)
        .where(Application.cohort_id == event.id, Application.state != ApplicationState.WITHDRAWN, ~holds_a_place)
        .order_by(Application.id)
    )
    for application_id, person in work.session.execute(applied).all():
        outbox.post(
            work,
            key=f"course-cancelled:{application_id}",
            to=person,
            template="course_cancelled",
            application_id=application_id,
            reason=reason,
        )
