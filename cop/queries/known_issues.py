"""The accessibility statement, as it follows from the issues that are known and the days on which it was reviewed."""

from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select

from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.wcag import CRITERIA
from cop.core.work import Reading
from cop.models.statement import Exemption, KnownIssue, StatementReview

PREPARED_ON = date(2026, 11, 21)
"""The day of the first statement; it stands until somebody reviews it."""


class Status(StrEnum):
    """The three that the model statement knows."""

    FULL = "full"
    PARTIAL = "partial"
    NOT = "not"


@dataclass(frozen=True)
class Statement:
    """``issues`` are those that are not mended, the one found last first."""

    issues: Sequence[KnownIssue]
    prepared_on: date
    reviewed_on: date
    tested: str

    def because(self, why: str) -> Sequence[KnownIssue]:
        return [issue for issue in self.issues if issue.why == why]

    @property
    def status(self) -> Status:
        """By the open issues: what is out of scope of the law does not bear on it, and most of the standard is not met
        once more than half of its criteria are not.
        """
        bearing = [issue for issue in self.issues if issue.why is not Exemption.OUT_OF_SCOPE]
        if not bearing:
            return Status.FULL
        unmet = {issue.criterion for issue in bearing if issue.criterion in CRITERIA}
        return Status.NOT if 2 * len(unmet) > len(CRITERIA) else Status.PARTIAL

    @property
    def has_exemptions(self) -> bool:
        return bool(self.because(Exemption.BURDEN))

    @property
    def review_by(self) -> date:
        """The day by which the law wants it looked at again: a year later."""
        on = self.reviewed_on
        if (on.month, on.day) == (2, 29) and not isleap(on.year + 1):
            return date(on.year + 1, 2, 28)
        return on.replace(year=on.year + 1)

    def is_overdue(self, now: datetime) -> bool:
        return day_of(now) >= self.review_by


def statement(read: Reading) -> Statement:
    """What the page says; for everybody."""
    open_issues = select(KnownIssue).where(KnownIssue.mended_on.is_(None))
    issues = read.session.scalars(open_issues.order_by(KnownIssue.found_on.desc(), KnownIssue.id.desc())).all()
    reviews = read.session.scalars(select(StatementReview).order_by(StatementReview.on_date, StatementReview.id)).all()
    last = reviews[-1] if reviews else None
    return Statement(
        issues,
        prepared_on=reviews[0].on_date if reviews else PREPARED_ON,
        reviewed_on=last.on_date if last else PREPARED_ON,
        tested=last.tested if last else "",
    )


def overdue(read: Reading) -> Statement | None:
    """The statement where it waits to be reviewed, for those who keep it."""
    if not read.actor.is_admin():
        return None
    found = statement(read)
    return found if found.is_overdue(read.now) else None


def mended(read: Reading, *, offset: int, limit: int) -> Sequence[KnownIssue]:
    """Issues that are no more, the one mended last first, for those who keep the list."""
    _check(read)
    found = select(KnownIssue).where(KnownIssue.mended_on.is_not(None))
    newest = found.order_by(KnownIssue.mended_on.desc(), KnownIssue.id.desc())
    return read.session.scalars(newest.offset(offset).limit(limit)).all()


def one(read: Reading, *, issue_id: int) -> KnownIssue:
    _check(read)
    found = read.session.get(KnownIssue, issue_id)
    if found is None:
        raise NotFound
    return found


def _check(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
