"""Sheets that were sent to surveys, for programs: those with names, then those of panels, then anonymous ones."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, Select, tuple_

from cop.core.questions import Item
from cop.core.work import Reading
from cop.models.events import Event
from cop.models.surveys import AnonymousResponse, Response
from cop.queries.api import Key, Page, Wanted
from cop.queries.surveys.rows import AnswerRow, anonymous, answers_of, named, of_panels

Sheet = Sequence[AnswerRow]
"""All answers of one sheet; each tick of a question with several counts."""

NAMED, PANELS, ANONYMOUS = range(3)

PANEL = (Response.panel_key, Response.subject_id, Response.wave, Response.questionnaire_id)
"""Tells the sheets of panels from one another, and nothing of the order in which they were sent."""


def sheets(read: Reading, wanted: Wanted, *, programme_id: int) -> Page[Sheet]:
    """The sheets of a programme with their answers, in as many as three statements; without those that say nothing."""
    part, *after = wanted.after or (NAMED,)
    parts: Sequence[tuple[int, Select[*tuple[Any, ...]], tuple[Any, ...]]] = (
        (NAMED, named(programme_id), (Response.id,)),
        (PANELS, of_panels(programme_id), PANEL),
        (ANONYMOUS, anonymous(programme_id), (AnonymousResponse.key,)),
    )
    found: list[tuple[Key, dict[str, Any]]] = []
    for number, rows, place in parts[part:]:
        if len(found) > wanted.limit:
            break
        following = rows.add_columns(*place).order_by(*place).limit(wanted.limit + 1 - len(found))
        if number == part and after:
            following = following.where(tuple_(*place) > tuple_(*after))
        if wanted.event_id is not None:
            following = following.where(Event.id == wanted.event_id)
        found += map(_placed(number, len(place)), read.session.execute(following))
    known: dict[int, tuple[Item, ...]] = {}
    page = Page.cut(found, wanted.limit, lambda one: one[0], lambda one: tuple(answers_of(one[1], known)))
    return Page([sheet for sheet in page.rows if sheet], page.next)


def _placed(number: int, places: int) -> Callable[[Row[*tuple[Any, ...]]], tuple[Key, dict[str, Any]]]:
    """A row apart from the columns that tell its place, which come last."""

    def taken_apart(row: Row[*tuple[Any, ...]]) -> tuple[Key, dict[str, Any]]:
        names = row._fields[:-places]
        return [number, *row[-places:]], dict(zip(names, row, strict=False))

    return taken_apart
