"""Messages that ask for an answer: invitations and surveys."""

from flask_babel import gettext as _

from cop.core.errors import marked
from cop.core.work import Reading
from cop.mail import about_bookings
from cop.mail.kinds import Values, is_preview
from cop.models.events import EventState
from cop.models.outbox import Outbox
from cop.models.summits import Answer, Invitation
from cop.models.surveys import Wave
from cop.queries import summits, surveys
from cop.web import address

HEADLINES = {
    Wave.PULSE: marked("How was “%(title)s”?"),
    Wave.BASELINE: marked("Before “%(title)s”: a few questions"),
    Wave.END: marked("“%(title)s” is over: how was it?"),
    Wave.MONTHS_3: marked("Three months after “%(title)s”: how is it going?"),
    Wave.MONTHS_6: marked("Six months after “%(title)s”: how is it going?"),
    Wave.MONTHS_12: marked("A year after “%(title)s”: what came of it?"),
    Wave.REFLECTION: marked("Two weeks after “%(title)s”: what has stayed with you?"),
    Wave.DAYS_30: marked("A month after you took something along from “%(title)s”: was it of use?"),
    Wave.DAYS_60: marked("Two months after “%(title)s”: what became of it?"),
    Wave.ONCE: marked("“%(title)s”: a few questions"),
}


def survey(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the answers were sent or are no longer taken."""
    ask, questionnaire, event = surveys.ask_with_event(read, row.params["ask_id"])
    if (ask.done_on is not None or ask.closes_at <= read.now) and not is_preview(row):
        return None
    return {
        "ask": ask,
        "headline": _(HEADLINES[ask.wave], title=event.title),
        "introduction": questionnaire.introduction,
        "link": address("surveys.survey", token=surveys.token_of(ask)),
    }


def invitation(read: Reading, row: Outbox) -> Values | None:
    """Pointless once there is a yes or a no, or nothing can be answered any more."""
    invitation = summits.invitation_by_id(read, row.params["invitation_id"])
    event = invitation.event
    answered = invitation.response in {Answer.YES, Answer.NO}
    stop = summits.stop_for(event, invitation, read.now)
    is_over = answered or event.state is not EventState.PUBLISHED or stop not in {None, summits.Stop.EARLY}
    if is_over and not is_preview(row):
        return None
    return {
        "invitation": invitation,
        "event": event,
        "until": summits.answers_until(event),
        "sender": summits.sent_by(read, invitation),
        "link": _link(invitation),
    }


def _link(invitation: Invitation) -> str:
    return address("summits.by_link", token=summits.link_token(invitation))


def substitute_welcome(read: Reading, row: Outbox) -> Values | None:
    """To whoever comes in somebody's place, which they have already."""
    values = about_bookings.live_booking(read, row)
    if values is None:
        return None
    invitation = summits.invitation_by_id(read, row.params["invitation_id"])
    return {**values, "sender": summits.sent_by(read, invitation), "invitation_link": _link(invitation)}


def place_passed_on(read: Reading, row: Outbox) -> Values | None:
    values = about_bookings.ended_booking(read, row)
    proposal = summits.proposal_of_letter(read, row.params["substitution_id"])
    return {**values, "proposal": proposal} if values is not None and proposal is not None else None


def decided_substitute(read: Reading, row: Outbox) -> Values | None:
    """What staff have decided, for whoever wanted to send somebody."""
    proposal = summits.proposal_of_letter(read, row.params["substitution_id"])
    if proposal is None:
        return None
    invitation = summits.invitation_by_id(read, row.params["invitation_id"])
    return {
        "proposal": proposal,
        "event": invitation.event,
        "reason": row.params.get("reason", ""),
        "link": _link(invitation),
    }


def withdrawn_invitation(read: Reading, row: Outbox) -> Values | None:
    values = about_bookings.ended_booking(read, row)
    return {**values, "contact_link": address("pages.contact")} if values is not None else None
