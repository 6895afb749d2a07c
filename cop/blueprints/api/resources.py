"""The lists that programs read: what each is for, its fields, and where its items come from.

Answers and the OpenAPI document are both made from these declarations, so that neither can say what the other does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cop.blueprints.api.asking import EVENT, Parameter
from cop.blueprints.api.events import EVENT_FIELDS, of_event
from cop.blueprints.api.fields import (
    ADDRESS,
    DAY,
    INSTANT,
    NUMBER,
    SLUG,
    WHOLE,
    YES_OR_NO,
    Field,
    item,
    list_of,
    of_columns,
    words,
)
from cop.core.access import Access, TokenScope, token_for
from cop.core.errors import marked
from cop.core.work import Reading
from cop.exporting.attendance import ATTENDANCE
from cop.exporting.bookings import BOOKINGS
from cop.exporting.columns import keyed
from cop.exporting.forum import FORUM, post_cells
from cop.exporting.surveys import SURVEYS, answer_cells
from cop.models.events import EventKind
from cop.models.evidence import Unit
from cop.models.organisations import Membership, Organisation, OrganisationKind
from cop.models.programmes import Programme, Series
from cop.models.toolkit import ItemKind, Resource, ResourceAudience, ResourceState
from cop.queries import indicators
from cop.queries import programmes as known
from cop.queries.api import Page, Wanted, directory, people, surveys
from cop.queries.audit import Read
from cop.queries.exports import Scope
from cop.queries.toolkit_use import Line, lines_after
from cop.web import address

Given = Mapping[str, str]
Item = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """``programme`` is the one in the address, as its reader may see it; None where the address names none."""

    read: Reading
    wanted: Wanted
    given: Given
    programme: Scope | None

    @property
    def scope(self) -> Scope:
        if self.programme is None:
            raise LookupError("the address names no programme")
        return self.programme


@dataclass(frozen=True)
class Listing:
    """``noted`` is the kind of observation that is made of a read with names."""

    name: str
    about: str
    scope: TokenScope
    fields: tuple[Field, ...]
    page: Callable[[Asked], Page[Item]]
    of_programme: bool = True
    filters: tuple[Parameter, ...] = ()
    noted: Read | None = None

    @property
    def rule(self) -> str:
        return f"/programmes/<slug>/{self.name}" if self.of_programme else f"/{self.name}"

    @property
    def access(self) -> Access:
        return token_for(self.scope)


PROGRAMME_FIELDS = (
    Field("slug", "Address word of the programme", SLUG),
    Field("name", "Name of the programme"),
    Field("summary", "What it is about"),
    Field("starts_on", "First day", DAY),
    Field("ends_on", "Last day", DAY),
    Field("is_current", "Whether the home page is about it", YES_OR_NO),
)


def _programmes(asked: Asked) -> Page[Item]:
    return _told(PROGRAMME_FIELDS, directory.programmes(asked.read, asked.wanted), _of_programme)


def _of_programme(one: Programme) -> Sequence[Any]:
    return one.slug, one.name, one.summary, one.starts_on, one.ends_on, one.is_current


ORGANISATION_FIELDS = (
    Field("slug", "Address word of the organisation", SLUG),
    Field("name", "Name of the organisation"),
    Field("kind", "What kind of organisation it is", words(OrganisationKind)),
    Field("membership", "Its membership of the network; null where it is no member", words(Membership), may_lack=True),
    Field("region", "Region of England or nation", may_lack=True),
    Field("rural", "Whether it is rural; null where nobody knows", YES_OR_NO, may_lack=True),
    Field("code", "Code of the area by the Office for National Statistics", may_lack=True),
    Field("joined_on", "Day on which it joined the network", DAY, may_lack=True),
    Field("ended_on", "Day on which a council itself ceased to be", DAY, may_lack=True),
)


def _organisations(asked: Asked) -> Page[Item]:
    return _told(ORGANISATION_FIELDS, directory.organisations(asked.read, asked.wanted), _of_organisation)


def _of_organisation(one: Organisation) -> Sequence[Any]:
    named = (one.slug, one.name, one.kind, one.membership, one.region)
    return *named, one.rural, one.code, one.joined_on, one.ended_on


SERIES_FIELDS = (
    Field("slug", "Address word of the series", SLUG),
    Field("name", "Name of the series"),
    Field("summary", "What it is about"),
)


def _series(asked: Asked) -> Page[Item]:
    found = directory.series(asked.read, asked.wanted, programme_id=asked.scope.programme_id)
    return _told(SERIES_FIELDS, found, _of_series)


def _of_series(one: Series) -> Sequence[Any]:
    return one.slug, one.name, one.summary


KIND = Parameter("kind", "Only events of this kind", words(EventKind))


def _events(asked: Asked) -> Page[Item]:
    kind = EventKind(asked.given["kind"]) if "kind" in asked.given else None
    found = directory.events(asked.read, asked.wanted, programme_id=asked.scope.programme_id, kind=kind)
    return Page([of_event(one, asked.scope.slug) for one in found.rows], found.next)


ATTENDANCE_FIELDS = of_columns(
    ATTENDANCE.columns,
    never_lack=("programme", "event", "event_kind", "status", "source"),
    session_starts_at=INSTANT,
    region={"type": "string"},
    minutes=WHOLE,
    recorded_at=INSTANT,
)


def _attendance(asked: Asked) -> Page[Item]:
    found = people.attendance(asked.read, asked.wanted, asked.scope)
    rows = list(keyed(ATTENDANCE.columns, found.rows, asked.scope))
    return _told(ATTENDANCE_FIELDS, Page(rows, found.next), tuple)


BOOKING_FIELDS = of_columns(
    BOOKINGS.columns,
    never_lack=("programme", "event", "event_kind", "booking", "state", "source", "party_size", "booked_at"),
    region={"type": "string"},
    party_size=WHOLE,
    booked_at=INSTANT,
    cancelled_at=INSTANT,
    invited_at=INSTANT,
)


def _bookings(asked: Asked) -> Page[Item]:
    found = people.bookings(asked.read, asked.wanted, asked.scope)
    rows = list(keyed(BOOKINGS.columns, found.rows, asked.scope))
    return _told(BOOKING_FIELDS, Page(rows, found.next), tuple)


POST_FIELDS = of_columns(
    FORUM.columns,
    never_lack=("programme", "space", "topic", "post", "made_at", "words"),
    region={"type": "string"},
    post=WHOLE,
    made_at=INSTANT,
    reply_hours=NUMBER,
    words=WHOLE,
)


def _posts(asked: Asked) -> Page[Item]:
    found = people.posts(asked.read, asked.wanted, asked.scope)
    cells = [post_cells(row, asked.scope) for row in found.rows]
    rows = list(keyed(FORUM.columns, cells, asked.scope))
    return _told(POST_FIELDS, Page(rows, found.next), tuple)


OF_ANSWER = 5
"""The last columns of the export of surveys are about one answer, the others about the sheet that it stands on."""

SHEET_COLUMNS, ANSWER_COLUMNS = SURVEYS.columns[:-OF_ANSWER], SURVEYS.columns[-OF_ANSWER:]
ANSWER_FIELDS = of_columns(ANSWER_COLUMNS, never_lack=("code", "question", "kind"))
SHEET_FIELDS = of_columns(
    SHEET_COLUMNS,
    never_lack=("programme", "event", "event_kind", "wave", "questionnaire", "version", "mode", "submitted_on"),
    region={"type": "string"},
    version=WHOLE,
    submitted_on=DAY,
)
SURVEY_FIELDS = (*SHEET_FIELDS, Field("answers", "What was answered, question by question", list_of(*ANSWER_FIELDS)))


def _surveys(asked: Asked) -> Page[Item]:
    found = surveys.sheets(asked.read, asked.wanted, programme_id=asked.scope.programme_id)
    return Page([_of_sheet(sheet, asked.scope) for sheet in found.rows], found.next)


def _of_sheet(sheet: surveys.Sheet, scope: Scope) -> Item:
    rows = list(keyed(SURVEYS.columns, [answer_cells(row, scope) for row in sheet], scope))
    answers = [item(ANSWER_FIELDS, row[-OF_ANSWER:]) for row in rows]
    return {**item(SHEET_FIELDS, rows[0][:-OF_ANSWER]), "answers": answers}


FEW = "null where fewer than five people would be told of, to a token without names"

EVER_PUBLISHED = (ResourceState.PUBLISHED, ResourceState.WITHDRAWN)

TOOLKIT_FIELDS = (
    Field("slug", "Address word of the resource", SLUG),
    Field("title", "Title of the resource"),
    Field("summary", "What it is about"),
    Field("kind", "What kind of resource it is", words(ItemKind)),
    Field("state", "Whether it can be found in the toolkit", words(EVER_PUBLISHED)),
    Field("audience", "Who can open it", words(ResourceAudience)),
    Field("version", "Number of the version that is published", WHOLE),
    Field("event", "Address word of the event that it came out of", SLUG, may_lack=True),
    Field("address", "Its page in the toolkit", ADDRESS),
    Field("published_at", "When this version was published", INSTANT, may_lack=True),
    Field("viewed", "How often somebody looked at it, signed out people included", WHOLE),
    Field("downloaded", "How often something was taken from it", WHOLE),
    Field("organisations", f"Organisations whose people looked at it, took it or used it; {FEW}", WHOLE, may_lack=True),
    Field("used", f"People who told that they used it, adapted it, or what came of it; {FEW}", WHOLE, may_lack=True),
    Field("useful", f"Answers that it was useful; {FEW}", WHOLE, may_lack=True),
    Field("answered", f"Answers to “Was this useful?”; {FEW}", WHOLE, may_lack=True),
)


def _toolkit(asked: Asked) -> Page[Item]:
    (after,) = asked.wanted.after or (0,)
    programme = known.by_slug(asked.read, asked.scope.slug)
    found = lines_after(asked.read, programme=programme, after=after, limit=asked.wanted.limit)
    page: Page[tuple[Resource, Line]] = Page.cut(found, asked.wanted.limit, lambda row: [row[0].id], lambda row: row)
    return _told(TOOLKIT_FIELDS, page, _of_resource)


def _of_resource(row: tuple[Resource, Line]) -> Sequence[Any]:
    one, line = row
    page = address("toolkit.resource", slug=one.slug)
    event = one.event.slug if one.event else None
    about = (one.slug, one.title, one.summary, one.kind, one.state, one.audience, one.version, event, page)
    figures = (line.organisations, line.used, line.useful, line.answered)
    return *about, one.published_at, line.viewed, line.downloaded, *(figure.value for figure in figures)


INDICATOR_FIELDS = (
    Field("code", "Code of the indicator", SLUG),
    Field("name", "Name of the indicator"),
    Field("definition", "What is counted, and out of how many"),
    Field("unit", "What the number is", words(Unit)),
    Field("question", "Number of the question of the evaluation that it helps to answer", WHOLE, may_lack=True),
    Field("source", "Where the number comes from"),
    Field("is_automatic", "Whether the service counts it, every night", YES_OR_NO),
    Field("value", f"The newest value; null where there is none; {FEW}", NUMBER, may_lack=True),
    Field("n", "Out of how many, or from how many people, as the definition says", WHOLE, may_lack=True),
    Field("on", "Day of the newest value", DAY, may_lack=True),
    Field("note", "What staff say of the value"),
    Field("hidden", "Whether there is a value that this token may not read", YES_OR_NO),
    Field("baseline", "What it was at first", NUMBER, may_lack=True),
    Field("baseline_on", "On which day", DAY, may_lack=True),
    Field("target", "What it should become", NUMBER, may_lack=True),
    Field("target_on", "By which day", DAY, may_lack=True),
    Field("retired_at", "Since when it counts no more", INSTANT, may_lack=True),
)


def _indicators(asked: Asked) -> Page[Item]:
    (after,) = asked.wanted.after or (0,)
    programme = known.by_slug(asked.read, asked.scope.slug)
    every = indicators.measured(asked.read, programme, hide=asked.scope.key is not None, retired=True)
    found = [one for one in sorted(every, key=lambda one: one.id) if one.id > after]
    page: Page[indicators.Measured] = Page.cut(found, asked.wanted.limit, lambda one: [one.id], lambda one: one)
    return _told(INDICATOR_FIELDS, page, _of_indicator)


def _of_indicator(one: indicators.Measured) -> Sequence[Any]:
    about = (one.code, one.name, one.definition, one.unit, one.question, one.source, one.is_automatic)
    now = (one.value, one.n, one.on, one.note, one.hidden)
    return *about, *now, one.baseline, one.baseline_on, one.target, one.target_on, one.retired_at


def _told(fields: Sequence[Field], page: Page[Any], cells: Callable[[Any], Sequence[Any]]) -> Page[Item]:
    return Page([item(fields, cells(row)) for row in page.rows], page.next)


LISTINGS = (
    Listing(
        "programmes",
        marked("The programmes that the token is for"),
        TokenScope.EVENTS,
        PROGRAMME_FIELDS,
        _programmes,
        of_programme=False,
    ),
    Listing(
        "organisations",
        marked("Councils and partners in the directory of the network"),
        TokenScope.ORGANISATIONS,
        ORGANISATION_FIELDS,
        _organisations,
        of_programme=False,
    ),
    Listing("series", marked("Series of events"), TokenScope.EVENTS, SERIES_FIELDS, _series),
    Listing(
        "events",
        marked("Events of every kind with their dated parts, called off ones too; no drafts"),
        TokenScope.EVENTS,
        EVENT_FIELDS,
        _events,
        filters=(KIND,),
    ),
    Listing(
        "attendance",
        marked("Who came: a row for each seat and dated part, and for each party that waits"),
        TokenScope.ATTENDANCE,
        ATTENDANCE_FIELDS,
        _attendance,
        filters=(EVENT,),
        noted=Read.ATTENDANCE_BY_API,
    ),
    Listing(
        "bookings",
        marked("Bookings, with the answer to their invitation"),
        TokenScope.BOOKINGS,
        BOOKING_FIELDS,
        _bookings,
        filters=(EVENT,),
        noted=Read.BOOKINGS_BY_API,
    ),
    Listing(
        "surveys",
        marked("Sheets that were sent to surveys, with their answers"),
        TokenScope.SURVEYS,
        SURVEY_FIELDS,
        _surveys,
        filters=(EVENT,),
        noted=Read.SURVEYS_BY_API,
    ),
    Listing(
        "forum",
        marked("Posts of the forum: when, where and how long; with names also their words"),
        TokenScope.FORUM,
        POST_FIELDS,
        _posts,
        noted=Read.FORUM_BY_API,
    ),
    Listing(
        "toolkit",
        marked("Resources of the toolkit, and how much they are used"),
        TokenScope.TOOLKIT,
        TOOLKIT_FIELDS,
        _toolkit,
    ),
    Listing(
        "indicators",
        marked("What the programme is judged by, with the newest values"),
        TokenScope.INDICATORS,
        INDICATOR_FIELDS,
        _indicators,
    ),
)
