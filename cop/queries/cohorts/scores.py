"""What counts as the score of an ``application``: what the panel set last, else the mean of the reviews that count."""

from sqlalchemy import ColumnElement, Float, and_, cast, exists, func, select

from cop.models.cohorts import Application, Conflict, Moderation, Review, ReviewState


def is_taken_back() -> ColumnElement[bool]:
    """Whether the author of a ``review`` said later that they should not judge that application."""
    said = exists().where(Conflict.application_id == Review.application_id, Conflict.reviewer_id == Review.reviewer_id)
    return said.correlate(Review)


def counts() -> ColumnElement[bool]:
    """Whether a ``review`` counts."""
    return and_(Review.state == ReviewState.SUBMITTED, ~is_taken_back())


def reviews() -> ColumnElement[int]:
    """How many reviews of an ``application`` count."""
    of_it = select(func.count(Review.id)).where(Review.application_id == Application.id, counts())
    return of_it.correlate(Application).scalar_subquery()


def mean() -> ColumnElement[float | None]:
    of_it = select(cast(func.avg(Review.total), Float)).where(Review.application_id == Application.id, counts())
    return of_it.correlate(Application).scalar_subquery()


def moderated() -> ColumnElement[float | None]:
    return (
        select(Moderation.score)
        .where(Moderation.application_id == Application.id, Moderation.score.is_not(None))
        .order_by(Moderation.id.desc())
        .limit(1)
        .correlate(Application)
        .scalar_subquery()
    )
