"""The landing page of staff, and programmes with their series."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cop.core.access import (
    ADMIN_ONLY,
    EVALUATION,
    EVENT_EDITORS_ONLY,
    EVENT_STAFF_ONLY,
    LEADS_ONLY,
    PROGRAMME_STAFF_ONLY,
    SURVEY_READERS_ONLY,
    Access,
    Actor,
    Role,
)
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.programmes import EditProgramme, EditSeries, NewProgramme, NewSeries
from cop.queries import forum, known_issues, messages, relays, replies, rota, staff_events
from cop.queries import programmes as queries
from cop.queries.desk import desk
from cop.services import programmes
from cop.services.founding import found_programme
from cop.web import Area, attempt, form_page, read

STAFF_ONLY = Access("any grant", lambda actor: bool(actor.grants))

NEXT_SHOWN = 5

LATELY_SHOWN = 3

DOORS: tuple[tuple[Access, str, dict[str, Any], Any, Any], ...] = (
    (EVENT_STAFF_ONLY, "admin_events.index", {}, _l("Events"), _l("Plan one, or find one of any kind")),
    (EVENT_STAFF_ONLY, "admin_events.index", {"kind": "webinar"}, _l("Webinars"), _l("Sessions, speakers, recordings")),
    (EVENT_STAFF_ONLY, "admin_events.index", {"kind": "visit"}, _l("Visits"), _l("Slots, bookings and attendance")),
    (EVENT_STAFF_ONLY, "admin_events.index", {"kind": "cohort"}, _l("Courses"), _l("Calls, selection and half-days")),
    (EVENT_STAFF_ONLY, "admin_events.index", {"kind": "summit"}, _l("Summits"), _l("Invitations, lists and check-in")),
    (
        EVENT_STAFF_ONLY,
        "admin_events.index",
        {"kind": "meet-up"},
        _l("Meet-ups"),
        _l("Dates for alumni that come again"),
    ),
    (EVENT_EDITORS_ONLY, "forum.reports", {}, _l("Practice forum"), _l("What was reported, and what was done")),
    (
        SURVEY_READERS_ONLY,
        "forum.health",
        {},
        _l("The community"),
        _l("Who reads, writes and answers in the forum, month by month"),
    ),
    (EVENT_EDITORS_ONLY, "admin_toolkit.index", {}, _l("Toolkit"), _l("Guides, templates, case studies, collections")),
    (SURVEY_READERS_ONLY, "toolkit_use.use", {}, _l("Use of the toolkit"), _l("Looks, downloads, and what came of it")),
    (LEADS_ONLY, "ratings.led", {}, _l("Your organisation"), _l("Its pledges, and how it rates itself")),
    (PROGRAMME_STAFF_ONLY, "adoption.organisations", {}, _l("Adoption"), _l("Which members rated themselves")),
    (SURVEY_READERS_ONLY, "surveys.index", {}, _l("Surveys"), _l("How many answered, and what they said")),
    (ADMIN_ONLY, "admin_questionnaires.index", {}, _l("Questionnaires"), _l("What is asked, in which words")),
    (ADMIN_ONLY, "admin_directory.organisations", {}, _l("Organisations"), _l("The directory of members and partners")),
    (ADMIN_ONLY, "admin_directory.people", {}, _l("People"), _l("Who takes part, and what they were granted")),
    (
        PROGRAMME_STAFF_ONLY,
        "admin.programmes_list",
        {},
        _l("Programmes"),
        _l("What the home page tells, and the series"),
    ),
    (STAFF_ONLY, "tasks.index", {}, _l("Your tasks"), _l("Large files and imports that you asked for")),
    (ADMIN_ONLY, "admin_tags.index", {}, _l("Words to sort by"), _l("Principles, themes, methods, levels and skills")),
    (ADMIN_ONLY, "admin_messages.index", {}, _l("Messages"), _l("What was sent, what failed, and whom to call")),
    (ADMIN_ONLY, "admin_announcements.index", {}, _l("Announcements"), _l("Letters to many, and how they fare")),
    (ADMIN_ONLY, "admin_accessibility.index", {}, _l("Accessibility"), _l("Known issues, and the statement of them")),
    (
        ADMIN_ONLY,
        "admin_requests.index",
        {},
        _l("Data protection"),
        _l("Requests and complaints, how long things are kept, breaches, records of processing"),
    ),
    (ADMIN_ONLY, "notices.index", {}, _l("Privacy notices"), _l("What stands beside forms, and earlier versions")),
    (ADMIN_ONLY, "admin_audit.index", {}, _l("Audit"), _l("Who changed what, and who looked at what is sensitive")),
    (ADMIN_ONLY, "admin_operations.index", {}, _l("Operations"), _l("Jobs, the queue, the database and versions")),
    (PROGRAMME_STAFF_ONLY, "api_tokens.index", {}, _l("Tokens for programs"), _l("Which programs read, and what")),
    (EVALUATION, "evaluation.index", {}, _l("Evaluation"), _l("Figures with definitions, and files to download")),
)
"""Where staff can go from here: what it asks of them, the endpoint with its question, its name and what is there."""

area = Area("admin", __name__, url_prefix="/admin")


@area.get("/", access=STAFF_ONLY)
def index() -> ResponseReturnValue:
    actor = read().actor
    runs_events = EVENT_STAFF_ONLY.allows(actor)
    lately = staff_events.listed(read(), when=staff_events.When.PAST, limit=LATELY_SHOWN) if runs_events else ()
    return render_template(
        "admin/index.html",
        doors=_doors(actor),
        runs_events=runs_events,
        coming=staff_events.listed(read(), limit=NEXT_SHOWN)[:NEXT_SHOWN] if runs_events else (),
        lately=lately[:LATELY_SHOWN],
        unmarked=staff_events.unmarked(read()) if runs_events else (),
        counts=messages.counts(read()) if ADMIN_ONLY.allows(actor) else {},
        replies=replies.count_waiting(read()) if runs_events else 0,
        letters=relays.count_reported(read()) if ADMIN_ONLY.allows(actor) else 0,
        reports=forum.count_open_reports(read()) if EVENT_EDITORS_ONLY.allows(actor) else 0,
        desk=desk(read()),
        statement=known_issues.overdue(read()),
        rota=rota.waiting(read()),
    )


def _doors(actor: Actor) -> list[dict[str, Any]]:
    return [
        {"address": url_for(endpoint, **asked), "title": title, "text": text}
        for access, endpoint, asked, title, text in DOORS
        if access.allows(actor)
    ]


@area.get("/programmes/", access=PROGRAMME_STAFF_ONLY)
def programmes_list() -> ResponseReturnValue:
    found = queries.granted(read(), Role.ADMIN)
    series = queries.series_of(read(), [programme.id for programme in found])
    return render_template("admin/programmes.html", programmes=found, series=series, may_add=read().actor.is_admin())


@area.form("/programmes/new", access=ADMIN_ONLY)
def new_programme() -> ResponseReturnValue:
    form = NewProgramme()
    if form.validate_on_submit() and attempt(form, partial(found_programme, **form.answers())):
        flash(_("The programme is added."))
        return redirect(url_for(".programmes_list"))
    return form_page("admin/programme_form.html", form, programme=None)


@area.form("/programmes/<slug>/edit", access=PROGRAMME_STAFF_ONLY)
def edit_programme(slug: str) -> ResponseReturnValue:
    programme = queries.to_edit(read(), slug)
    form = EditProgramme(obj=programme)
    command = partial(programmes.edit_programme, programme_id=programme.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The programme is saved."))
        return redirect(url_for(".programmes_list"))
    return form_page("admin/programme_form.html", form, programme=programme)


@area.form("/programmes/<slug>/current", access=ADMIN_ONLY)
def make_current(slug: str) -> ResponseReturnValue:
    programme = queries.to_edit(read(), slug)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(programmes.make_current, programme_id=programme.id)):
        flash(_("The home page is now about this programme."))
        return redirect(url_for(".programmes_list"))
    return form_page("admin/make_current.html", form, programme=programme, before=queries.current(read()))


@area.form("/programmes/<slug>/series/new", access=PROGRAMME_STAFF_ONLY)
def new_series(slug: str) -> ResponseReturnValue:
    programme = queries.to_edit(read(), slug)
    form = NewSeries()
    command = partial(programmes.create_series, programme_id=programme.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The series is added."))
        return redirect(url_for(".programmes_list"))
    return form_page("admin/series_form.html", form, programme=programme, series=None)


@area.form("/programmes/<slug>/series/<series_slug>", access=PROGRAMME_STAFF_ONLY)
def edit_series(slug: str, series_slug: str) -> ResponseReturnValue:
    programme = queries.to_edit(read(), slug)
    series = queries.series_by_slug(read(), series_slug)
    if series.programme_id != programme.id:
        raise NotFound
    form = EditSeries(obj=series)
    if form.validate_on_submit() and attempt(
        form, partial(programmes.edit_series, series_id=series.id, **form.answers())
    ):
        flash(_("The series is saved."))
        return redirect(url_for(".programmes_list"))
    return form_page("admin/series_form.html", form, programme=programme, series=series)
