"""An event as programs read it."""

from typing import Any

from cop.blueprints.api.fields import ADDRESS, INSTANT, SLUG, WHOLE, Field, item, list_of, words
from cop.models.events import EventKind, Part, PartState, Visibility
from cop.queries.api.directory import SHOWN, Happening
from cop.web import EVENT_PAGES, address

PART_FIELDS = (
    Field("title", "Title of the part"),
    Field("kind", "What kind of part it is"),
    Field("starts_at", "When it begins", INSTANT),
    Field("ends_at", "When it ends", INSTANT),
    Field("place", "Where it is, if elsewhere than the event"),
    Field("state", "Whether it was called off", words(PartState)),
    Field("capacity", "Places in all; null where there is no limit", WHOLE, may_lack=True),
    Field("seats_taken", "Places that are taken or held for somebody", WHOLE),
)

ABOUT = (
    Field("slug", "Address word of the event, unique over all kinds", SLUG),
    Field("programme", "Address word of its programme", SLUG),
    Field("series", "Address word of its series", SLUG, may_lack=True),
    Field("kind", "What kind of event it is", words(EventKind)),
    Field("title", "Title of the event"),
    Field("summary", "What it is about, in a sentence"),
    Field("place", "Where it is"),
    Field("address", "Its page", ADDRESS),
    Field("state", "Whether it was called off", words(SHOWN)),
    Field("visibility", "Who sees its page", words(Visibility)),
    Field("capacity", "Places in all; null where there is no limit", WHOLE, may_lack=True),
    Field("seats_taken", "Places that are taken or held for somebody", WHOLE),
    Field("opens_at", "When booking opens", INSTANT, may_lack=True),
    Field("closes_at", "When booking closes", INSTANT, may_lack=True),
    Field("changed_at", "When it was last changed", INSTANT),
)

EVENT_FIELDS = (*ABOUT, Field("parts", "Its dated parts, the earliest first", list_of(*PART_FIELDS)))


def of_event(found: Happening, programme: str) -> dict[str, Any]:
    one = found.event
    page = address(EVENT_PAGES[one.kind], slug=one.slug)
    about = (one.slug, programme, found.series, one.kind, one.title, one.summary, one.place, page)
    places = (one.state, one.visibility, one.capacity, one.seats_taken)
    told = item(ABOUT, (*about, *places, one.opens_at, one.closes_at, one.changed_at))
    return {**told, "parts": [_of_part(part) for part in one.parts]}


def _of_part(part: Part) -> dict[str, Any]:
    about = (part.title, part.kind, part.starts_at, part.ends_at, part.place)
    return item(PART_FIELDS, (*about, part.state, part.capacity, part.seats_taken))
