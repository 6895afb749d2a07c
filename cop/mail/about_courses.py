"""Messages about applications, offers and the people of a course."""

from cop.core.work import Reading
from cop.mail.kinds import Values, address, is_preview
from cop.models.cohorts import ApplicationState
from cop.models.events import PartState
from cop.models.offers import OfferState
from cop.models.outbox import Outbox
from cop.queries import offers
from cop.queries.cohorts import applications, roster
from cop.web import EVENT_PAGES


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


def open_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if not offers.is_open(read, offer) and not is_preview(row):
        return None
    return {
        "offer": offer,
        "event": offer.event,
        "parts": [part for part in offer.event.parts if part.state is PartState.PLANNED],
        "link": address("offers.offer", token=offers.link_token(offer)),
    }


def ended_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if offer.state is OfferState.OPEN and not is_preview(row):
        return None
    contact = address("pages.contact")
    return {"event": offer.event, "contact_link": contact, "reason": row.params.get("reason", "")}


def decided(read: Reading, row: Outbox) -> Values | None:
    """With the other ways to take part, for whom they are news."""
    values = of_application(read, row, ApplicationState.SUBMITTED)
    if values is None:
        return None
    return {**values, "visits_link": address("visits.index"), "webinars_link": address("webinars.index")}


def of_roster(read: Reading, row: Outbox) -> Values | None:
    """Pointless for somebody who has given their place back meanwhile."""
    event = roster.event_of_member(read, event_id=row.params["event_id"], person_id=row.person_id)
    if event is None:
        return None
    link = address(EVENT_PAGES[event.kind], slug=event.slug)
    return {"event": event, "subject": row.params["subject"], "body": row.params["body"], "link": link}
