"""Renders a queued message and hands it to Flask-Mail: text, HTML, and a calendar entry that clients act on."""

import smtplib
import ssl
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from flask_mail import Connection, Mail, Message

from cop.calendar_entries import join_address, own_entry
from cop.core import secrecy
from cop.core.errors import NotFound, marked
from cop.core.place import day_of
from cop.core.work import Reading
from cop.formats import ical
from cop.models.accounts import Person, SignIn
from cop.models.cohorts import ApplicationState, OfferState
from cop.models.events import Booking, BookingState, EventKind, EventState, Part, PartState
from cop.models.outbox import Outbox
from cop.models.summits import Answer
from cop.models.surveys import Wave
from cop.models.webinars import Registration
from cop.queries import calendars, events, forum, summits, surveys, webinars
from cop.queries.cohorts import applications, offers, roster
from cop.services.accounts import code_for
from cop.web import EVENT_PAGES, ports

SMTP_TIMEOUT_SECONDS = 20

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of message: ``load`` reads what its templates show, and None means that it has become pointless.

    ``why`` is the footer's answer to "why did I get this"; ``method`` is the iTIP method of its calendar entries.
    """

    load: Callable[[Reading, Outbox], Values | None]
    why: str
    method: str | None = None


def _sign_in(read: Reading, row: Outbox) -> Values | None:
    sign_in = read.session.get(SignIn, row.params["sign_in_id"])
    if sign_in is None or sign_in.closed_at is not None or sign_in.expires_at <= read.now:
        return None
    return {
        "link": address("accounts.use_link", token=secrecy.sign("sign-in", sign_in.public_id)),
        "code": code_for(sign_in),
    }


def _registration(read: Reading, row: Outbox) -> Values | None:
    registration = read.session.get(Registration, row.params["registration_id"])
    if registration is None or registration.confirmed_at is not None or registration.expires_at <= read.now:
        return None
    wanted = webinars.asking_of(read, registration).events
    return {
        "link": address("webinars.confirm", token=secrecy.sign("registration", registration.public_id)),
        "wanted": [(event, webinars.session_of(event)) for event in wanted],
    }


def _live_booking(read: Reading, row: Outbox) -> Values | None:
    booking = events.booking_by_id(read, row.params["booking_id"])
    return _of_booking(booking) if booking.state is BookingState.LIVE else None


def _ended_booking(read: Reading, row: Outbox) -> Values | None:
    booking = events.booking_by_id(read, row.params["booking_id"])
    if booking.state is not BookingState.CANCELLED:
        return None
    return {**_of_booking(booking), "reason": row.params.get("reason", "")}


def _reminder(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the booking was cancelled, or the time for which it was posted is no longer the time."""
    values = _live_booking(read, row)
    if values is None:
        return None
    parts = [part for part in values["parts"] if part.id == row.params["part_id"]]
    if not parts or parts[0].starts_at != datetime.fromisoformat(row.params["starts_at"]):
        return None
    days = (day_of(parts[0].starts_at) - day_of(read.now)).days
    return {**values, "part": parts[0], "days": days, "hours": (parts[0].starts_at - read.now) / timedelta(hours=1)}


def _draft(read: Reading, row: Outbox) -> Values | None:
    return _of_application(read, row, ApplicationState.DRAFT)


def _submitted_application(read: Reading, row: Outbox) -> Values | None:
    return _of_application(read, row, ApplicationState.SUBMITTED)


def _withdrawn_application(read: Reading, row: Outbox) -> Values | None:
    return _of_application(read, row, ApplicationState.WITHDRAWN)


