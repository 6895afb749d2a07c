"""Messages about applications, offers and the people of a course."""

from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.cohorts import ApplicationState, DecisionOutcome, EndorsementState
from cop.models.events import Event, Part, PartState
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from cop.queries import offers
from cop.queries.cohorts import applications, endorsements, letters, reconsidering, reviewing, roster
from cop.web import EVENT_PAGES, address


def draft(read: Reading, row: Outbox) -> Values | None:
    return of_application(read, row, ApplicationState.DRAFT)


def submitted_application(read: Reading, row: Outbox) -> Values | None:
    return of_application(read, row, ApplicationState.SUBMITTED)


def withdrawn_application(read: Reading, row: Outbox) -> Values | None:
    return of_application(read, row, ApplicationState.WITHDRAWN)


def draft_before_the_close(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the close was moved: the job posts another one for the new close."""
    values = draft(read, row)
    is_then = values is not None and str(values["event"].closes_at) == row.params["closes_at"]
    return values if is_then else None


def of_application(read: Reading, row: Outbox, *states: ApplicationState) -> Values | None:
    application = applications.application_by_id(read, row.params["application_id"])
    if states and application.state not in states and not is_preview(row):
        return None
    event = application.cohort.event
    return {
        "application": application,
        "cohort": application.cohort,
        "event": event,
        "link": address("cohorts.apply", slug=event.slug),
        "status_link": address("cohorts.application", slug=event.slug),
        "event_link": address("cohorts.cohort", slug=event.slug),
        "other_link": address("cohorts.index"),
        "reason": row.params.get("reason", ""),
    }


def open_endorsement(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it was answered, the call closed, or somebody else was named."""
    found = endorsements.endorsement_by_id(read, row.params["endorsement_id"])
    if not endorsements.can_be_answered(read, found):
        return None
    return {
        "name": found.name,
        "endorsement": found,
        "applicant": found.application.person,
        "event": found.application.cohort.event,
        "link": address("endorsements.endorse", token=endorsements.link_token(found)),
    }


def endorsement_before_the_close(read: Reading, row: Outbox) -> Values | None:
    values = open_endorsement(read, row)
    is_then = values is not None and str(values["event"].closes_at) == row.params["closes_at"]
    return values if is_then else None


def answered_endorsement(read: Reading, row: Outbox) -> Values | None:
    """Pointless once somebody else was named instead."""
    found = endorsements.endorsement_by_id(read, row.params["endorsement_id"])
    if found.state is EndorsementState.ASKED or found.replaced_at is not None:
        return None
    event = found.application.cohort.event
    is_draft = found.application.state is ApplicationState.DRAFT
    return {
        "endorsement": found,
        "application": found.application,
        "event": event,
        "link": address("cohorts.apply" if is_draft else "cohorts.application", slug=event.slug),
    }


def open_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if not offers.is_open(read, offer) and not is_preview(row):
        return None
    return {
        "expires_at": offer.expires_at,
        "event": offer.event,
        "parts": _planned(offer.event),
        "link": address("offers.offer", token=offers.link_token(offer)),
    }


def made_offer(read: Reading, row: Outbox) -> Values | None:
    """With the course's own words. Before the release the chair looks at it: then there is no offer yet.

    What was written as feedback belongs to the release; whoever moves up later had it in the letter of that day.
    """
    if "offer_id" not in row.params:
        return _offer_to_be(read, row)
    values = open_offer(read, row)
    offer = offers.offer_by_id(read, row.params["offer_id"])
    told = letters.told(read, application_id=offer.application_id or 0)
    if values is None or told is None or told.decision is None:
        return None
    is_of_release = told.decision.released_at == offer.offered_at
    feedback = told.decision.feedback if is_of_release else ""
    return {**values, "paragraph": _paragraph(told, DecisionOutcome.OFFER), "feedback": feedback}


def _offer_to_be(read: Reading, row: Outbox) -> Values | None:
    told = letters.told(read, application_id=row.params["application_id"])
    if told is None or not is_preview(row):
        return None
    cohort = told.application.cohort
    return {
        "expires_at": letters.offer_ends(read, cohort),
        "event": cohort.event,
        "parts": _planned(cohort.event),
        "link": address("cohorts.application", slug=cohort.event.slug),
        "paragraph": _paragraph(told, DecisionOutcome.OFFER),
        "feedback": told.decision.feedback if told.decision is not None else "",
    }


def _planned(event: Event) -> list[Part]:
    return [part for part in event.parts if part.state is PartState.PLANNED]


def _paragraph(told: letters.Told, outcome: DecisionOutcome) -> str:
    return told.application.cohort.letters.get(outcome, "")


def ended_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if offer.state is OfferState.OPEN and not is_preview(row):
        return None
    contact = address("pages.contact")
    return {"event": offer.event, "contact_link": contact, "reason": row.params.get("reason", "")}


def decided(read: Reading, row: Outbox) -> Values | None:
    """What was decided, the course's own words, feedback, how to ask for a review, and other ways to take part."""
    told = letters.told(read, application_id=row.params["application_id"])
    if told is None or not (is_preview(row) or told.decision):
        return None
    event = told.application.cohort.event
    outcome = next(outcome for outcome, template in letters.LETTERS.items() if template == row.template)
    released_at = told.decision.released_at if told.decision is not None else None
    return {
        "event": event,
        "paragraph": _paragraph(told, outcome),
        "feedback": told.decision.feedback if told.decision is not None else "",
        "review_link": address("decisions.decision", token=reconsidering.link_token(told.application)),
        "review_until": reconsidering.ask_until(released_at or read.now),
        "status_link": address("cohorts.application", slug=event.slug),
        "visits_link": address("visits.index"),
        "webinars_link": address("webinars.index"),
        "other_link": address("cohorts.index"),
        "interest_link": address("interest.ask", slug=event.programme.slug),
    }


def reviewed_decision(read: Reading, row: Outbox) -> Values | None:
    """``came_of`` is a word of :class:`cop.services.cohorts.reconsidering.CameOf`."""
    told = letters.told(read, application_id=row.params["application_id"])
    if told is None or told.decision is None:
        return None
    found = reconsidering.decided(read, public_id=told.application.public_id)
    if found.asked is None or found.asked.answered_at is None:
        return None
    event = found.event
    return {
        "event": event,
        "answer": found.asked.answer,
        "came_of": row.params["came_of"],
        "link": address("decisions.decision", token=reconsidering.link_token(found.application)),
    }


def of_roster(read: Reading, row: Outbox) -> Values | None:
    """Pointless for somebody who has given their place back meanwhile."""
    event = roster.event_of_member(read, event_id=row.params["event_id"], person_id=row.person_id)
    if event is None:
        return None
    link = address(EVENT_PAGES[event.kind], slug=event.slug)
    return {"event": event, "subject": row.params["subject"], "body": row.params["body"], "link": link}


def reviews_waiting(read: Reading, row: Outbox) -> Values | None:
    """Pointless for a reviewer who has nothing left to score."""
    found = reviewing.waiting_for(read, event_id=row.params["event_id"], person_id=row.person_id)
    if found is None or (not found[1] and not is_preview(row)):
        return None
    cohort, left = found
    link = address("panel.reviews", slug=cohort.event.slug)
    return {"event": cohort.event, "cohort": cohort, "left": left, "link": link}
