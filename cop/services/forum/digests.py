"""Digests: letters with all that is new, for those who chose one a day or one a week."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, and_, func, literal, null, select, update

from cop.core import place
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.core.working_hours import BEGIN, is_working_day
from cop.models.accounts import Person
from cop.models.forum_mail import ForumMail, Pace
from cop.models.outbox import OutboxClass
from cop.queries import forum as queries
from cop.queries.forum.pace import is_reached
from cop.services import outbox

SETTLED = timedelta(minutes=5)
"""So long after the end of its time a digest is made, since posts are dated by the beginning of their transaction."""

DAY = timedelta(days=1)


def post_digests(work: Work) -> int:
    """Promise a digest to everybody for whom one is due and who has something new; how many.

    It tells of what was written up to the last morning on which working hours began, or the first of the week. What it
    says is put together when it goes out. Those who have nothing new are asked again the next morning.
    """
    if work.actor.via != "system":
        raise NotFound
    ends = {Pace.DAILY: _last_morning(work.now - SETTLED), Pace.WEEKLY: _first_morning_of_week(work.now - SETTLED)}
    return sum(_post(work, pace, until) for pace, until in ends.items())


def _post(work: Work, pace: Pace, until: datetime) -> int:
    after = func.coalesce(ForumMail.told_until, ForumMail.chosen_at)
    due = and_(ForumMail.pace == pace, after < until)
    found = (
        select(
            ForumMail.person_id,
            func.concat("forum-news:", ForumMail.person_id, ":", until.isoformat()).label("key"),
            null().cast(DateTime(timezone=True)).label("until"),
            func.jsonb_build_object("after", after, "until", until.isoformat()).label("params"),
        )
        .join(Person, Person.id == ForumMail.person_id)
        .where(due, is_reached(), queries.wants_mail(Person.id), _has_news(after, until))
        .params(now=work.now)
    )
    posted = outbox.post_all(work, found=found, template="forum_news", urgency=OutboxClass.ROUTINE)
    work.session.execute(update(ForumMail).where(due).values(told_until=until))
    return posted


def _has_news(after: ColumnElement[datetime], until: datetime) -> ColumnElement[bool]:
    return queries.is_news(ForumMail.person_id, queries.Window(after, literal(until)))


def _last_morning(now: datetime) -> datetime:
    """When working hours last began."""
    day = place.day_of(now)
    while not is_working_day(day) or place.instant_on(day, BEGIN) > now:
        day -= DAY
    return place.instant_on(day, BEGIN)


def _first_morning_of_week(now: datetime) -> datetime:
    """When the working hours of a week last began: on Monday, or after a bank holiday."""
    morning = _last_morning(now)
    earlier = _last_morning(morning - DAY)
    while _week(earlier) == _week(morning):
        morning, earlier = earlier, _last_morning(earlier - DAY)
    return morning


def _week(instant: datetime) -> tuple[int, int]:
    year, week, _day = place.day_of(instant).isocalendar()
    return year, week
