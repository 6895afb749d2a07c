"""Reads of the review panel: who is on it, who has a conflict with what, and what a reviewer judges without names.

An application that somebody has a conflict with is not theirs to read, to score or to decide. Every read of the panel,
and every service that writes for it, asks :func:`hidden_because`. What a reviewer scores is, beyond that, what was
shared out to them (:func:`is_share_of`), and what names nobody (:func:`is_readable`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, union
from sqlalchemy.orm import aliased, contains_eager, selectinload

from cop.core.access import EVENT_EDITORS, PANEL, Actor, Role
from cop.core.errors import NotFound
from cop.core.questions import Answers, Item, Kind, Section, asked, read_items, sections
from cop.core.work import Reading
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Assignment,
    Cohort,
    Conflict,
    Endorsement,
    Redaction,
    Review,
    ReviewState,
)
from cop.models.events import Event, EventKind
from cop.models.organisations import OrganisationSuccession
from cop.models.surveys import Questionnaire, Response
from cop.queries.staff_events import granted


def is_reviewer(actor: Actor, event: Event) -> bool:
    """Whether the actor scores applications to this course; its chair does not, unless granted that too."""
    return actor.may(Role.REVIEWER, programme_id=event.programme_id, event_id=event.id)


def is_chair(actor: Actor, event: Event) -> bool:
    return actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id)


def course_of_panel(read: Reading, *, slug: str) -> Cohort:
    """A course with its event and half-days, for its reviewers and its chair; to others it is not there."""
    cohort = read.session.scalars(_course(), {"slug": slug}).one_or_none()
    if cohort is None or not read.actor.may(*PANEL, programme_id=cohort.event.programme_id, event_id=cohort.event.id):
        raise NotFound
    return cohort


def course_of_chair(read: Reading, *, slug: str) -> Cohort:
    cohort = course_of_panel(read, slug=slug)
    if not is_chair(read.actor, cohort.event):
        raise NotFound
    return cohort


@cache
def _course() -> Select[Cohort]:
    return (
        select(Cohort)
        .join(Cohort.event)
        .where(Event.slug == bindparam("slug"), Event.kind == EventKind.COHORT)
        .options(contains_eager(Cohort.event).options(selectinload(Event.parts)))
    )


def call_is_over(event: Event, now: datetime) -> bool:
    """Whether applications stay as they are: nothing is scored or chosen while people may still change theirs."""
    return event.closes_at is not None and event.closes_at <= now


def is_judging(cohort: Cohort, now: datetime) -> bool:
    """Whether scores, choices and letters can be made now: between the close of the call and the release."""
    return cohort.released_at is None and call_is_over(cohort.event, now)


def places_free(event: Event) -> int | None:
    """Places that nobody holds and that are not offered; None where the course has no limit."""
    return event.capacity - event.seats_taken if event.capacity is not None else None


class Hidden(StrEnum):
    """Why somebody of the panel may not see an application; the first that fits."""

    OWN = "own"
    DECLARED = "declared"
    ENDORSED = "endorsed"
    ORGANISATION = "organisation"
    APPLICANT = "applicant"


PANELLIST: ColumnElement[int] = bindparam("panellist", type_=BigInteger())
"""Whoever of the panel is meant, where a statement asks for one person: mostly the one who acts."""


def hidden_because(panellist: ColumnElement[int] = PANELLIST) -> ColumnElement[str | None]:
    """A :class:`Hidden` word for each row of ``application``, NULL where the panellist may see it.

    A column in the place of the parameter asks for many people at once; that column's table has to be in the FROM.
    """
    reasons = _conflicts_of_one() if panellist is PANELLIST else _conflicts_of_each(panellist)
    return case((Application.person_id == panellist, Hidden.OWN), *((found, why) for why, found in reasons), else_=None)


Reasons = Sequence[tuple[Hidden, ColumnElement[bool]]]


@cache
def _conflicts_of_one() -> Reasons:
    """Each a set that is found once, whatever the number of applications that are looked for in it."""
    mine, theirs = aliased(Affiliation), aliased(Affiliation)
    held = [mine.person_id == PANELLIST, mine.to_on.is_(None)]
    kin = _kin()
    places = select(mine.organisation_id).where(*held, mine.organisation_id.is_not(None)).cte("own_places")
    related = union(
        select(places.c.organisation_id),
        select(kin.c.after).join(places, places.c.organisation_id == kin.c.before),
        select(kin.c.before).join(places, places.c.organisation_id == kin.c.after),
    )
    typed = select(_typed(mine)).where(*held, mine.organisation_text.is_not(None)).correlate(None)
    others = select(theirs.person_id).where(theirs.is_primary, theirs.to_on.is_(None)).correlate(None)
    colleagues = union(others.where(theirs.organisation_id.in_(related)), others.where(_typed(theirs).in_(typed)))
    own, me = aliased(Application), aliased(Person)
    declared = select(Conflict.application_id).where(Conflict.reviewer_id == PANELLIST)
    endorsed = select(Endorsement.application_id).join(me, me.email == Endorsement.email).where(me.id == PANELLIST)
    applies = select(own.cohort_id).where(own.person_id == PANELLIST, own.state != ApplicationState.WITHDRAWN)
    return [
        (Hidden.DECLARED, Application.id.in_(declared.correlate(None))),
        (Hidden.ENDORSED, Application.id.in_(endorsed.correlate(None))),
        (
            Hidden.ORGANISATION,
            or_(Application.organisation_id.in_(related), Application.person_id.in_(colleagues)),
        ),
        (Hidden.APPLICANT, Application.cohort_id.in_(applies.correlate(None))),
    ]


def _conflicts_of_each(panellist: ColumnElement[int]) -> Reasons:
    me, mine, theirs, own = aliased(Person), aliased(Affiliation), aliased(Affiliation), aliased(Application)
    of_applicant = and_(theirs.person_id == Application.person_id, theirs.is_primary, theirs.to_on.is_(None))
    same_now = or_(
        _is_related(theirs.organisation_id, mine.organisation_id, mine, theirs), _typed(theirs) == _typed(mine)
    )
    colleague = exists().where(
        mine.person_id == panellist,
        mine.to_on.is_(None),
        or_(
            _is_related(Application.organisation_id, mine.organisation_id, mine, Application),
            exists().where(of_applicant, same_now).correlate(mine, Application),
        ),
    )
    declared = exists().where(Conflict.application_id == Application.id, Conflict.reviewer_id == panellist)
    endorsed = exists().where(
        Endorsement.application_id == Application.id, Endorsement.email == me.email, me.id == panellist
    )
    applies = exists().where(
        own.cohort_id == Application.cohort_id,
        own.person_id == panellist,
        own.state != ApplicationState.WITHDRAWN,
    )
    return [
        (Hidden.DECLARED, declared.correlate(Application, panellist.table)),
        (Hidden.ENDORSED, endorsed.correlate(Application, panellist.table)),
        (Hidden.ORGANISATION, colleague.correlate(Application, panellist.table)),
        (Hidden.APPLICANT, applies.correlate(Application, panellist.table)),
    ]


def _typed(affiliation: Any) -> ColumnElement[str]:
    return func.lower(func.btrim(affiliation.organisation_text))


@cache
def _kin() -> CTE:
    """Organisations before those that took over from them, over any number of steps; made once, for it has one name."""
    followed = select(
        OrganisationSuccession.predecessor_id.label("before"), OrganisationSuccession.successor_id.label("after")
    ).cte("kin", recursive=True)
    further = select(followed.c.before, OrganisationSuccession.successor_id).join(
        OrganisationSuccession, OrganisationSuccession.predecessor_id == followed.c.after
    )
    return followed.union(further)


def _is_related(one: Any, other: Any, *outer: Any) -> ColumnElement[bool]:
    """Whether two organisations are the same, or one took over from the other; ``outer`` are the tables they are of."""
    kin = _kin()
    either_way = or_(
        and_(kin.c.before == one, kin.c.after == other),
        and_(kin.c.before == other, kin.c.after == one),
    )
    return or_(one == other, exists().where(either_way).correlate(*outer))


def is_share_of(panellist: ColumnElement[int] = PANELLIST) -> ColumnElement[bool]:
    """Whether an ``application`` of a ``cohort`` is shared out to the panellist; else everybody scores them all."""
    others = [] if panellist is PANELLIST else [panellist.table]
    shared = exists().where(Assignment.application_id == Application.id, Assignment.reviewer_id == panellist)
    return or_(Cohort.reviews_wanted.is_(None), shared.correlate(Application, *others))


def has_scored() -> ColumnElement[bool]:
    """Whether ``:panellist`` has submitted a review of an ``application``."""
    own = and_(Review.application_id == Application.id, Review.reviewer_id == PANELLIST)
    return exists().where(own, Review.state == ReviewState.SUBMITTED).correlate(Application)


def owes_review(read: Reading, event: Event, *, application_id: int) -> bool:
    """Whether the actor is to score the application too and has not: until then others' scores are not for them."""
    if not is_reviewer(read.actor, event):
        return False
    owed = and_(is_share_of(), ~has_scored())
    found = (
        select(owed)
        .select_from(Application)
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .where(Application.id == application_id)
    )
    return bool(read.session.scalar(found, {"panellist": read.actor.person_id}))


