"""What templates may use: strict names, dates in words, addresses of static files."""

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask.templating import Environment
from flask_babel import format_date, gettext, ngettext
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
    pass_eval_context,
)
from jinja2.exceptions import UndefinedError
from jinja2.nodes import EvalContext
from jinja2.utils import missing
from markupsafe import Markup

from cop.formats import qr
from cop.formats.media import kind_named
from cop.models import words
from cop.models.events import EventKind
from cop.queries.privacy import notices
from cop.queries.privacy.notices import Shown
from cop.web import languages
from cop.web.acting import current_actor, current_person
from cop.web.database import ports, read
from cop.web.pages import EVENT_PAGES, STAFF_PAGES

STATIC = Path(__file__).parent.parent / "static"
KILOBYTE, MEGABYTE = 1_000, 1_000_000


NOTHING = ChainableUndefined()


class StrictOutsideDicts(StrictUndefined):
    """Strict for names and for attributes of our objects; lenient for a missing key of a dict.

    The macros of the design system probe their ``params`` for keys that are not there, and were translated from a
    language in which ``undefined`` and ``null`` are words; they also ask whether there is a ``caller``.
    """

    __slots__ = ()

    def __new__(
        cls,
        hint: str | None = None,  # noqa: ARG004  Jinja’s signature
        obj: Any = missing,
        name: str | None = None,
        exc: type[UndefinedError] = UndefinedError,  # noqa: ARG004  Jinja’s signature
    ) -> Any:
        if isinstance(obj, dict | Undefined) or (obj is missing and name in {"undefined", "null", "caller"}):
            return NOTHING  # one for all of them: a field of a form probes for dozens of keys
        return super().__new__(cls)


class Templates(Environment):
    """Each template is given the globals as one plain dictionary.

    Jinja’s own is a chain of two, and every import of a macro compares all its names in Python. Globals therefore have
    to be there before the first page is drawn.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def local(instant: datetime) -> datetime:
    """The instant on the wall clock of the place where the programme happens."""
    return instant.astimezone(ports().settings.timezone)


@lru_cache(maxsize=4_096)
def _date_in_words_of(_language: str, on: date, pattern: str) -> str:
    """Kept, because a page names the same days many times, and putting one into words costs more than a look-up."""
    return format_date(on, pattern)


def _date_in_words(on: date, pattern: str) -> str:
    return _date_in_words_of(languages.spoken(), on, pattern)


def _in_words(value: datetime | date, pattern: str) -> str:
    return _date_in_words(local(value).date() if isinstance(value, datetime) else value, pattern)


def day(value: datetime | date) -> str:
    """Tuesday 1 December 2026."""
    return _in_words(value, "EEEE d MMMM y")


def short_day(value: datetime | date) -> str:
    """Tue 1 Dec."""
    return _in_words(value, "EEE d MMM")


def month_day(value: datetime | date) -> str:
    """1 December 2026."""
    return _in_words(value, "d MMMM y")


def month_name(value: date) -> str:
    """December 2026."""
    return _in_words(value, "MMMM y")


def clock_time(instant: datetime) -> str:
    """10am, 2:30pm, midday: the style of GOV.UK."""
    return _clock_face(local(instant))


def _clock_face(at: datetime) -> str:
    if (at.hour, at.minute) == (12, 0):
        return gettext("midday")
    if (at.hour, at.minute) == (0, 0):
        return gettext("midnight")
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{(at.hour - 1) % 12 + 1}{minutes}{'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004


def times(part: Any) -> str:
    """10am to 11:30am."""
    return gettext("%(start)s to %(end)s", start=clock_time(part.starts_at), end=clock_time(part.ends_at))


def when(part: Any) -> str:
    """Tuesday 1 December 2026, 10am to 11:30am."""
    return f"{day(part.starts_at)}, {times(part)}"


def in_zone(part: Any, zone: str) -> str | None:
    """The same times for a reader whose wall clock differs, with the zone named; else None."""
    starts, ends = part.starts_at.astimezone(ZoneInfo(zone)), part.ends_at.astimezone(ZoneInfo(zone))
    if starts.utcoffset() == local(part.starts_at).utcoffset():
        return None
    return gettext(
        "%(day)s, %(start)s to %(end)s in %(place)s",
        day=_date_in_words(starts.date(), "EEEE d MMMM"),
        start=_clock_face(starts),
        end=_clock_face(ends),
        place=_city(zone),
    )


def moment_in_zone(instant: datetime, zone: str) -> str | None:
    """An instant for a reader whose wall clock differs, with the zone named; else None."""
    there = instant.astimezone(ZoneInfo(zone))
    if there.utcoffset() == local(instant).utcoffset():
        return None
    return gettext(
        "%(day)s, %(time)s in %(place)s",
        day=_date_in_words(there.date(), "EEEE d MMMM"),
        time=_clock_face(there),
        place=_city(zone),
    )


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def moment(instant: datetime) -> str:
    """1 December 2026 at 10am."""
    return _moment_in_words(languages.spoken(), local(instant).replace(second=0, microsecond=0))


@lru_cache(maxsize=4_096)
def _moment_in_words(_language: str, at: datetime) -> str:
    return gettext("%(day)s at %(time)s", day=_date_in_words(at.date(), "d MMMM y"), time=_clock_face(at))


def capital(text: str) -> str:
    """The first letter raised and the others left alone, unlike Jinja's own filter."""
    return text[:1].upper() + text[1:]


