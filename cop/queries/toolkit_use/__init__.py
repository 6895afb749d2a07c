"""Reads about the use of the toolkit: what was counted, what people told, and what is due because of it."""

from cop.queries.toolkit_use.due import (
    ASK_AFTER,
    BROKEN,
    addresses_to_try,
    people_to_ask,
    people_to_tell,
    resources_to_review,
    seen_by_taker,
    who_looks_after,
)
from cop.queries.toolkit_use.figures import councils, lines, lines_after, use, use_of_resource, words
from cop.queries.toolkit_use.kinds import RUNGS, Council, Line, Rung, Use
from cop.queries.toolkit_use.looks import DOWNLOADED, VIEWED, is_staff
from cop.queries.toolkit_use.saying import Own, link_token, of_link, own

__all__ = [
    "ASK_AFTER",
    "BROKEN",
    "DOWNLOADED",
    "RUNGS",
    "VIEWED",
    "Council",
    "Line",
    "Own",
    "Rung",
    "Use",
    "addresses_to_try",
    "councils",
    "is_staff",
    "lines",
    "lines_after",
    "link_token",
    "of_link",
    "own",
    "people_to_ask",
    "people_to_tell",
    "resources_to_review",
    "seen_by_taker",
    "use",
    "use_of_resource",
    "who_looks_after",
    "words",
]
