"""Files for tests: small ones of the kinds that are taken, and files of events made through the services."""

import io
from typing import Any

from cop.core.access import SYSTEM
from cop.models.events import Event
from cop.models.files import EventFile
from cop.services.files import of_events
from tests.support.browse import Browse
from tests.support.make import Working

PDF = b"%PDF-1.7\n% a map\n"


def upload(data: bytes = PDF, name: str = "map.pdf") -> tuple[io.BytesIO, str]:
    """What a form is given for a file."""
    return io.BytesIO(data), name


def close_sent(page: Browse) -> Browse:
    """A large body waits in a temporary file of the test client, which leaves it open."""
    page.response.request.environ["wsgi.input"].close()
    return page


def event_file(work: Working, event: Event, title: str = "Map", data: bytes | None = None, **more: Any) -> EventFile:
    """A file of an event, of its own content unless ``data`` says otherwise."""
    content = data if data is not None else PDF + title.encode()
    values = {"name": "map.pdf", "public": False, **more}
    with work(SYSTEM) as unit:
        return of_events.add(unit, event_id=event.id, stream=io.BytesIO(content), title=title, **values)
