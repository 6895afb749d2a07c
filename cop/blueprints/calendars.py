"""Calendar feeds, public and one's own, and the page that explains how to subscribe to them."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import calendar_entries
from cop.calendar_entries import entry, own_entry
from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.secrecy import digest
from cop.formats import ical
from cop.forms.base import Confirm
from cop.models.events import EventKind
from cop.queries import calendars as queries
from cop.services import accounts
from cop.web import Area, attempt, current_person, form_page, ports, read
from cop.web.shared_pages import data_state
from cop.web.shelf import Drawn

MAX_AGE = 900
"""Seconds for which a client may use its copy without asking."""

BODIES_KEPT = 64
"""Public feeds whose bytes a process keeps: about 100 kB for 200 dates."""

PAGES = {
    EventKind.VISIT: "visits",
    EventKind.WEBINAR: "webinars",
    EventKind.SUMMIT: "summits",
    EventKind.COHORT: "cohorts",
    EventKind.MEET_UP: "meet-ups",
}
"""First word of the address of each kind's pages; kinds without pages have no link."""

_WORDED_IN = (__file__, ical.__file__, calendar_entries.__file__)
WRITTEN_BY = hashlib.sha256(b"".join(Path(name).read_bytes() for name in _WORDED_IN)).hexdigest()
"""Part of every ETag: a deployment that words feeds differently is a change of all of them."""

area = Area("calendars", __name__)


@area.get("/calendar", access=PUBLIC)
def how_to() -> ResponseReturnValue:
    own = None
    if current_person() is not None:
        own = _address(url_for("calendars.mine", token=queries.address_token(read())))
    return render_template(
        "calendars/how_to.html",
        own=own,
        everything=_address(url_for("calendars.everything")),
        series=[
            (series, _address(url_for("calendars.series", slug=series.slug)))
            for series in queries.series_with_feeds(read())
        ],
    )


@area.form("/calendar/renew", access=SIGNED_IN)
def renew() -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit() and attempt(form, accounts.renew_calendar_address):
        flash(_("Your calendar feed has a new address. The old one no longer works."))
        return redirect(url_for("calendars.how_to"))
    return form_page("calendars/renew.html", form)


@area.get("/calendar.ics", access=PUBLIC)
def everything() -> ResponseReturnValue:
    name = current_app.config["SERVICE_NAME"]
    return _public(lambda: (queries.Shown(), name, _("All public events of the programme.")), "calendar")


@area.get("/series/<slug>.ics", access=PUBLIC)
def series(slug: str) -> ResponseReturnValue:
    def find() -> tuple[queries.Shown, str, str]:
        found = queries.series_shown(read(), slug=slug)
        return queries.Shown(series_id=found.id), found.name, found.summary

    return _public(find, slug)


@area.get("/events/<slug>.ics", access=PUBLIC)
def event(slug: str) -> ResponseReturnValue:
    def find() -> tuple[queries.Shown, str, str]:
        found = queries.event_shown(read(), slug=slug)
        return queries.Shown(event_id=found.id), found.name, found.summary

    return _public(find, slug)


@area.get("/calendar/<token>.ics", access=PUBLIC)
def mine(token: str) -> ResponseReturnValue:
    person_id = queries.owner_of_address(read(), token=token)
    version = queries.own_version(read(), person_id=person_id)
    name = _("My bookings, %(service)s", service=current_app.config["SERVICE_NAME"])

    def body() -> bytes:
        occasions = queries.own_occasions(read(), person_id=person_id)
        entries = [own_entry(occasion, ports().settings.base_url) for occasion in occasions]
        return _feed(name, _("What I have booked. Keep this address to yourself."), entries)

    response = _answer(_tag(version, name), version.changed_at, "my-bookings", body)
    response.headers["Cache-Control"] = f"private, max-age={MAX_AGE}"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _public(find: Callable[[], tuple[queries.Shown, str, str]], filename: str) -> Response:
    """A public feed: while nobody writes anything, one statement tells that the bytes of last time still hold."""
    shelf, state = ports().shelf, data_state()
    kept = shelf.find(request.path, state)
    if kept is None:
        shown, name, description = find()
        version = queries.public_version(read(), shown)
        body = partial(_public_bytes, shown, name, description)
        tag = _tag(version, name, description)
        kept = shelf.keep(request.path, Drawn(state, tag, _bodies.of(shown, tag, body), version.changed_at))
    response = _answer(kept.tag, kept.changed_at, filename, lambda: kept.body)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response


def _public_bytes(shown: queries.Shown, name: str, description: str) -> bytes:
    return _feed(name, description, map(_public_happening, queries.public_occasions(read(), shown)))


def _tag(version: queries.Version, *words: str) -> str:
    """A strong ETag: the same only where every byte of the feed is the same."""
    settings = ports().settings
    return digest("feed", WRITTEN_BY, settings.base_url, settings.timezone, request.path, *words, version.digest)[:32]


def _answer(tag: str, changed_at: datetime | None, filename: str, body: Callable[[], bytes]) -> Response:
    """The feed, or 304 without making it. If-Modified-Since is not asked: dates also leave a feed, and that moves
    no instant forward.
    """
    response = Response(content_type="text/calendar; charset=utf-8")
    response.set_etag(tag)
    response.last_modified = changed_at
    response.headers["Content-Disposition"] = f'inline; filename="{filename}.ics"'
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
    else:
        response.set_data(body())
    return response


class _Bodies:
    """The last bytes of each public feed, by process; the oldest makes room."""

    def __init__(self) -> None:
        self._kept: dict[queries.Shown, tuple[str, bytes]] = {}
        self._lock = Lock()

    def of(self, shown: queries.Shown, tag: str, make: Callable[[], bytes]) -> bytes:
        kept = self._kept.get(shown)
        if kept is not None and kept[0] == tag:
            return kept[1]
        body = make()
        with self._lock:
            self._kept.pop(shown, None)
            self._kept[shown] = tag, body
            if len(self._kept) > BODIES_KEPT:
                del self._kept[next(iter(self._kept))]
        return body


_bodies = _Bodies()


def _feed(name: str, description: str, happenings: Iterable[ical.Happening]) -> bytes:
    settings = ports().settings
    return ical.feed(
        name,
        description,
        happenings,
        source=_address(request.path),
        timezone=settings.timezone,
        domain=settings.domain,
    )


def _address(path: str) -> str:
    """The whole address, also for a request that came by another host name."""
    return f"{ports().settings.base_url}{path}"


def _public_happening(occasion: queries.Occasion) -> ical.Happening:
    page = PAGES.get(occasion.kind)
    url = _address(f"/{page}/{occasion.slug}") if page else ""
    booking = _("Places and booking: %(address)s", address=url) if url else ""
    is_same = occasion.part_title in {"", occasion.title}
    title = occasion.title if is_same else f"{occasion.title}: {occasion.part_title}"
    return entry(occasion, title, url, [occasion.summary, booking])
