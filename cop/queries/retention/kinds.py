"""The kinds of data that are removed when they have served, each with its time, its limits and the reason for it.

The times are the service's own; admins may choose others within the limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from cop.core.errors import marked
from cop.models.accounts import SignIn
from cop.models.attendance_reports import AttendanceImport, ImportState, ReportedPerson
from cop.models.audit import Audit
from cop.models.cohorts import Application, ApplicationState, Cohort
from cop.models.doors import DoorTry
from cop.models.events import Arrangement, Booking, BookingState, Event, EventState, Part, PartState
from cop.models.files import File
from cop.models.forum_mail import ForumAnswer
from cop.models.members import Relay
from cop.models.merging import AddressChange
from cop.models.offers import Offer, OfferState
from cop.models.outbox import Bounce, Outbox, OutboxState
from cop.models.privacy import Breach, PrivacyRequest, RetentionRun
from cop.models.replies import CalendarReply
from cop.models.security import Device, FactorTry
from cop.models.service import Observation
from cop.models.summits import Substitution, SubstitutionState
from cop.models.tasks import Task
from cop.models.telling import Interest
from cop.models.webinars import Registration
from cop.queries.audit import Read, sensitive
from cop.queries.files import is_used

YEAR = 365
SIX_YEARS = 6 * YEAR + 1
TEN_YEARS = 10 * YEAR + 2

NEEDS_KEPT = timedelta(days=30)
"""After the last part: what each arrangement says of itself is counted with it, and the rule moves that."""

EQUALITY_AT_MOST = timedelta(days=YEAR)
"""However long a course takes, no answer for equality statistics is kept longer after the close of its call."""

Since = ColumnElement[Any] | InstrumentedAttribute[Any]

_SETTLED = (OutboxState.SENT, OutboxState.DEAD, OutboxState.DROPPED)
_PROPOSED = Substitution.state == SubstitutionState.PROPOSED
_REPORT = (AttendanceImport, AttendanceImport.id == ReportedPerson.import_id)


@dataclass(frozen=True)
class Kind:
    """One kind of data. ``key`` is the primary key of its rows, ``found`` those that the rule is about.

    Rows are due once more than so many days have passed since ``since``. ``days`` is the service's own choice,
    ``least`` and ``most`` are the limits of any other; ``why`` is the reason for all three. ``name`` says on pages and
    in reports what goes.
    """

    code: str
    name: str
    days: int
    least: int
    most: int
    why: str
    key: InstrumentedAttribute[Any]
    since: Since
    found: Select[*tuple[Any, ...]]

    def due(self, cutoff: Any) -> Select[*tuple[Any, ...]]:
        """The keys of rows whose time began before ``cutoff``."""
        return self.found.where(self.since < cutoff)


def _kind(
    code: str,
    name: str,
    days: tuple[int, int, int],
    why: str,
    key: InstrumentedAttribute[Any],
    since: Since,
    *where: ColumnElement[bool],
    joins: tuple[tuple[Any, ColumnElement[bool]], ...] = (),
) -> Kind:
    """``days`` are the service's choice, the least and the most."""
    found = select(key)
    for table, on in joins:
        found = found.join(table, on)
    return Kind(code, name, *days, why, key, since, found.where(*where))


_ABUSE = marked("It slows down abuse for a while, and is of no use after that.")
_LAW = marked("Six years: so long somebody can go to court about it (Limitation Act 1980).")

_event = (Event, Event.id == Application.cohort_id)
_cohort = (Cohort, Cohort.event_id == Application.cohort_id)
_has_place = or_(
    exists().where(Offer.application_id == Application.id, Offer.state == OfferState.ACCEPTED),
    exists().where(
        Booking.event_id == Application.cohort_id,
        Booking.person_id == Application.person_id,
        Booking.state == BookingState.LIVE,
    ),
)
_course_ended = (
    select(func.max(Part.ends_at))
    .where(Part.event_id == Cohort.event_id, Part.state == PartState.PLANNED)
    .scalar_subquery()
)

