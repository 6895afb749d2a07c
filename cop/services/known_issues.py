"""Keeping the list of accessibility issues, and the days on which the statement was reviewed."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.wcag import CRITERIA
from cop.core.work import Work
from cop.models.statement import Exemption, KnownIssue, StatementReview


@dataclass(frozen=True)
class Terms:
    """What is said of an issue: ``criterion`` is a number of the guidelines, ``instead`` what to do meanwhile."""

    what: str
    who: str
    criterion: str
    why: Exemption
    instead: str
    found_on: date
    planned_on: date | None
    mended_on: date | None = None


def add(work: Work, *, terms: Terms) -> KnownIssue:
    _check(work, terms)
    made = KnownIssue(**asdict(terms), made_at=work.now, made_by=work.actor.person_id)
    work.session.add(made)
    work.session.flush()
    return made


def edit(work: Work, *, issue_id: int, terms: Terms) -> KnownIssue:
    _check(work, terms)
    found = work.session.get(KnownIssue, issue_id, with_for_update=True)
    if found is None:
        raise NotFound
    for name, value in asdict(terms).items():
        setattr(found, name, value)
    work.session.flush()
    return found


def review(work: Work, *, on_date: date, tested: str) -> StatementReview:
    """Note that somebody looked the statement through on that day, and how the service was tested for it."""
    _check_actor(work)
    if on_date > day_of(work.now):
        raise Refusal(marked("The day of the review is still to come."), field="on_date")
    last = work.session.scalar(select(func.max(StatementReview.on_date)))
    if last is not None and on_date < last:
        raise Refusal(marked("The statement has been reviewed since that day."), field="on_date")
    made = StatementReview(on_date=on_date, tested=tested, made_at=work.now)
    work.session.add(made)
    work.session.flush()
    return made


def _check(work: Work, terms: Terms) -> None:
    _check_actor(work)
    today = day_of(work.now)
    if terms.criterion not in CRITERIA and terms.why is not Exemption.OUT_OF_SCOPE:
        raise Refusal(marked("Choose the criterion that is not met."), field="criterion")
    if terms.found_on > today:
        raise Refusal(marked("The day on which it was found is still to come."), field="found_on")
    if terms.planned_on is not None and terms.planned_on < terms.found_on:
        raise Refusal(marked("It cannot be planned for a day before it was found."), field="planned_on")
    if terms.mended_on is not None and not terms.found_on <= terms.mended_on <= today:
        raise Refusal(
            marked("The day on which it was mended is not before it was found, and not to come."), field="mended_on"
        )


def _check_actor(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound
