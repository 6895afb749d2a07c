"""Reads of the audit: who changed what, and who looked at what is sensitive. For admins of the whole service alone:
applicants' decisions and scores stand in it, which reviewers and chairs must not find here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from cop.core import place, secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import PERSON_WORDS, Person
from cop.models.adoption import SelfRating, Story
from cop.models.audit import Audit, PersonKey
from cop.models.audited import AUDITED, OWN_KINDS, Audited
from cop.models.base import UtcDateTime
from cop.models.cohorts import Application
from cop.models.commitments import Commitment
from cop.models.events import Booking, Event, Part
from cop.models.evidence import Indicator
from cop.models.forum import Space, Topic
from cop.models.offers import Offer
from cop.models.organisations import Organisation
from cop.models.privacy import Breach, PrivacyRequest, Processing, RetentionRule
from cop.models.programmes import Programme, Series
from cop.models.service import Observation
from cop.models.statement import KnownIssue, StatementReview
from cop.models.summits import Invitation
from cop.models.surveys import Questionnaire
from cop.models.tags import Tag
from cop.models.tasks import Task
from cop.models.telling import Announcement
from cop.models.toolkit import Collection, Resource
from cop.models.waiting import Waiting
from cop.queries import plans, pledges
from cop.queries.cohorts.panel import hidden_because
from cop.queries.search import matching

KINDS: Mapping[str, Audited] = {item.kind: item for item in AUDITED}

POINTS_TO: Mapping[str, str] = {
    "series_id": "series",
    "programme_id": "programme",
    "event_id": "event",
    "online_event_id": "event",
    "instead_event_id": "event",
    "organisation_id": "organisation",
    "predecessor_id": "organisation",
    "successor_id": "organisation",
    "person_id": "person",
    "part_id": "part",
    "questionnaire_id": "questionnaire",
    "handler_id": "person",
}
"""Columns that hold the number of another record, which is shown by its name."""

ITS_LIKE = frozenset({"merged_into", "gone_id"})
"""Columns that hold the number of another record of the same kind."""


class Read(StrEnum):
    """What is noted when somebody opens or takes away what is sensitive."""

    ACCESS_NEEDS = "access needs read"
    DIETS = "diets read"
    ROSTER = "roster exported"
    DOOR_LIST = "door list exported"
    TABLES = "tables exported"
    ATTENDANCE = "attendance exported"
    BOOKINGS = "bookings exported"
    APPLICATIONS = "applications exported"
    SURVEYS = "surveys exported"
    FORUM = "forum exported"
    TOOLKIT = "toolkit exported"
    INDICATORS = "indicators exported"
    EVALUATION_PACK = "evaluation pack exported"
    ATTENDANCE_BY_API = "attendance read by token"
    BOOKINGS_BY_API = "bookings read by token"
    SURVEYS_BY_API = "surveys read by token"
    FORUM_BY_API = "forum read by token"
    PEOPLE_BEHIND_FIGURES = "people behind figures read"
    LETTER = "letter read"
    PERSON = "person read"
    APPLICATION = "application read"
    BADGES = "badges exported"
    SIGN_IN_SHEETS = "sign-in sheets exported"
    REQUEST = "request read"
    BREACHES = "breach log exported"
    TASK = "downloaded"


def sensitive(*kinds: Read) -> ColumnElement[bool]:
    """Whether an observation is of one of these kinds. Of downloads, those count that long work made for somebody."""
    return Observation.kind.in_(kinds) & ((Observation.kind != Read.TASK) | (Observation.subject_kind == "task"))


@dataclass(frozen=True)
class Difference:
    """How one column changed; ``known_before`` is False where only the end is known."""

    name: str
    before: Any
    after: Any
    known_before: bool = True


@dataclass(frozen=True)
class Line:
    """One change. ``part`` is what changed where that only belongs to the subject, ``which`` tells which of them.

    ``kept_back`` are the columns that changed and whose values are kept nowhere; ``forgotten`` tells that the key of
    the person was, and with it all values.
    """

    id: int
    at: datetime
    actor: str | None
    actor_id: str | None
    via: str
    action: str
    part: str | None
    kind: str
    subject_id: int
    reason: str
    name: str | None = None
    of: str | None = None
    which: Sequence[Any] = ()
    differences: Sequence[Difference] = ()
    kept_back: Sequence[str] = ()
    forgotten: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to: who acted, what kind of record, which of them by its name, and the day."""

    who: str = ""
    kind: str | None = None
    what: str = ""
    on: date | None = None