ALL = (
    _kind(
        "drafts",
        marked("Drafts of applications, after the close of the call"),
        (90, 30, YEAR),
        marked("Somebody may want to apply again in the next round. What was never sent is nobody else’s business."),
        Application.id,
        Event.closes_at,
        Application.state == ApplicationState.DRAFT,
        joins=(_event,),
    ),
    _kind(
        "applications",
        marked("Applications without a place, after the decisions: they become nobody’s"),
        (YEAR, 90, SIX_YEARS),
        marked(
            "A year, so that feedback can be given and a decision defended: a claim of discrimination can be brought "
            "for six months (Equality Act 2010). Less than 90 days is too short to ask for a review."
        ),
        Application.id,
        func.coalesce(Cohort.released_at, Event.closes_at),
        Application.anonymised_at.is_(None),
        Application.state != ApplicationState.DRAFT,
        ~_has_place,
        joins=(_cohort, _event),
    ),
    _kind(
        "equality",
        marked("Answers for equality statistics, after the course: courses of which they are forgotten"),
        (30, 1, YEAR),
        marked(
            "They are counted once the course is over, and serve nothing else (Data Protection Act 2018, Schedule 1, "
            "paragraph 8). They are never kept longer than a year after the close of the call."
        ),
        Cohort.event_id,
        func.coalesce(_course_ended, Event.closes_at),
        Cohort.equality_closed_at.is_(None),
        Event.closes_at.is_not(None),
        Event.state != EventState.DRAFT,
        joins=((Event, Event.id == Cohort.event_id),),
    ),
    _kind(
        "needs",
        marked("Access needs, diets and emergency contacts, after the last day of the event"),
        (30, 1, 90),
        marked("Questions and bills are settled within a month. These are special-category data, given for one event."),
        Arrangement.booking_id,
        Arrangement.forget_at - literal(NEEDS_KEPT),
    ),
    _kind(
        "messages",
        marked("The log of messages"),
        (YEAR, 90, SIX_YEARS),
        marked("A year, to answer questions about what was sent when. Follow-ups after a course look back 90 days."),
        Outbox.id,
        Outbox.posted_at,
        Outbox.state.in_(_SETTLED),
    ),
    _kind(
        "bounces",
        marked("Notices that mail came back"),
        (YEAR, 30, SIX_YEARS),
        marked("As long as the log of messages. A notice that still stops mail to an address stays."),
        Bounce.id,
        Bounce.at,
        or_(~Bounce.hard, Bounce.lifted_at.is_not(None)),
    ),
    _kind(
        "calendar-answers",
        marked("Answers from calendars"),
        (YEAR, 30, SIX_YEARS),
        marked("As long as the log of messages: they answer our invitations."),
        CalendarReply.id,
        CalendarReply.came_at,
    ),
    _kind(
        "forum-answers",
        marked("Mails by which somebody answered the forum; their posts stay"),
        (30, 1, YEAR),
        marked("They help to find out what went wrong with a mail. The post is what counts."),
        ForumAnswer.id,
        ForumAnswer.came_at,
    ),
    _kind(
        "letters",
        marked("Letters between members"),
        (90, 30, YEAR),
        marked("They can be reported for as long. A reported letter stays until somebody has looked at it."),
        Relay.id,
        Relay.sent_at,
        ~and_(Relay.reported_at.is_not(None), Relay.handled_at.is_(None)),
    ),
    _kind(
        "report-names",
        marked("Names in attendance reports"),
        (30, 7, YEAR),
        marked("Whoever was there is marked by then. How long each seat was there stays."),
        ReportedPerson.id,
        AttendanceImport.made_at,
        AttendanceImport.state != ImportState.DRAFT,
        or_(ReportedPerson.name.is_not(None), ReportedPerson.email.is_not(None)),
        joins=(_REPORT,),
    ),
    _kind(
        "report-drafts",
        marked("Attendance reports that nobody finished"),
        (30, 7, YEAR),
        marked("They hold names of people who may not take part at all."),
        AttendanceImport.id,
        AttendanceImport.made_at,
        AttendanceImport.state == ImportState.DRAFT,
    ),
    _kind(
        "substitutes",
        marked("Proposed substitutes, after the decision"),
        (30, 1, YEAR),
        marked("Somebody else gave us their name and address."),
        Substitution.id,
        func.coalesce(Substitution.decided_at, Substitution.proposed_at),
        ~_PROPOSED,
    ),
    _kind(
        "substitutes-undecided",
        marked("Proposed substitutes that nobody decided"),
        (YEAR, 30, YEAR),
        marked("By then the summit is over."),
        Substitution.id,
        Substitution.proposed_at,
        _PROPOSED,
    ),
    _kind(
        "interest",
        marked("Wishes to hear of the next round that nobody confirmed"),
        (2, 2, 30),
        marked("The link in the mail works for a day. Without it nobody has agreed to anything."),
        Interest.id,
        Interest.asked_at,
        Interest.person_id.is_(None),
    ),
    _kind(
        "registrations",
        marked("Requests to register for webinars, after their link; the places stay"),
        (1, 1, 30),
        marked("The place is booked by then, or the link was never used."),
        Registration.id,
        Registration.expires_at,
    ),
    _kind(
        "sign-ins",
        marked("Requests to sign in"),
        (1, 1, 30),
        _ABUSE,
        SignIn.id,
        SignIn.asked_at,
    ),
    _kind("door-tries", marked("Attempts to check in by e-mail address"), (1, 1, 30), _ABUSE, DoorTry.id, DoorTry.at),
    _kind("factor-tries", marked("Attempts at a second factor"), (1, 1, 30), _ABUSE, FactorTry.id, FactorTry.at),
    _kind(
        "request-networks",
        marked("Scrambled addresses from which somebody complained"),
        (1, 1, 30),
        _ABUSE,
        PrivacyRequest.id,
        PrivacyRequest.received_at,
        PrivacyRequest.asked_from.is_not(None),
    ),
    _kind(
        "devices",
        marked("Browsers with which somebody was signed in, since they were last seen"),
        (YEAR, 90, 2 * YEAR),
        marked("People look there for a sign-in that was not theirs. A browser that is still signed in was seen."),
        Device.id,
        Device.seen_at,
    ),
    _kind(
        "address-changes",
        marked("Changes of e-mail address, after their link"),
        (30, 1, YEAR),
        marked("The owner of the address before can ask about it for a while."),
        AddressChange.id,
        AddressChange.expires_at,
    ),
    _kind(
        "looks",
        marked("Who looked at, joined or downloaded something: the person is taken out, the count stays"),
        (2 * YEAR, YEAR, SIX_YEARS),
        marked(
            "Two years, for the figures of a programme and its follow-up. A summit looks back a year at what was taken."
        ),
        Observation.id,
        Observation.at,
        Observation.person_id.is_not(None),
        ~sensitive(*Read),
    ),
    _kind(
        "task-files",
        marked("Files that long work made"),
        (1, 1, 30),
        marked("Whoever asked has taken them by then. They can be made again."),
        Task.id,
        Task.ended_at,
        Task.sha256.is_not(None),
    ),
    _kind(
        "tasks",
        marked("Long work that somebody asked for"),
        (28, 7, YEAR),
        marked("The list of tasks reaches back four weeks."),
        Task.id,
        Task.ended_at,
        Task.sha256.is_(None),
    ),
    _kind(
        "files",
        marked("Files that nothing points to any more"),
        (1, 1, 30),
        marked("A day, because somebody may be about to hand in a form with them."),
        File.sha256,
        File.made_at,
        ~is_used(),
    ),
    _kind(
        "requests",
        marked("Requests under data protection law, after they were closed"),
        (3 * YEAR, YEAR, SIX_YEARS),
        marked("Three years, to show the Information Commissioner’s Office how somebody was answered."),
        PrivacyRequest.id,
        PrivacyRequest.closed_at,
        PrivacyRequest.closed_at.is_not(None),
    ),
    _kind(
        "breaches",
        marked("The breach log, after it was closed"),
        (SIX_YEARS, 3 * YEAR, TEN_YEARS),
        _LAW,
        Breach.id,
        Breach.closed_at,
        Breach.closed_at.is_not(None),
    ),
    _kind(
        "audit",
        marked("The audit: who changed what"),
        (SIX_YEARS, YEAR, TEN_YEARS),
        _LAW,
        Audit.id,
        Audit.at,
    ),
    _kind(
        "reads",
        marked("Who looked at what is sensitive"),
        (SIX_YEARS, YEAR, TEN_YEARS),
        _LAW,
        Observation.id,
        Observation.at,
        sensitive(*Read),
    ),
    _kind(
        "nights",
        marked("This log of what was removed"),
        (SIX_YEARS, YEAR, TEN_YEARS),
        _LAW,
        RetentionRun.id,
        RetentionRun.at,
    ),
)

KINDS: Mapping[str, Kind] = {kind.code: kind for kind in ALL}
