"""What people who register would like to be talked about, and which of it staff have passed on."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.events import Booking, Event
from cop.models.webinars import AdvanceQuestion
from cop.queries.events import may_run


def save_question(work: Work, booking: Booking, words: str) -> None:
    """Keep the question with the booking, in the place of one before; without words there is none to keep.

    The caller has checked who asks.
    """
    if not words:
        return
    asked = {"words": words, "asked_at": work.now, "taken_at": None, "taken_by": None}
    work.session.execute(
        insert(AdvanceQuestion)
        .values(event_id=booking.event_id, booking_id=booking.id, **asked)
        .on_conflict_do_update(index_elements=["booking_id"], set_=asked)
    )


def take(work: Work, *, event_id: int, question_id: int, taken: bool) -> AdvanceQuestion:
    """Note that a question was passed on or answered, or that it was not after all. Twice the same changes nothing."""
    event = work.session.get(Event, event_id)
    own = select(AdvanceQuestion).where(AdvanceQuestion.id == question_id, AdvanceQuestion.event_id == event_id)
    question = work.session.scalars(own.with_for_update()).one_or_none()
    if event is None or question is None or not may_run(work.actor, event):
        raise NotFound
    if taken != (question.taken_at is not None):
        question.taken_at = work.now if taken else None
        question.taken_by = work.actor.person_id if taken else None
    work.session.flush()
    return question
