"""The copies of applications that reviewers read: which there are, and what one is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from cop.algorithms import naming
from cop.core.errors import NotFound
from cop.core.questions import Item, Kind, asked, read_items
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person
from cop.models.cohorts import Application, Cohort, Endorsement, Redaction
from cop.models.organisations import Organisation, OrganisationKind
from cop.models.surveys import Questionnaire, Response
from cop.queries.cohorts.panel import has_copy, hidden_because
from cop.queries.cohorts.preparing import version_of
from cop.queries.cohorts.reviewing import is_submitted, only_chairs, values_of


@dataclass(frozen=True)
class Copied:
    """How one application stands with the copy that reviewers read. ``changed``: how many answers read otherwise."""

    number: int
    name: str
    is_fresh: bool
    was_read: bool
    changed: int
    by: str | None
    saved_at: datetime | None


def copies(
    read: Reading, cohort: Cohort, *, only_open: bool = False, offset: int = 0, limit: int = 50
) -> Sequence[Copied]:
    """Each application that the acting chair may see, with its copy; ``limit`` + 1 of them."""
    only_chairs(read, cohort)
    found = _copies()
    if only_open:
        found = found.where(~has_copy())
    rows = read.session.execute(found.offset(offset).limit(limit + 1), values_of(read, cohort))
    return [Copied(**row._asdict()) for row in rows]


def _copies() -> Select[*tuple[Any, ...]]:
    looked, by = Redaction.__table__.alias("looked"), Person.__table__.alias("looker")
    changed = select(func.count()).select_from(func.jsonb_object_keys(looked.c.answers).alias("codes"))
    return (
        select(
            Application.number,
            Person.name,
            has_copy().label("is_fresh"),
            looked.c.application_id.is_not(None).label("was_read"),
            case((looked.c.application_id.is_(None), 0), else_=changed.correlate(looked).scalar_subquery()).label(
                "changed"
            ),
            by.c.name.label("by"),
            looked.c.saved_at,
        )
        .select_from(Application)
        .join(Response, Response.id == Application.response_id)
        .join(Person, Person.id == Application.person_id)
        .outerjoin(looked, looked.c.application_id == Application.id)
        .outerjoin(by, by.c.id == looked.c.by_person_id)
        .where(is_submitted(), hidden_because().is_(None))
        .order_by(Application.number)
    )


FREE = frozenset({Kind.TEXT, Kind.LINE})
"""Answers in words of their own: only those can name somebody."""

NAMED_AFTER_PLACES = frozenset({OrganisationKind.COUNCIL, OrganisationKind.TOWN_OR_PARISH})


@dataclass(frozen=True)
class ToRedact:
    """One application for somebody who takes the names out. ``words`` has each free answer as it was given,
    ``copy`` what reviewers read in the place of some of them, ``known`` what is looked for in them.
    """

    application_id: int
    number: int
    name: str
    items: Sequence[Item]
    words: dict[str, str]
    copy: dict[str, str]
    known: Sequence[naming.Known]
    is_fresh: bool
    version: str
    following: int | None


def to_redact(read: Reading, cohort: Cohort, *, number: int) -> ToRedact:
    """For the chair; NotFound where they have a conflict. ``following`` is the next that nobody has looked through."""
    only_chairs(read, cohort)
    row = read.session.execute(_to_redact(), {**values_of(read, cohort), "number": number}).one_or_none()
    if row is None:
        raise NotFound
    shown = [item for item in asked(read_items(row.Questionnaire.items), row.answers) if item.kind in FREE]
    words = {item.code: str(row.answers.get(item.code) or "") for item in shown}
    return ToRedact(
        application_id=row.id,
        number=number,
        name=row.name,
        items=shown,
        words=words,
        copy={code: text for code, text in (row.copy or {}).items() if code in words},
        known=[*_named(read, row.id, row.name), *_directory(read)],
        is_fresh=row.is_fresh,
        version=version_of(row.redaction_revision, row.response_revision),
        following=_following(read, cohort, number),
    )


def _following(read: Reading, cohort: Cohort, number: int) -> int | None:
    """The next number that nobody has looked through, beginning again at the first."""
    others = (
        select(Application.number)
        .join(Response, Response.id == Application.response_id)
        .where(is_submitted(), Application.number != number, hidden_because().is_(None), ~has_copy())
        .order_by(Application.number < number, Application.number)
        .limit(1)
    )
    return read.session.scalar(others, values_of(read, cohort))


@cache
def _to_redact() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.id,
            Person.name,
            Response.answers,
            Response.revision.label("response_revision"),
            Questionnaire,
            Redaction.answers.label("copy"),
            Redaction.revision.label("redaction_revision"),
            has_copy().label("is_fresh"),
        )
        .select_from(Application)
        .join(Person, Person.id == Application.person_id)
        .join(Response, Response.id == Application.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .outerjoin(Redaction, Redaction.application_id == Application.id)
        .where(
            is_submitted(),
            Application.number == bindparam("number", type_=BigInteger()),
            hidden_because().is_(None),
        )
    )


def _named(read: Reading, application_id: int, name: str) -> Sequence[naming.Known]:
    """The applicant, whoever supports them, and an organisation that they typed."""
    theirs = aliased(Affiliation)
    supporters = read.session.scalars(select(Endorsement.name).where(Endorsement.application_id == application_id))
    typed = read.session.scalars(
        select(theirs.organisation_text)
        .join(Application, Application.person_id == theirs.person_id)
        .where(Application.id == application_id, theirs.organisation_text.is_not(None))
    )
    people = [known for each in (name, *supporters) for known in naming.person(each)]
    return [*people, *(known for text in typed if text for known in naming.organisation(text))]


def _directory(read: Reading) -> Sequence[naming.Known]:
    rows = read.session.execute(select(Organisation.name, Organisation.kind).order_by(Organisation.id))
    return [known for row in rows for known in naming.organisation(row.name, has_place=row.kind in NAMED_AFTER_PLACES)]
