"""Pages that look the same to all visitors who are signed out are drawn once for each state of the database.

PostgreSQL's current snapshot names exactly which transactions are visible. Two readers with the same snapshot see the
same data, so a page drawn under it may be shown again until anybody writes anything: nothing has to be invalidated,
and nothing stale can be shown. What depends on the clock may lag by the rest of a minute.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from flask import Response, make_response, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from cop.web import languages
from cop.web.database import read
from cop.web.shelf import Drawn, Shelf, State

SNAPSHOT = text("SELECT pg_current_snapshot()::text")

View = Callable[..., ResponseReturnValue]


def data_state() -> State:
    """Which transactions are visible now, and the minute: what was made under the same state may be shown again."""
    reader = read()
    return str(reader.session.connection().scalar(SNAPSHOT)), reader.now.replace(second=0, microsecond=0)


def drawn_once(shelf: Shelf, view: View, *args: Any, **kwargs: Any) -> ResponseReturnValue:
    """The view's page, from the shelf where it was drawn for the present state already.

    A visitor whose cookie holds anything, such as a message to show, gets a page drawn for them, and so does whoever
    reads another language.
    """
    if session or languages.current_code() != languages.ENGLISH:
        return view(*args, **kwargs)
    state = data_state()
    drawn = shelf.find(request.full_path, state)
    if drawn is None:
        response = make_response(view(*args, **kwargs))
        if response.status_code != 200 or session:  # noqa: PLR2004
            return response
        body = response.get_data()
        drawn = shelf.keep(request.full_path, Drawn(state, blake2b(body, digest_size=12).hexdigest(), body))
    answer = Response(drawn.body, content_type="text/html; charset=utf-8")
    answer.set_etag(drawn.tag)
    return answer.make_conditional(request)