def is_kept_from(actor: Actor) -> ColumnElement[bool]:
    """Whether ``:panellist``, who is the actor, may not know all about an ``application`` of an ``event``'s ``cohort``:
    for a conflict or, until the release, because they have a review of their own to write.
    """
    owed = and_(Cohort.released_at.is_(None), granted(actor, [Role.REVIEWER]), is_share_of(), ~has_scored())
    return or_(hidden_because().is_not(None), owed)


def is_readable() -> ColumnElement[bool]:
    """Whether reviewers may read an ``application`` of a ``cohort``, with its ``response``.

    A copy without names stands for the answers that it was made from: once they change, somebody has to look again.
    """
    copy = exists().where(Redaction.application_id == Application.id).correlate(Application)
    return or_(has_copy(), and_(~Cohort.redacting, ~copy))


def has_copy() -> ColumnElement[bool]:
    """Whether somebody looked an ``application`` through for names since its ``response`` was last saved."""
    fresh = exists().where(Redaction.application_id == Application.id, Redaction.saved_at >= Response.saved_at)
    return fresh.correlate(Application, Response)


@dataclass(frozen=True)
class ToReview:
    """An application as a list of a reviewer's work shows it; ``state`` is that of their own review."""

    number: int
    sector: Sector | None
    state: ReviewState | None
    total: float | None