def event_address(event: Any) -> str:
    """Where visitors read about an event; ``event`` is anything with its kind and slug."""
    return url_for(EVENT_PAGES[event.kind], slug=event.slug)


def staff_address(event: Any) -> str:
    """Where staff prepare an event; ``event`` is anything with its kind and slug."""
    return url_for(STAFF_PAGES[event.kind], slug=event.slug)


def kind_name(kind: EventKind) -> str:
    """What an event of this kind is called, with a capital."""
    names = {
        EventKind.VISIT: gettext("Visit"),
        EventKind.WEBINAR: gettext("Webinar"),
        EventKind.SUMMIT: gettext("Summit"),
        EventKind.COHORT: gettext("Course"),
        EventKind.MEET_UP: gettext("Meet-up"),
    }
    return names[kind]


def letter_name(template: str) -> str:
    """What a message is called; one of another version that lies in the log, by the name of its template."""
    known = words.LETTERS.get(template)
    return gettext(known) if known else capital(template.replace("_", " "))


def _called(names: Mapping[str, str]) -> Callable[[str], str]:
    """A filter that says what a word of a list is called."""
    return lambda word: gettext(names[word])


WORDS = {
    "sector_name": words.SECTORS,
    "region_name": words.REGIONS,
    "organisation_kind": words.ORGANISATIONS,
    "membership_kind": words.MEMBERSHIPS,
    "role_name": words.ROLES,
    "event_state": words.EVENT_STATES,
    "attendance_name": words.ATTENDANCE,
    "need_name": words.NEEDS,
}


def file_size(size: int) -> str:
    """1.5 MB: a number of bytes in the unit in which people think of it."""
    if size < KILOBYTE:
        return ngettext("%(num)s byte", "%(num)s bytes", size)
    if size < MEGABYTE:
        return gettext("%(size)s KB", size=f"{size / KILOBYTE:.1f}")
    return gettext("%(size)s MB", size=f"{size / MEGABYTE:.1f}")


def file_kind(name: str) -> str:
    """PDF, Word, CSV: what the ending of a file's name stands for."""
    kind = kind_named(name)
    return kind.name if kind else gettext("file")


def people(count: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", count)


def qr_code(path: str) -> Markup:
    """The code that opens this path of ours; what is written beside it has to say what it is for."""
    return Markup(qr.svg(f"{ports().settings.base_url}{path}"))  # noqa: S704  drawn by us


def qr_of(words: str) -> Markup:
    """The code that says these words, for the camera of an app."""
    return Markup(qr.svg(words))  # noqa: S704  drawn by us


def notice_of(place: str) -> Shown:
    """The privacy notice of a place, in the version that counts now."""
    return notices.current(read(), place=place)


def paragraphs(text: str) -> list[str]:
    return [piece.strip() for piece in text.split("\n\n") if piece.strip()]


@pass_eval_context
def _as_it_stands(drawn: EvalContext, sentence: str, **values: Any) -> str:
    """A marked sentence with its values, escaped where the template escapes: what the extension does in three calls."""
    shown = Markup(sentence) if drawn.autoescape else sentence  # noqa: S704  our own sentences
    return shown % values if "%" in sentence else shown


def init_app(app: Flask) -> None:
    app.jinja_environment = Templates
    spoken = languages.init_app(app, app.extensions["cop"].settings.translations)
    if len(spoken) == 1:  # marked sentences are shown as they stand, without a look-up for each
        app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # of the i18n extension
        app.jinja_env.globals.update({"_": _as_it_stands, "gettext": _as_it_stands})
    WTFormsHelpers(app)
    app.jinja_env.undefined = StrictOutsideDicts
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    ours = app.jinja_loader
    app.jinja_loader = ChoiceLoader(
        [
            *([ours] if ours else []),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    dates = (day, short_day, month_day, month_name, clock_time, times, when, in_zone, moment, moment_in_zone)
    codes = (qr_code, qr_of)
    labels = (kind_name, letter_name, file_kind, file_size, event_address, staff_address)
    for function in (*dates, *codes, *labels, capital, people, paragraphs):
        app.add_template_filter(function)
    for name, names in WORDS.items():
        app.add_template_filter(_called(names), name)

    addresses: dict[str, str] = {}

    def static_address(filename: str) -> str:
        """The address of a static file, with its content's hash so that it may be kept for a year."""
        if filename not in addresses:
            path = STATIC / filename
            version = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""
            addresses[filename] = url_for("pages.static", filename=filename, v=version)
        return addresses[filename]

    app.add_template_global(static_address)
    app.add_template_global(notice_of)

    @app.context_processor
    def for_every_page() -> dict[str, Any]:
        if not request:
            return {}
        return {
            "actor": current_actor(),
            "person": current_person(),
            "now": g.get("now") or ports().clock.now(),
            "is_demo": ports().settings.demo,
            "here": request.endpoint or "",
            "language": languages.current_language(),
            "languages": languages.languages(),
            "service_name": current_app.config["SERVICE_NAME"],
        }