@dataclass(frozen=True)
class History:
    kind: str
    subject_id: int
    name: str | None
    of: str | None
    lines: Sequence[Line] = field(default_factory=list)


def listed(read: Reading, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> Sequence[Line]:
    """The newest changes, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    found = _changes(read, before, limit)
    if wanted.who:
        found = found.where(Audit.actor_id.in_(_people(wanted.who)))
    if wanted.kind:
        found = found.where(Audit.subject_kind == wanted.kind)
    if wanted.what:
        found = found.where(_named(wanted.what))
    if wanted.on:
        found = found.where(*_within(Audit.at, wanted.on))
    return _lines(read, found)[0]


def history(read: Reading, kind: str, subject_id: int, *, before: int | None = None, limit: int = 50) -> History:
    """What was changed of one record, the newest first; of a person, whatever is about them.

    What was merged into it brings its own history along. ``limit`` + 1 lines. NotFound where there is no such record
    and never was, and for an application that the actor has a conflict with.
    """
    _only_admins(read)
    if kind not in OWN_KINDS:
        raise NotFound
    if kind == "application" and not _may_see_application(read, subject_id):
        raise NotFound
    found = _changes(read, before, limit)
    ids = [subject_id, *_doubles(read, kind, subject_id)]
    if kind == "person":
        found = found.where(Audit.about_person_id.in_(ids))
    else:
        found = found.where(Audit.subject_kind == kind, Audit.subject_id.in_(map(str, ids)))
    lines, names = _lines(read, found, also=(kind, subject_id))
    if (kind, subject_id) not in names and not lines:
        raise NotFound
    name, of = names.get((kind, subject_id), (None, None))
    return History(kind, subject_id, name, of, lines)


def _may_see_application(read: Reading, application_id: int) -> bool:
    kept_from = select(Application.id).where(Application.id == application_id, hidden_because().is_not(None))
    return read.session.scalar(kept_from, {"panellist": read.actor.person_id}) is None


def _doubles(read: Reading, kind: str, subject_id: int) -> Sequence[int]:
    """Records that were merged into this one."""
    if kind == "person":
        return read.session.scalars(select(Person.id).where(Person.merged_into == subject_id)).all()
    if kind == "organisation":
        return read.session.scalars(select(Organisation.id).where(Organisation.merged_into == subject_id)).all()
    return ()


@dataclass(frozen=True)
class Looked:
    """Somebody looked at, or took away, what is sensitive."""

    id: int
    at: datetime
    person: str | None
    person_id: str | None
    kind: str
    subject: str | None


def reads(read: Reading, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> Sequence[Looked]:
    """Who looked at what is sensitive, the newest first, ``limit`` + 1 of them; ``before`` continues below that id."""
    _only_admins(read)
    kinds = [kind for kind in Read if wanted.kind in (None, kind)]
    newest = union_all(*(_observed(kind, wanted, before, limit) for kind in kinds)).subquery()
    event, programme, about = aliased(Event), aliased(Programme), aliased(Person)
    rows = read.session.execute(
        select(
            newest.c.id,
            newest.c.at,
            Person.name,
            Person.public_id,
            newest.c.kind,
            func.coalesce(event.title, programme.name, Task.kind, about.name),
        )
        .outerjoin(Person, Person.id == newest.c.person_id)
        .outerjoin(event, (newest.c.subject_kind == "event") & (event.id == newest.c.subject_id))
        .outerjoin(programme, (newest.c.subject_kind == "programme") & (programme.id == newest.c.subject_id))
        .outerjoin(Task, (newest.c.subject_kind == "task") & (Task.id == newest.c.subject_id))
        .outerjoin(about, (newest.c.subject_kind == "person") & (about.id == newest.c.subject_id))
        .order_by(newest.c.id.desc())
        .limit(limit + 1)
    )
    return [Looked(*row) for row in rows]


def _observed(kind: Read, wanted: Wanted, before: int | None, limit: int) -> Select[Any]:
    """The newest of one kind, found by the index of kinds; a list of several is cut from these."""
    found = select(Observation).where(sensitive(kind)).order_by(Observation.id.desc()).limit(limit + 1)
    if wanted.who:
        found = found.where(Observation.person_id.in_(_people(wanted.who)))
    if wanted.on:
        found = found.where(*_within(Observation.at, wanted.on))
    if before is not None:
        found = found.where(Observation.id < before)
    return select(found.subquery())


def _within(column: InstrumentedAttribute[datetime], on: date) -> tuple[Any, Any]:
    """That the instant falls on this day, by the clock on the wall."""
    begins, ends = (place.instant_on(day, time()) for day in (on, on + timedelta(days=1)))
    return column >= begins, column < ends


def _people(words: str) -> Select[int]:
    return select(Person.id).where(matching(Person.id, PERSON_WORDS, words))


def _named(words: str) -> Any:
    """Changes of events and organisations whose names hold these words, and about people who are called so."""
    events = select(cast(Event.id, Text)).where(Event.title.icontains(words, autoescape=True))
    organisations = select(cast(Organisation.id, Text)).where(Organisation.name.icontains(words, autoescape=True))
    return or_(
        (Audit.subject_kind == "event") & Audit.subject_id.in_(events),
        (Audit.subject_kind == "organisation") & Audit.subject_id.in_(organisations),
        Audit.about_person_id.in_(_people(words)),
    )


Changes = Select[Audit, str, str, str | None]
"""Rows with the name and the word of who acted, and the key to their values."""


def _changes(read: Reading, before: int | None, limit: int) -> Changes:
    """The newest changes, without those of applications that the actor may not see as one of the panel."""
    number = cast(case((Audit.subject_kind == "application", Audit.subject_id)), BigInteger)
    kept_from = exists().where(Application.id == number, hidden_because().is_not(None)).correlate(Audit)
    found = (
        select(Audit, Person.name, Person.public_id, PersonKey.key)
        .outerjoin(Person, Person.id == Audit.actor_id)
        .outerjoin(PersonKey, PersonKey.person_id == Audit.about_person_id)
        .where(~kept_from)
        .order_by(Audit.id.desc())
        .limit(limit + 1)
        .params(panellist=read.actor.person_id)
    )
    return found if before is None else found.where(Audit.id < before)


Names = Mapping[tuple[str, int], tuple[str, str | None]]
"""By kind and number, what a record is called now, and for what it was made, if for something."""


def _lines(read: Reading, found: Changes, also: tuple[str, int] | None = None) -> tuple[Sequence[Line], Names]:
    rows = read.session.execute(found).all()
    said = [_said(audit, key) for audit, _name, _public_id, key in rows]
    wanted = {also} if also else set()
    for (audit, *_), values in zip(rows, said, strict=True):
        wanted.add((audit.subject_kind, int(audit.subject_id)))
        wanted.update(_pointed_at(audit.subject_kind, values or {}))
    names = _names(read, wanted)
    return [
        _line(audit, name, public_id, values, names)
        for (audit, name, public_id, _key), values in zip(rows, said, strict=True)
    ], names


def _said(audit: Audit, key: str | None) -> Mapping[str, Sequence[Any]] | None:
    """What is written down, or None where the key to it was forgotten."""
    if audit.values is None:
        return {}
    if audit.about_person_id is None:
        text: str | None = secrecy.decrypt(audit.values)
    else:
        text = secrecy.decrypt_under(key, audit.values) if key is not None else None
    if text is None:
        return None
    said: Mapping[str, Sequence[Any]] = json.loads(text)
    return said


def _pointed_at(kind: str, said: Mapping[str, Sequence[Any]]) -> Iterable[tuple[str, int]]:
    for name, values in said.items():
        target = kind if name in ITS_LIKE else POINTS_TO.get(name)
        if target is not None:
            yield from ((target, value) for value in values if value is not None)


def _line(
    audit: Audit, actor: str | None, actor_id: str | None, said: Mapping[str, Sequence[Any]] | None, names: Names
) -> Line:
    action, _, part = audit.action.partition(" ")
    subject = (audit.subject_kind, int(audit.subject_id))
    what = KINDS[part or audit.subject_kind]
    name, of = names.get(subject, (None, None))
    which, differences = [], []
    for column, values in (said or {}).items():
        told = [_told(what, subject[0], column, value, names) for value in values]
        if column in what.names and (values[0] == values[-1] or action == "created"):
            which.append(told[-1])
        else:
            differences.append(Difference(column, told[0], told[-1], known_before=len(told) > 1))
    shown = {difference.name for difference in differences} if said is not None else set()
    return Line(
        audit.id,
        audit.at,
        actor,
        actor_id,
        audit.via,
        action,
        part or None,
        *subject,
        audit.reason,
        name,
        of,
        which,
        differences,
        kept_back=[column for column in audit.fields if column not in shown] if action != "created" else [],
        forgotten=said is None,
    )


def _told(what: Audited, kind: str, column: str, value: Any, names: Names) -> Any:
    """The value as the column has it: an instant, a day, or the name of what it points to."""
    if value is None:
        return None
    target = kind if column in ITS_LIKE else POINTS_TO.get(column)
    if target is not None:
        return names.get((target, value), (str(value), None))[0]
    if column not in what.mapper.columns:
        return value
    typed = what.mapper.columns[column].type
    if isinstance(typed, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(typed, Date) else value


def _names(read: Reading, wanted: Iterable[tuple[str, int]]) -> Names:
    """What these records are called, by one statement for all kinds."""
    ids: dict[str, set[int]] = {}
    for kind, id_ in wanted:
        ids.setdefault(kind, set()).add(id_)
    parts = [_called(kind, ids[kind]) for kind in sorted(ids)]
    if not parts:
        return {}
    rows = read.session.execute(union_all(*parts))
    return {(kind, id_): (name, of) for kind, id_, name, of in rows}


def _called(kind: str, ids: set[int]) -> Select[str, int, str, str | None]:
    nothing = cast(null(), Text)
    plain: Mapping[str, tuple[Any, Any]] = {
        "announcement": (Announcement.id, Announcement.subject),
        "event": (Event.id, Event.title),
        "organisation": (Organisation.id, Organisation.name),
        "part": (Part.id, Part.title),
        "person": (Person.id, Person.name),
        "programme": (Programme.id, Programme.name),
        "questionnaire": (Questionnaire.id, Questionnaire.title),
        "series": (Series.id, Series.name),
        "space": (Space.id, Space.name),
        "topic": (Topic.id, Topic.title),
        "tag": (Tag.id, Tag.name),
        "resource": (Resource.id, Resource.title),
        "collection": (Collection.id, Collection.title),
        "story": (Story.id, Story.title),
        "indicator": (Indicator.id, Indicator.name),
        "retention rule": (RetentionRule.id, RetentionRule.kind),
        "breach": (Breach.id, Breach.what),
        "processing": (Processing.id, Processing.name),
        "known issue": (KnownIssue.id, KnownIssue.what),
        "accessibility statement": (StatementReview.id, cast(StatementReview.on_date, Text)),
    }
    of_somebody: Mapping[str, tuple[Any, Any, Any]] = {
        "application": (Application.id, Application.person_id, Application.cohort_id),
        "booking": (Booking.id, Booking.person_id, Booking.event_id),
        "invitation": (Invitation.id, Invitation.person_id, Invitation.event_id),
        "offer": (Offer.id, Offer.person_id, Offer.event_id),
        "waiting": (Waiting.id, Waiting.person_id, Waiting.event_id),
    }
    label = literal(kind, Text).label("kind")
    if kind in plain:
        key, name = plain[kind]
        return select(label, cast(key, BigInteger), name, nothing).where(key.in_(ids))
    if kind == "rating":
        rated = select(label, cast(SelfRating.id, BigInteger), Organisation.name, Programme.name)
        rated = rated.join(Organisation, Organisation.id == SelfRating.organisation_id)
        return rated.join(Programme, Programme.id == SelfRating.programme_id).where(SelfRating.id.in_(ids))
    if kind == "request":
        asker = func.coalesce(Person.name, PrivacyRequest.public_id)
        asked = select(label, cast(PrivacyRequest.id, BigInteger), asker, type_coerce(PrivacyRequest.kind, Text))
        return asked.outerjoin(Person, Person.id == PrivacyRequest.person_id).where(PrivacyRequest.id.in_(ids))
    if kind == "commitment":
        owner = func.coalesce(Person.name, Organisation.name)
        made_at = func.coalesce(Event.title, Programme.name)
        taken_on = select(label, cast(Commitment.id, BigInteger), owner, made_at).where(Commitment.id.in_(ids))
        named = taken_on.outerjoin(Person, Person.id == Commitment.person_id)
        named = named.outerjoin(Organisation, Organisation.id == Commitment.organisation_id)
        at_event = and_(Commitment.source_kind == plans.SOURCE, Event.id == Commitment.source_id)
        in_programme = and_(Commitment.source_kind == pledges.SOURCE, Programme.id == Commitment.source_id)
        return named.outerjoin(Event, at_event).outerjoin(Programme, in_programme)
    key, person_id, event_id = of_somebody[kind]
    found = select(label, cast(key, BigInteger), Person.name, Event.title).where(key.in_(ids))
    return found.join(Person, Person.id == person_id).join(Event, Event.id == event_id)


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
