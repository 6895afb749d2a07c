"""Files of events, for those who may have them."""

from flask import request
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC, Actor
from cop.core.errors import NotFound
from cop.models.files import EventFile
from cop.queries import files as queries
from cop.web import Area, current_actor, observe, read, send_stored, wants_sign_in

area = Area("files", __name__)


@area.get("/events/<slug>/files/<public_id>", access=PUBLIC)
def download(slug: str, public_id: str) -> ResponseReturnValue:
    """Whoever is signed out and finds nothing may find it signed in."""
    try:
        found = queries.to_download(read(), slug=slug, public_id=public_id)
    except NotFound:
        if current_actor().person_id is None:
            return wants_sign_in()
        raise
    return _sent(found, current_actor())


@area.get("/bookings/t/<token>/files/<public_id>", access=PUBLIC)
def by_link(token: str, public_id: str) -> ResponseReturnValue:
    found, person_id = queries.of_link(read(), token=token, public_id=public_id)
    return _sent(found, Actor(person_id, via="link"))


def _sent(found: EventFile, actor: Actor) -> ResponseReturnValue:
    if request.method == "GET":  # and not HEAD, which only asks whether it is there
        observe(queries.DOWNLOADED, "file", found.id, actor=actor)
    return send_stored(read(), found.file, found.name)