@dataclass(frozen=True)
class Pile:
    """What a reviewer is to score, in order of number, and how many they may not see for which reason.

    ``items`` are those of one page, of ``size`` in all; ``left`` are the numbers without a finished review. ``unread``
    are theirs too, and come once somebody has looked through them for names.
    """

    items: Sequence[ToReview]
    size: int
    left: Sequence[int]
    hidden: Mapping[Hidden, int]
    unread: int

    @property
    def done(self) -> int:
        return self.size - len(self.left)

    def next_after(self, number: int = 0) -> int | None:
        """The next number without a finished review, beginning again at the first; None once all are done."""
        return next((found for found in self.left if found > number), self.left[0] if self.left else None)


def pile(read: Reading, cohort: Cohort, *, offset: int = 0, limit: int = 50) -> Pile:
    """The acting reviewer's work, ``limit`` + 1 items of it; NotFound for whoever does not score here."""
    if not is_reviewer(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id}
    rows = read.session.execute(_pile(), values).all()
    theirs = [row for row in rows if row.hidden is None and row.shared]
    open_to_them = [row for row in theirs if row.readable]
    return Pile(
        items=[
            ToReview(row.number, row.sector, row.state, row.total) for row in open_to_them[offset : offset + limit + 1]
        ],
        size=len(open_to_them),
        left=[row.number for row in open_to_them if row.state is not ReviewState.SUBMITTED],
        hidden=Counter(Hidden(row.hidden) for row in rows if row.hidden is not None),
        unread=len(theirs) - len(open_to_them),
    )


