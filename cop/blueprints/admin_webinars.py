"""Staff prepare a webinar and follow it up: a page of tasks, and one small page for each."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS, EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.forms.webinars import EditAccess, EditLink, EditSession, NewWebinar, Revised
from cop.mail.rehearsing import Rehearsal, once_sure
from cop.models.events import EventKind
from cop.models.webinars import EventLink
from cop.queries import events, programmes, questions, speakers, staff_events
from cop.queries import webinars as queries
from cop.queries.staff_events import StaffEvent
from cop.services.events.editing import webinars as editing
from cop.web import Area, attempt, form_page, observe, ports, read, sure_page

area = Area("admin_webinars", __name__, url_prefix="/admin/webinars")


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new() -> ResponseReturnValue:
    own = programmes.granted(read(), *EVENT_EDITORS)
    if not own:
        raise NotFound
    form = NewWebinar([(programme.id, programme.name) for programme in own])
    if form.validate_on_submit():
        done = attempt(form, partial(editing.create_webinar, **form.answers()))
        if done:
            flash(_("The webinar is a draft now. Only staff see it until you publish it."))
            return redirect(url_for(".overview", slug=done.result.slug))
    return form_page("admin_webinars/new.html", form)


@area.get("/<slug>", access=EVENT_STAFF_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    coming, part = bool(found.coming(read().now)), queries.session_of(found.event)
    links = queries.links_of(read(), found.event.id)
    return render_template(
        "admin_webinars/overview.html",
        found=found,
        part=part,
        speakers=speakers.of_event(read(), found.event.id),
        links=links,
        asked=questions.count_of(read(), found.event.id),
        turnout=queries.turnout(read(), part.id if part else None, [link.id for link in links]),
        missing=staff_events.missing_to_publish(found.event, has_coming_slot=coming),
        may_edit=staff_events.may_edit(read().actor, found.event),
    )


@area.form("/<slug>/session", access=EVENT_EDITORS_ONLY)
def session(slug: str) -> ResponseReturnValue:
    found, zone = _found(slug, to_edit=True), ports().settings.timezone
    part = queries.session_of(found.event)
    form = EditSession.of(found.event, part, zone, events.revision(found.event))
    command = partial(editing.set_session, event_id=found.event.id, zone=zone)
    if form.validate_on_submit() and form.sure.data != "back":
        outcome = once_sure(form, partial(command, **form.answers()))
        if isinstance(outcome, Rehearsal):
            words = {
                "heading": _("Move the webinar?"),
                "yes": _("Yes, move it and tell them"),
                "no": _("No, change it"),
            }
            where = {"back_to": request.path, "back_name": _("Time and joining")}
            return sure_page(form, outcome, event=found.event, part=part, **words, **where)
        if outcome:
            flash(_("The time and the joining address are saved."))
            return redirect(url_for(".overview", slug=slug))
        _as_it_stands(form, slug)
    form.ask_again()
    return _page("admin_webinars/session.html", form, found, part=part)


@area.form("/<slug>/access", access=EVENT_EDITORS_ONLY)
def access(slug: str) -> ResponseReturnValue:
    found, zone = _found(slug, to_edit=True), ports().settings.timezone
    form = EditAccess.of(found.event, zone, events.revision(found.event))
    command = partial(editing.edit_access, event_id=found.event.id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers_in(zone))):
        flash(_("What access there is, is saved."))
        return redirect(url_for(".overview", slug=slug))
    return _page("admin_webinars/access.html", form, found)


@area.get("/<slug>/needs", access=EVENT_STAFF_ONLY)
def needs(slug: str) -> ResponseReturnValue:
    found = _found(slug)
    listed = queries.needs_of(read(), found.event.id)
    observe("access needs read", "event", found.event.id)
    return render_template("admin_webinars/needs.html", found=found, needs=listed)


@area.get("/<slug>/links", access=EVENT_EDITORS_ONLY)
def links(slug: str) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    listed, part = queries.links_of(read(), found.event.id), queries.session_of(found.event)
    turnout = queries.turnout(read(), part.id if part else None, [link.id for link in listed])
    return render_template(
        "admin_webinars/links.html", found=found, part=part, links=listed, turnout=turnout, said=_consents(found)
    )


@area.form("/<slug>/links/new", access=EVENT_EDITORS_ONLY)
def add_link(slug: str) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    said = _consents(found)
    form = EditLink(data={"seen": events.revision(found.event)})
    form.unless_refused(said.refused)
    if form.validate_on_submit() and _save(
        form, slug, partial(editing.add_link, event_id=found.event.id, **form.answers())
    ):
        flash(_("It is added."))
        return redirect(url_for(".links", slug=slug))
    return _page("admin_webinars/link.html", form, found, link=None, said=said)


@area.form("/<slug>/links/<int:link_id>", access=EVENT_EDITORS_ONLY)
def edit_link(slug: str, link_id: int) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    link = _one(queries.links_of(read(), found.event.id), link_id)
    said = _consents(found)
    form = EditLink(obj=link, seen=events.revision(found.event))
    form.unless_refused(said.refused)
    if form.validate_on_submit() and _save(
        form, slug, partial(editing.edit_link, event_id=found.event.id, link_id=link_id, **form.answers())
    ):
        flash(_("It is saved."))
        return redirect(url_for(".links", slug=slug))
    return _page("admin_webinars/link.html", form, found, link=link, said=said)


def _consents(found: StaffEvent) -> speakers.Consents:
    return speakers.consents(speakers.of_event(read(), found.event.id))


@area.form("/<slug>/links/<int:link_id>/remove", access=EVENT_EDITORS_ONLY)
def remove_link(slug: str, link_id: int) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    link = _one(queries.links_of(read(), found.event.id), link_id)
    form = Revised(data={"seen": events.revision(found.event)})
    command = partial(editing.remove_link, event_id=found.event.id, link_id=link_id)
    if form.validate_on_submit() and _save(form, slug, partial(command, **form.answers())):
        flash(_("“%(title)s” is removed.", title=link.title))
        return redirect(url_for(".links", slug=slug))
    return _page("admin_webinars/remove.html", form, found, what=link.title, back_to=".links")


def _found(slug: str, *, to_edit: bool = False) -> StaffEvent:
    """The webinar for its staff; with ``to_edit`` only for those who may alter it."""
    found = staff_events.staff_event(read(), slug=slug, to_edit=to_edit)
    if found.event.kind is not EventKind.WEBINAR:
        raise NotFound
    return found


def _page(template: str, form: Revised, found: StaffEvent, **values: Any) -> ResponseReturnValue:
    """The form; after a refusal with the webinar as it stands now."""
    return form_page(template, form, found=_found(found.event.slug) if form.errors else found, **values)


def _one(links: Sequence[EventLink], link_id: int) -> EventLink:
    for link in links:
        if link.id == link_id:
            return link
    raise NotFound


def _save(form: Revised, slug: str, command: Callable[[Work], Any]) -> bool:
    """Carry the command out. Whoever was refused because another was quicker may press again with all they typed."""
    done = bool(attempt(form, command))
    if not done:
        _as_it_stands(form, slug)
    return done


def _as_it_stands(form: Revised, slug: str) -> None:
    form.seen.raw_data = None
    form.seen.data = events.revision(_found(slug).event)
