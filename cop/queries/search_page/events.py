"""What the search finds of events: those that everybody may see, their series, and the recordings they left."""

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from cop.core.work import Reading
from cop.models.base import UtcDateTime
from cop.models.events import EVENT_WORDS, Event, EventKind, EventState, Part, PartState, Visibility
from cop.models.programmes import Series
from cop.models.webinars import EventLink, LinkKind
from cop.queries.search_page.shared import LIMIT, OFFSET, asked, english, excerpt, ranked, vector

PUBLIC = (Event.state == EventState.PUBLISHED, Event.visibility == Visibility.PUBLIC)


def events(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _events()


@cache
def _events() -> Select[*tuple[Any, ...]]:
    fits = ranked(Event.id, vector(EVENT_WORDS), *PUBLIC)
    best = select(fits).order_by(fits.c.rank.desc(), fits.c.id.desc()).limit(LIMIT).offset(OFFSET).subquery("best")
    return (
        select(Event.title, literal(""), excerpt(Event.summary), Event.kind.label("kind"), Event.slug.label("slug"))
        .join(best, best.c.id == Event.id)
        .order_by(best.c.rank.desc(), Event.id.desc())
    )


def series(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _series()


@cache
def _series() -> Select[*tuple[Any, ...]]:
    words = func.to_tsvector(english(), Series.name + " " + Series.summary, type_=TSVECTOR)
    return (
        select(Series.name, literal(""), excerpt(Series.summary), Series.slug.label("slug"))
        .where(words.op("@@")(asked()))
        .order_by(func.ts_rank(words, asked()).desc(), Series.id)
        .limit(LIMIT)
        .offset(OFFSET)
    )


def recordings(_read: Reading) -> Select[*tuple[Any, ...]]:
    return _recordings()


@cache
def _recordings() -> Select[*tuple[Any, ...]]:
    """Of webinars that are over, by their own titles and by the words of the webinar."""
    words = func.to_tsvector(english(), func.concat_ws(" ", EventLink.title, Event.title, Event.summary))
    last = select(func.max(Part.ends_at)).where(Part.event_id == Event.id, Part.state == PartState.PLANNED)
    return (
        select(
            EventLink.title,
            Event.title,
            excerpt(Event.summary),
            Event.slug.label("slug"),
            EventLink.id.label("link_id"),
        )
        .join(Event, Event.id == EventLink.event_id)
        .where(
            EventLink.kind == LinkKind.RECORDING,
            Event.kind == EventKind.WEBINAR,
            *PUBLIC,
            last.scalar_subquery() <= bindparam("now", type_=UtcDateTime()),
            words.op("@@")(asked()),
        )
        .order_by(func.ts_rank(words, asked()).desc(), EventLink.id.desc())
        .limit(LIMIT)
        .offset(OFFSET)
    )