@cache
def _pile() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.number,
            Application.sector,
            Review.state,
            Review.total,
            hidden_because().label("hidden"),
            is_share_of().label("shared"),
            is_readable().label("readable"),
        )
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .outerjoin(Review, _own_review())
        .where(_submitted())
        .order_by(Application.number)
    )


def _own_review() -> ColumnElement[bool]:
    return and_(Review.application_id == Application.id, Review.reviewer_id == PANELLIST)


def _submitted() -> ColumnElement[bool]:
    return and_(Application.cohort_id == bindparam("cohort_id"), Application.state == ApplicationState.SUBMITTED)


@dataclass(frozen=True)
class Answered:
    """A section of the questionnaire with what was answered, in words."""

    section: Section
    answers: Sequence[tuple[Item, str]]


BASELINE = Kind.SCALE
"""How confident people feel before the course: asked for the evaluation, and no reason to choose anybody."""


def answered(
    questionnaire: Questionnaire, answers: Answers, *, blind: bool, copy: Answers | None = None
) -> Sequence[Answered]:
    """What the applicant was asked, by section; what did not apply to them is left out, and ``blind`` the baseline.

    ``copy`` has the words that stand in the place of answers which name somebody.
    """
    items = [item for item in read_items(questionnaire.items) if not (blind and item.kind is BASELINE)]
    shown = {item.code for item in asked(items, answers)}
    found = [
        Answered(
            section,
            [
                (item, item.in_words((copy or {}).get(item.code, answers.get(item.code))))
                for item in section.items
                if item.code in shown
            ],
        )
        for section in sections(items)
    ]
    return [part for part in found if part.answers]


@dataclass(frozen=True)
class Blind:
    """An application as a reviewer reads it: a number, a sector and the answers."""

    number: int
    sector: Sector | None
    answered: Sequence[Answered]
    review: Review | None


def application_to_review(read: Reading, cohort: Cohort, *, number: int) -> Blind:
    """One application for the acting reviewer, with their own review of it.

    NotFound where they have a conflict, where it is not theirs to score, and before somebody looked it through.
    """
    if not is_reviewer(read.actor, cohort.event):
        raise NotFound
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id, "number": number}
    row = read.session.execute(_blind(), values).one_or_none()
    if row is None or row.hidden is not None:
        raise NotFound
    told = answered(row.Questionnaire, row.answers, blind=True, copy=row.copy)
    return Blind(number, row.sector, told, row.Review)


@cache
def _blind() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.sector,
            Response.answers,
            Questionnaire,
            Review,
            Redaction.answers.label("copy"),
            hidden_because().label("hidden"),
        )
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .outerjoin(Redaction, Redaction.application_id == Application.id)
        .outerjoin(Review, _own_review())
        .where(_submitted(), Application.number == bindparam("number"), is_share_of(), is_readable())
    )


def may_see(read: Reading, cohort: Cohort, *, number: int) -> bool:
    """Whether the acting member of the panel may see the application; False where there is none.

    A chair sees all without a conflict, a reviewer those among them that are theirs to score.
    """
    values = {"cohort_id": cohort.event_id, "panellist": read.actor.person_id, "number": number}
    row = read.session.execute(_sight(), values).one_or_none()
    if row is None or row.hidden is not None:
        return False
    return is_chair(read.actor, cohort.event) or bool(row.to_score)


@cache
def _sight() -> Select[*tuple[Any, ...]]:
    return (
        select(hidden_because().label("hidden"), and_(is_share_of(), is_readable()).label("to_score"))
        .join(Cohort, Cohort.event_id == Application.cohort_id)
        .join(Response, Response.id == Application.response_id)
        .where(_submitted(), Application.number == bindparam("number"))
    )
