"""Which changes the audit records, of which tables, and why not of the others.

Every column of an audited table counts, a new one too, unless it stands in :data:`SILENT` or among the ``silent`` of
its table. The values of encrypted columns are never recorded: only that they changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper

from cop.models.accounts import Account, Affiliation, Person, RoleGrant, SignIn
from cop.models.adoption import SelfRating, Story, StoryLink
from cop.models.attendance_reports import AttendanceImport, ReportedInterval, ReportedPerson
from cop.models.audit import Audit, PersonKey
from cop.models.base import Base, Encrypted
from cop.models.cohorts import (
    Application,
    Assignment,
    Cohort,
    Conflict,
    Decision,
    Endorsement,
    EqualityAnswer,
    EqualityCount,
    Moderation,
    Reconsideration,
    Redaction,
    Review,
    Selection,
)
from cop.models.commitments import Commitment, CommitmentCheck
from cop.models.community import ForumMonth
from cop.models.doors import DoorCode, DoorPress, DoorTry
from cop.models.events import Arrangement, Booking, Claim, DayLimit, Entry, Event, Mark, Part, Seat
from cop.models.evidence import AnswerCode, FunderReport, Indicator, IndicatorValue, KeptFigures, Quotation
from cop.models.files import EventFile, File, FileContent
from cop.models.forum import (
    Follow,
    ForumAct,
    Mention,
    Post,
    PostFile,
    PostVersion,
    Proposal,
    Reaction,
    Report,
    RulesAccepted,
    Space,
    SpaceSeen,
    Topic,
    TopicLink,
    TopicTag,
)
from cop.models.forum_mail import ForumAnswer, ForumMail
from cop.models.members import Profile, ProfileTag, Relay
from cop.models.merging import AddressChange, Merge
from cop.models.offers import Offer
from cop.models.organisations import Organisation, OrganisationDomain, OrganisationSuccession
from cop.models.outbox import Bounce, Outbox, Preference
from cop.models.privacy import (
    Breach,
    Erasure,
    Notice,
    PrivacyRequest,
    Processing,
    RequestStep,
    RetentionRule,
    RetentionRun,
)
from cop.models.programmes import Programme, Series
from cop.models.replies import CalendarReply
from cop.models.rosters import AttendanceRecord, RosterNote, Subgroup, SubgroupMember
from cop.models.search import SearchWord
from cop.models.seating import Place, SeatingPlan, SeatingRule, TableNote
from cop.models.security import (
    ApiToken,
    Authenticator,
    Device,
    ExternalIdentity,
    FactorTry,
    IdentityProvider,
    Passkey,
    RecoveryCode,
)
from cop.models.service import Observation, Setting
from cop.models.statement import KnownIssue, StatementReview
from cop.models.summits import Invitation, Outcome, Substitution
from cop.models.surveys import AnonymousResponse, Ask, Questionnaire, QuestionnaireDraft, Response
from cop.models.tags import Tag
from cop.models.tasks import JobRun, Task
from cop.models.telling import Announcement, Consent, Interest, MessageRule
from cop.models.toolkit import (
    Collection,
    CollectionResource,
    RecentLook,
    Resource,
    ResourceItem,
    ResourceTag,
    ResourceTaken,
    ResourceUse,
    ResourceVersion,
    Usefulness,
)
from cop.models.visits import Blackout, SlotHost
from cop.models.waiting import Waiting, WaitingPart
from cop.models.webinars import AdvanceQuestion, EventLink, Registration, Speaker

Row = Mapping[str, Any]

COUNTERS = frozenset(
    {
        "calendar_generation",
        "choice_revision",
        "generation",
        "last_post_at",
        "link_generation",
        "number",
        "position",
        "posts",
        "revision",
        "seats_taken",
        "sequence",
    }
)
WHO_AND_WHEN = frozenset(
    {
        "added_at",
        "added_by",
        "answered_at",
        "asked_at",
        "asked_by",
        "booked_at",
        "by_person_id",
        "cancelled_at",
        "changed_at",
        "created_at",
        "decided_at",
        "decided_by",
        "edited_at",
        "ended_at",
        "granted_at",
        "granted_by",
        "handled_at",
        "handled_by",
        "hidden_by",
        "invited_at",
        "invited_by",
        "joined_at",
        "made_at",
        "merged_at",
        "merged_by",
        "offered_at",
        "offered_by",
        "saved_at",
        "started_at",
        "submitted_at",
        "undone_by",
    }
)
NAMES_OF_ROWS = frozenset({"id", "uid", "public_id", "pseudonym_key"})
SILENT = COUNTERS | WHO_AND_WHEN | NAMES_OF_ROWS
"""Columns that are recorded nowhere: what counts along, what the line of the audit says itself, and keys."""


@dataclass(frozen=True)
class Through:
    """The row of ``model`` that the column ``by`` names tells where another belongs; ``brings`` are columns of it."""

    model: type[Base]
    by: str
    brings: tuple[str, ...]


@dataclass(frozen=True)
class Audited:
    """How the changes of one table are recorded.

    ``of`` says in whose history they stand, as a kind and an id; without it, in the row's own. ``about`` is the
    column that names the person under whose key the values lie. ``names`` are columns that tell one row of a subject
    from another. ``made`` is whether making a row is recorded at all.
    """

    model: type[Base]
    kind: str
    of: Callable[[Row], tuple[str, Any]] | None = None
    through: Through | None = None
    about: str | None = None
    names: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    made: bool = True

    @cached_property
    def mapper(self) -> Mapper[Any]:
        return inspect(self.model)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The names of the primary key's columns."""
        return tuple(self.mapper.get_property_by_column(column).key for column in self.mapper.primary_key)

    @cached_property
    def everything(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.mapper.column_attrs)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns whose changes are recorded."""
        return tuple(name for name in self.everything if name not in {*self.keys, *SILENT, *self.silent})

    @cached_property
    def sealed(self) -> frozenset[str]:
        """The columns of which it is recorded that they changed, and never what they say."""
        kept = (name for name in self.columns if isinstance(self.mapper.columns[name].type, Encrypted))
        return self.unsaid | frozenset(kept)

    def identity(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.keys)

    def subject(self, row: Row) -> tuple[str, Any]:
        return self.of(row) if self.of else (self.kind, row[self.keys[0]])


def of(kind: str, column: str) -> Callable[[Row], tuple[str, Any]]:
    return lambda row: (kind, row[column])


def _place_of_blackout(row: Row) -> tuple[str, Any]:
    return ("event", row["event_id"]) if row["event_id"] else ("programme", row["programme_id"])


def _kept_of_merge(row: Row) -> tuple[str, Any]:
    return str(row["kind"]), row["kept_id"]


OF_EVENT = of("event", "event_id")
EVENT_ID = frozenset({"event_id"})
OF_APPLICATION = of("application", "application_id")
APPLICANT = Through(Application, "application_id", ("person_id",))
STANDING = frozenset({"person_id", "source", "organisation_id", "sector", "membership", "newer_member"})
"""Who somebody was on the day that they booked or applied: it is written once."""

AUDITED: Sequence[Audited] = (
    Audited(Programme, "programme"),
    Audited(Series, "series", silent=frozenset({"programme_id"})),
    Audited(Event, "event", silent=frozenset({"programme_id", "kind"})),
    Audited(DayLimit, "day", OF_EVENT, names=("on_date",), silent=EVENT_ID),
    Audited(Part, "part", OF_EVENT, names=("title", "starts_at"), silent=EVENT_ID | {"day_limit_id", "kind"}),
    Audited(Cohort, "course", OF_EVENT),
    Audited(Speaker, "speaker", OF_EVENT, names=("name",), silent=EVENT_ID, unsaid=frozenset({"email", "photo"})),
    Audited(EventLink, "link", OF_EVENT, names=("title",), silent=EVENT_ID),
    Audited(EventFile, "file", OF_EVENT, names=("title",), silent=EVENT_ID | {"sha256"}),
    Audited(
        Blackout,
        "blackout",
        _place_of_blackout,
        names=("first_on", "last_on"),
        silent=EVENT_ID | {"programme_id"},
    ),
    Audited(
        SlotHost,
        "host",
        OF_EVENT,
        through=Through(Part, "part_id", ("event_id",)),
        about="person_id",
        names=("person_id", "part_id"),
    ),
    Audited(Booking, "booking", about="person_id", silent=STANDING | EVENT_ID),
    Audited(
        Entry,
        "date",
        of("booking", "booking_id"),
        through=Through(Booking, "booking_id", ("person_id",)),
        about="person_id",
        silent=frozenset({"booking_id", "status"}),
        made=False,
    ),
    Audited(Waiting, "waiting", about="person_id", silent=STANDING | EVENT_ID),
    Audited(
        Offer, "offer", about="person_id", silent=frozenset({"event_id", "person_id", "application_id", "waiting_id"})
    ),
    Audited(Invitation, "invitation", about="person_id", silent=EVENT_ID | {"person_id", "reminded_at"}),
    Audited(Outcome, "outcome", OF_EVENT, names=("title",), silent=EVENT_ID),
    Audited(SeatingPlan, "seating plan", OF_EVENT, silent=EVENT_ID),
    Audited(DoorCode, "door code", OF_EVENT, names=("part_id",), silent=EVENT_ID | {"code"}),
    Audited(AttendanceImport, "attendance import", OF_EVENT, names=("filename",), silent=EVENT_ID | {"sha256"}),
    Audited(Person, "person", about="id"),
    Audited(Affiliation, "affiliation", of("person", "person_id"), about="person_id", silent=frozenset({"person_id"})),
    Audited(
        RoleGrant,
        "role",
        of("person", "person_id"),
        about="person_id",
        names=("role", "programme_id", "event_id", "organisation_id"),
        silent=frozenset({"person_id"}),
    ),
    Audited(Preference, "preference", of("person", "person_id"), about="person_id", names=("topic",)),
    Audited(
        Merge, "merge", _kept_of_merge, names=("gone_id",), silent=frozenset({"kind", "kept_id", "moved", "before"})
    ),
    Audited(Organisation, "organisation"),
    Audited(
        OrganisationDomain,
        "domain",
        of("organisation", "organisation_id"),
        names=("domain",),
    ),
    Audited(
        OrganisationSuccession,
        "succession",
        of("organisation", "predecessor_id"),
        names=("successor_id", "on_date"),
    ),
    Audited(
        Application,
        "application",
        about="person_id",
        silent=STANDING | {"cohort_id", "response_id", "withdrawn_at", "region", "equality_key"},
    ),
    Audited(
        Endorsement,
        "endorsement",
        OF_APPLICATION,
        through=APPLICANT,
        about="person_id",
        names=("kind",),
        silent=frozenset({"application_id", "words"}),
    ),
    Audited(
        Assignment,
        "assignment",
        OF_APPLICATION,
        through=APPLICANT,
        about="person_id",
        names=("reviewer_id",),
        silent=frozenset({"assigned_at"}),
    ),
    Audited(
        Redaction, "redaction", OF_APPLICATION, through=APPLICANT, about="person_id", unsaid=frozenset({"answers"})
    ),
    Audited(
        Reconsideration,
        "reconsideration",
        OF_APPLICATION,
        through=APPLICANT,
        about="person_id",
        silent=frozenset({"words", "answered_by"}),
        unsaid=frozenset({"answer"}),
    ),
    Audited(
        Commitment,
        "commitment",
        about="person_id",
        silent=frozenset({"kind", "person_id", "organisation_id", "source_kind", "source_id"}),
    ),
    Audited(Subgroup, "subgroup", OF_EVENT, names=("name",), silent=EVENT_ID),
    Audited(
        SubgroupMember,
        "subgroup member",
        OF_EVENT,
        about="person_id",
        names=("person_id",),
        silent=EVENT_ID,
    ),
    Audited(
        Decision,
        "decision",
        OF_APPLICATION,
        through=APPLICANT,
        about="person_id",
        silent=frozenset({"feedback_read_at"}),
        unsaid=frozenset({"feedback"}),
    ),
    Audited(
        Review,
        "review",
        OF_APPLICATION,
        through=APPLICANT,
        about="person_id",
        silent=frozenset({"application_id", "reviewer_id", "scores", "comment"}),
        unsaid=frozenset({"total"}),
        made=False,
    ),
    Audited(Questionnaire, "questionnaire", silent=frozenset({"code", "version"})),
    Audited(MessageRule, "rule", OF_EVENT, names=("subject",), silent=EVENT_ID),
    Audited(Announcement, "announcement", silent=frozenset({"programme_id", "stage_at"})),
    Audited(Space, "space", silent=frozenset({"programme_id", "cohort_id", "subgroup_id"})),
    Audited(Topic, "topic", about="author_id", silent=frozenset({"space_id", "author_id", "words"}), made=False),
    Audited(
        Post,
        "post",
        of("topic", "topic_id"),
        about="author_id",
        names=("number",),
        silent=frozenset({"topic_id", "author_id", "body", "html", "words", "helped", "me_too"}),
        made=False,
    ),
    Audited(
        Report,
        "report",
        of("topic", "topic_id"),
        through=Through(Post, "post_id", ("topic_id", "author_id", "number")),
        about="author_id",
        names=("number",),
        silent=frozenset({"post_id", "reporter_id", "reason"}),
        made=False,
    ),
    Audited(Proposal, "proposal", of("topic", "topic_id"), made=False),
    Audited(Tag, "tag", silent=frozenset({"kind"})),
    Audited(Resource, "resource", silent=frozenset({"programme_id", "reminded_on"})),
    Audited(
        ResourceVersion,
        "version",
        of("resource", "resource_id"),
        names=("number",),
        silent=frozenset({"resource_id", "published_by"}),
    ),
    Audited(
        ResourceItem,
        "item",
        of("resource", "resource_id"),
        through=Through(ResourceVersion, "version_id", ("resource_id",)),
        names=("title",),
        silent=frozenset({"version_id", "sha256", "html", "failures", "checked_at"}),
    ),
    Audited(Collection, "collection", silent=frozenset({"programme_id"})),
    Audited(
        SelfRating,
        "rating",
        silent=frozenset({"organisation_id", "programme_id", "wave", "answers", "begun_at"}),
        made=False,
    ),
    Audited(
        Story,
        "story",
        about="person_id",
        silent=frozenset(
            {"programme_id", "person_id", "organisation_id", "activity", "insight", "application", "result", "change"}
            | {"begun_at"}
        ),
        made=False,
    ),
    Audited(Indicator, "indicator", silent=frozenset({"programme_id"})),
    Audited(
        IndicatorValue,
        "value",
        of("indicator", "indicator_id"),
        names=("on_date",),
        silent=frozenset({"indicator_id", "recorded_at", "recorded_by"}),
        made=False,
    ),
    Audited(
        FunderReport,
        "funder report",
        of("programme", "programme_id"),
        names=("title",),
        silent=frozenset({"programme_id", "content", "words", "made_by"}),
    ),
    Audited(
        PrivacyRequest,
        "request",
        about="person_id",
        silent=frozenset(
            {"kind", "person_id", "came_by", "asked_from", "asked_as", "received_at", "entered_by"}
            | {"acknowledged_at", "closed_at"}
        ),
    ),
    Audited(RetentionRule, "retention rule", silent=frozenset({"kind", "changed_by"})),
    Audited(Breach, "breach", silent=frozenset({"made_by"})),
    Audited(Processing, "processing", silent=frozenset({"code"})),
    Audited(
        Passkey,
        "passkey",
        of("person", "person_id"),
        about="person_id",
        names=("name",),
        silent=frozenset({"person_id", "credential_id", "public_key", "sign_count", "transports", "used_at"}),
    ),
    Audited(
        Authenticator,
        "authenticator",
        of("person", "person_id"),
        about="person_id",
        silent=frozenset({"begun_at", "last_step", "used_at"}),
    ),
    Audited(IdentityProvider, "identity provider", of("organisation", "organisation_id"), names=("name",)),
    Audited(
        ExternalIdentity,
        "identity",
        of("person", "person_id"),
        about="person_id",
        names=("provider_id",),
        silent=frozenset({"person_id", "subject", "linked_at"}),
    ),
    Audited(
        ApiToken,
        "token",
        of("person", "person_id"),
        about="person_id",
        names=("name",),
        silent=frozenset({"person_id", "digest", "used_at", "calls_at", "calls"}),
    ),
    Audited(KnownIssue, "known issue", silent=frozenset({"made_by"})),
    Audited(StatementReview, "accessibility statement"),
)

_CHOICES_OF_ONESELF = "somebody's own choice, which stands with its instant in the row"
_OWN_HISTORY = "rows are only ever added, and say themselves who and when"
_FOLLOWS_BOOKING = "follows from the booking, which is recorded"
_WORK_OF_THE_SERVICE = "what the service notes while it works"

NOT_AUDITED: Mapping[type[Base], str] = {
    Account: "says when an address was confirmed, by its owner alone",
    SignIn: "requests that go after a day",
    Registration: "requests that go after a day; what comes of them is recorded",
    Arrangement: "health data that goes after the event, and is not to outlive it here",
    Seat: "names of guests, which nobody should find again after they were taken out",
    Claim: _FOLLOWS_BOOKING,
    WaitingPart: "written once, with the place on the waiting list",
    Mark: _OWN_HISTORY + "; a correction keeps what it corrects",
    ReportedPerson: "rows of a report; the import is recorded, and marks keep their own history",
    ReportedInterval: "rows of a report",
    DoorPress: _OWN_HISTORY,
    DoorTry: "attempts, counted by network for a day",
    CalendarReply: _OWN_HISTORY + "; what came of it is recorded with the booking",
    Substitution: _OWN_HISTORY,
    AdvanceQuestion: "somebody's own words, which say when staff took them",
    Place: "follows from the seating plan, which is recorded",
    SeatingRule: "says of two people that they should not meet, which nobody should find again after it is gone",
    TableNote: "notes of a room, which say who wrote them last",
    Conflict: _OWN_HISTORY,
    Moderation: _OWN_HISTORY,
    Selection: _OWN_HISTORY + ", each with the hash of the one before",
    EqualityAnswer: "answers that lead to nobody",
    EqualityCount: "counted by the service",
    CommitmentCheck: _OWN_HISTORY,
    RosterNote: "notes of staff about somebody, which may say things that nobody should find again after they are gone",
    AttendanceRecord: "follows from the marks, which keep their own history",
    Ask: "whom the service asked, and on which day they answered",
    QuestionnaireDraft: "nobody is asked it; what is published is recorded",
    AnonymousResponse: "answers of nobody",
    Interest: _CHOICES_OF_ONESELF,
    Consent: _OWN_HISTORY,
    Response: "answers belong to those who give them",
    PostVersion: _OWN_HISTORY,
    Follow: _CHOICES_OF_ONESELF,
    RulesAccepted: _CHOICES_OF_ONESELF,
    Reaction: _CHOICES_OF_ONESELF,
    SpaceSeen: _CHOICES_OF_ONESELF,
    ForumAct: "the log of what facilitators did, which says itself who and when",
    ForumMail: _CHOICES_OF_ONESELF,
    Profile: _CHOICES_OF_ONESELF,
    ProfileTag: _CHOICES_OF_ONESELF,
    ResourceTaken: _CHOICES_OF_ONESELF,
    ResourceUse: _CHOICES_OF_ONESELF,
    Usefulness: _CHOICES_OF_ONESELF,
    Mention: "follows from the post, which keeps its versions",
    PostFile: "follows from the post, which keeps its versions",
    TopicTag: "words that sort a topic",
    TopicLink: "what a topic is about",
    ResourceTag: "words that sort a resource",
    CollectionResource: "the order of a collection, which is recorded",
    StoryLink: "what a story came from",
    Relay: "letters between two people, which are nobody else's",
    ForumAnswer: _OWN_HISTORY,
    ForumMonth: "counted by the service",
    KeptFigures: "counted by the service",
    SearchWord: "counted by the service",
    RecentLook: "hashes that are gone within minutes",
    AnswerCode: _OWN_HISTORY,
    Quotation: "says who picked it and when",
    Notice: _OWN_HISTORY,
    RequestStep: _OWN_HISTORY,
    Erasure: _OWN_HISTORY,
    RetentionRun: _OWN_HISTORY,
    RecoveryCode: "digests that say when they were made and used",
    FactorTry: "attempts, counted for a while",
    Device: _CHOICES_OF_ONESELF,
    File: "bytes that are known by their content; where they are shown is recorded",
    FileContent: "bytes that are known by their content",
    AddressChange: "a request that says who asked and when; the new address is recorded with the person",
    Outbox: "the log of messages",
    Bounce: "says who lifted it and when",
    Setting: "set by commands of operators",
    Observation: "the log of what was read",
    Task: _WORK_OF_THE_SERVICE,
    JobRun: _WORK_OF_THE_SERVICE,
    Audit: "the audit itself",
    PersonKey: "keys of the audit",
}
"""Tables that are not audited, each with the reason."""

BY_MODEL: Mapping[type[Base], Audited] = {item.model: item for item in AUDITED}

OWN_KINDS: Sequence[str] = tuple(item.kind for item in AUDITED if item.of is None)
"""What has a history of its own; everything else stands in the history of one of these."""