def _draft_before_the_close(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the close was moved: the job posts another one for the new close."""
    values = _draft(read, row)
    is_then = values is not None and str(values["event"].closes_at) == row.params["closes_at"]
    return values if is_then else None


def _of_application(read: Reading, row: Outbox, *states: ApplicationState) -> Values | None:
    application = applications.application_by_id(read, row.params["application_id"])
    if states and application.state not in states:
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


def _of_booking(booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking,
        "event": booking.event,
        "parts": events.held_parts(booking),
        "others": [seat.name for seat in booking.seats if seat.position > 0 and seat.name],
        "link": address("bookings.by_link", token=secrecy.sign("booking", booking.public_id, booking.link_generation)),
        "change_link": address("bookings.change", public_id=booking.public_id),
        "event_link": address(EVENT_PAGES[booking.event.kind], slug=booking.event.slug),
        "join_link": join_link(booking) if booking.event.kind is EventKind.WEBINAR else None,
    }


def join_link(booking: Booking) -> str:
    """The page from which this person joins the webinar."""
    return join_address(ports().settings.base_url, booking.event.slug, booking.public_id, booking.link_generation)


def _open_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if not offers.is_open(read, offer):
        return None
    return {
        "offer": offer,
        "event": offer.event,
        "parts": [part for part in offer.event.parts if part.state is PartState.PLANNED],
        "link": address("offers.offer", token=offers.link_token(offer)),
    }


def _ended_offer(read: Reading, row: Outbox) -> Values | None:
    offer = offers.offer_by_id(read, row.params["offer_id"])
    if offer.state is OfferState.OPEN:
        return None
    contact = address("pages.contact")
    return {"event": offer.event, "contact_link": contact, "reason": row.params.get("reason", "")}


def _decided(read: Reading, row: Outbox) -> Values | None:
    """With the other ways to take part, for whom they are news."""
    values = _of_application(read, row, ApplicationState.SUBMITTED)
    if values is None:
        return None
    return {**values, "visits_link": address("visits.index"), "webinars_link": address("webinars.index")}


def _of_roster(read: Reading, row: Outbox) -> Values | None:
    """Pointless for somebody who has given their place back meanwhile."""
    event = roster.event_of_member(read, event_id=row.params["event_id"], person_id=row.person_id)
    if event is None:
        return None
    link = address(EVENT_PAGES[event.kind], slug=event.slug)
    return {"event": event, "subject": row.params["subject"], "body": row.params["body"], "link": link}


BECAUSE_DECIDED = marked("You get this message because you applied for a place on this course.")
BECAUSE_ON_COURSE = marked("You get this message because you have a place on this course.")
HEADLINES = {
    Wave.PULSE: marked("How was “%(title)s”?"),
    Wave.BASELINE: marked("Before “%(title)s”: a few questions"),
    Wave.END: marked("“%(title)s” is over: how was it?"),
    Wave.MONTHS_3: marked("Three months after “%(title)s”: how is it going?"),
    Wave.MONTHS_6: marked("Six months after “%(title)s”: how is it going?"),
    Wave.MONTHS_12: marked("A year after “%(title)s”: what came of it?"),
}


def _survey(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the answers were sent or are no longer taken."""
    ask, questionnaire, event = surveys.ask_with_event(read, row.params["ask_id"])
    if ask.done_on is not None or ask.closes_at <= read.now:
        return None
    return {
        "ask": ask,
        "headline": _(HEADLINES[ask.wave], title=event.title),
        "introduction": questionnaire.introduction,
        "link": address("surveys.survey", token=surveys.token_of(ask)),
    }


def _invitation(read: Reading, row: Outbox) -> Values | None:
    """Pointless once there is a yes or a no, or nothing can be answered any more."""
    invitation = summits.invitation_by_id(read, row.params["invitation_id"])
    event = invitation.event
    answered = invitation.response in {Answer.YES, Answer.NO}
    stop = summits.stop_for(event, invitation, read.now)
    if answered or event.state is not EventState.PUBLISHED or stop not in {None, summits.Stop.EARLY}:
        return None
    return {
        "invitation": invitation,
        "event": event,
        "until": summits.answers_until(event),
        "link": address("summits.by_link", token=summits.link_token(invitation)),
    }


def _withdrawn_invitation(read: Reading, row: Outbox) -> Values | None:
    values = _ended_booking(read, row)
    return {**values, "contact_link": address("pages.contact")} if values is not None else None


def _cancelled_part(read: Reading, row: Outbox) -> Values | None:
    values = _live_booking(read, row)
    if values is None:
        return None
    token = summits.link_token(summits.invitation_of_booking(read, values["booking"]))
    return {
        **values,
        "part": read.session.get_one(Part, row.params["part_id"]),
        "reason": row.params["reason"],
        "link": address("summits.by_link", token=token),
    }


EXCERPT_MOST = 1_000


def _forum_news(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they stopped following or do not get in any more, or a facilitator hid it."""
    news = forum.news(read, post_id=row.params["post_id"], follow_id=row.params["follow_id"])
    if news is None:
        return None
    where = {"space": news.space_slug, "topic_id": news.topic_id, "slug": news.topic_slug}
    page = forum.page_of(news.number)
    return {
        "news": news,
        "excerpt": news.body if len(news.body) <= EXCERPT_MOST else f"{news.body[:EXCERPT_MOST].rstrip()} …",
        "link": address("forum.topic", **where, page=page if page > 1 else None) + f"#post-{news.number}",
        "unsubscribe_link": address("forum.unsubscribe", token=secrecy.sign(forum.UNFOLLOW, news.follow_id)),
    }


BECAUSE_BOOKED = marked("You get this message because you booked a place, or somebody booked it for you.")
BECAUSE_INVITED = marked("You get this message because the programme invites you personally.")
BECAUSE_CAME = marked("You get this message because you came to an event of the programme, or are on a course.")

BECAUSE_APPLIED = marked("You get this message because you began an application with this address.")

MESSAGES: dict[str, Kind] = {
    "sign_in": Kind(_sign_in, marked("You get this message because somebody typed your address on our sign-in page.")),
    "registration_confirm": Kind(
        _registration, marked("You get this message because somebody typed your address to register for a webinar.")
    ),
    "booking_confirmed": Kind(_live_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_changed": Kind(_live_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_cancelled": Kind(_ended_booking, BECAUSE_BOOKED, "CANCEL"),
    "booking_cancelled_by_staff": Kind(_ended_booking, BECAUSE_BOOKED, "CANCEL"),
    "reminder": Kind(_reminder, BECAUSE_BOOKED),
    "invitation": Kind(_invitation, BECAUSE_INVITED),
    "invitation_reminder": Kind(_invitation, BECAUSE_INVITED),
    "invitation_withdrawn": Kind(_withdrawn_invitation, BECAUSE_INVITED, "CANCEL"),
    "part_cancelled": Kind(_cancelled_part, BECAUSE_BOOKED, "REQUEST"),
    "survey_invitation": Kind(_survey, BECAUSE_CAME),
    "survey_reminder": Kind(_survey, BECAUSE_CAME),
    "offer_made": Kind(_open_offer, BECAUSE_DECIDED),
    "offer_reminder": Kind(_open_offer, BECAUSE_DECIDED),
    "offer_lapsed": Kind(_ended_offer, BECAUSE_DECIDED),
    "offer_withdrawn": Kind(_ended_offer, BECAUSE_DECIDED),
    "application_reserve": Kind(_decided, BECAUSE_DECIDED),
    "application_declined": Kind(_decided, BECAUSE_DECIDED),
    "roster_message": Kind(_of_roster, BECAUSE_ON_COURSE),
    "application_started": Kind(_draft, BECAUSE_APPLIED),
    "application_closing_soon": Kind(_draft_before_the_close, BECAUSE_APPLIED),
    "application_submitted": Kind(_submitted_application, BECAUSE_APPLIED),
    "application_withdrawn": Kind(_withdrawn_application, BECAUSE_APPLIED),
    "course_cancelled": Kind(_of_application, BECAUSE_APPLIED),
    "forum_reply": Kind(_forum_news, marked("You get this message because you follow this topic or wrote in it.")),
    "forum_topic": Kind(_forum_news, marked("You get this message because you follow this space of the forum.")),
}


POLICY = SMTP.clone(max_line_length=998)
"""The longest lines that RFC 5322 allows: the library folds quoted names in places where they fall apart."""

NAME_MOST = 60
"""Characters of a name in the address line; the letter itself shows all of it."""


class Letter(Message):
    """Flask-Mail's message with our own MIME tree: its own loses the calendar's method and names the host."""

    def __init__(self, mime: EmailMessage, recipient: str) -> None:
        super().__init__(subject=str(mime["Subject"]), recipients=[recipient], sender=str(mime["From"]))
        self.msgId = str(mime["Message-ID"])
        self.mime = mime

    def _message(self) -> EmailMessage:  # type: ignore[override]  # the modern class does all that the old one did
        return self.mime

    def as_bytes(self) -> bytes:
        return self.mime.as_bytes(policy=POLICY)

    def as_string(self) -> str:
        return self.mime.as_string(policy=POLICY)


class TimedConnection(Connection):
    """Flask-Mail's connection with a timeout: a silent server must not hold a job for ever."""

    def configure_host(self) -> smtplib.SMTP:
        mail: Mail = self.mail
        host = smtplib.SMTP(mail.server, mail.port, timeout=SMTP_TIMEOUT_SECONDS)
        if mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def is_broken(self) -> bool:
        """Whether the server hung up, as it may after a letter that it did not like."""
        return self.host is None or self.host.sock is None

    def __exit__(self, *error: Any) -> None:  # noqa: PYI036  handed on as Flask-Mail has it
        with suppress(smtplib.SMTPException, OSError):  # there is nothing left to say to a server that hung up
            super().__exit__(*error)


@contextmanager
def connection() -> Iterator[TimedConnection]:
    """One connection to the mail server for a batch of letters."""
    with TimedConnection(current_app.extensions["mail"]) as opened:
        yield opened


def letter(read: Reading, row: Outbox) -> Letter | None:
    """The finished letter of a queued message, or None where it has become pointless.

    Links and codes are made here from signatures, so neither lies in a table.
    """
    kind = MESSAGES[row.template]
    person = read.session.get(Person, row.person_id) if row.person_id is not None else None
    recipient = person.email if person is not None else row.address
    try:
        values = kind.load(read, row)
    except NotFound:
        return None
    if values is None or recipient is None:
        return None
    name = " ".join(person.name.split()) if person is not None else ""
    context = {**values, "name": name, "why": _(kind.why), "now": read.now}
    folder = f"mail/{row.template}"
    mime = EmailMessage()
    mime["Subject"] = " ".join(render_template(f"{folder}/subject.txt", **context).split())
    mime["From"] = ports().settings.mail["MAIL_DEFAULT_SENDER"]
    mime["To"] = Address(_display_name(name), addr_spec=recipient)
    mime["Date"] = format_datetime(read.now)
    mime["Message-ID"] = f"<{row.message_id}@{ports().settings.domain}>"
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Auto-Response-Suppress"] = "All"
    if "unsubscribe_link" in values:  # a button of the mail program ends it (RFC 8058)
        mime["List-Unsubscribe"] = f"<{values['unsubscribe_link']}>"
        mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mime.set_content(render_template(f"{folder}/text.txt", **context), cte="quoted-printable")
    mime.add_alternative(render_template(f"{folder}/html.html", **context), subtype="html", cte="quoted-printable")
    if kind.method is not None:
        occasions = calendars.occasions_of_booking(read, booking_id=values["booking"].id)
        happenings = [own_entry(occasion, ports().settings.base_url) for occasion in occasions]
        _add_calendar(mime, kind.method, happenings, ical.Mailbox(name or recipient, recipient))
    return Letter(mime, recipient)


def _display_name(name: str) -> str:
    """The name for the address line: one short line without control characters, so that it can add no header."""
    plain = "".join(character for character in name if unicodedata.category(character) not in {"Cc", "Zl", "Zp"})
    return plain if len(plain) <= NAME_MOST else f"{plain[: NAME_MOST - 1].rstrip()}…"


def _add_calendar(
    mime: EmailMessage, method: str, happenings: Sequence[ical.Happening], attendee: ical.Mailbox
) -> None:
    """Add the entry as the last alternative, which clients act on, and as a file for those that only look there.

    An invitation names one event (RFC 5546), so a booking of several parts carries a file for each and no inline one.
    """
    streams = [_stream(method, happening, attendee) for happening in happenings]
    if len(streams) == 1:
        used, stream = streams[0]
        params = {"charset": "utf-8", "method": used}  # bytes, because text would lose the line ends of RFC 5545
        mime.add_alternative(stream, maintype="text", subtype="calendar", params=params)
    for number, (_used, stream) in enumerate(streams, start=1):
        name = "invite.ics" if len(streams) == 1 else f"invite-{number}.ics"
        mime.add_attachment(stream, maintype="application", subtype="ics", filename=name)


def _stream(method: str, happening: ical.Happening, attendee: ical.Mailbox) -> tuple[str, bytes]:
    """The method that fits the entry, and its bytes: what is cancelled is never asked for."""
    settings = ports().settings
    used = "CANCEL" if happening.cancelled else method
    make = ical.cancel if used == "CANCEL" else ical.request
    stream = make(
        happening,
        organizer=ical.Mailbox(*parseaddr(settings.mail["MAIL_DEFAULT_SENDER"])),
        attendee=attendee,
        timezone=settings.timezone,
        domain=settings.domain,
        now=ports().clock.now(),
    )
    return used, stream


def address(endpoint: str, **values: Any) -> str:
    """The full address of a page, outside any request."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{ports().settings.base_url}{path}"
