"""Handing out files that were kept: as something to save and never as a page of ours, or as a picture in one."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, request

from cop.core.work import Read, end_reading
from cop.formats.media import kind_named
from cop.models.files import File
from cop.services import files
from cop.web.database import streamed

POLICY = "default-src 'none'; sandbox"
"""Should a browser show the file all the same, nothing in it runs and nothing is loaded."""


def send_stored(read: Read, file: File, name: str) -> Response:
    """The file as a download called ``name``; 304 where the browser has these bytes already.

    The caller has checked who asks. The connection to the database is given back after each piece, so that a slow
    reader keeps none.
    """
    kind = kind_named(name)
    response = Response(content_type=kind.media_type if kind else file.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"  # kept, and asked about each time
    response.set_etag(file.sha256)
    if request.method == "HEAD" or request.if_none_match.contains(file.sha256):
        response.content_length = file.size
        response.make_conditional(request)
        return response
    response.response = streamed(_pieces(read, file), read)
    response.content_length = file.size
    return response


def send_picture(read: Read, file: File) -> Response:
    """A picture that was proven to be one, to be shown in a page of ours; the caller has checked who asks."""
    response = send_stored(read, file, "")
    response.headers["Content-Disposition"] = "inline"
    return response


def _pieces(read: Read, file: File) -> Iterator[bytes]:
    for piece in files.pieces(read, file):
        end_reading(read.session)
        yield piece
