"""What facilitators do: hide, lock, settle reports, and open spaces."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.blueprints.forum.shared import (
    LARGEST,
    POST,
    SPACE,
    TOPIC,
    about,
    address_at,
    address_of,
    area,
    post_to_act_on,
    topic_to_act_on,
)
from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.forum import EditSpace, Hide, NewSpace, SettleReport
from cop.models.forum import Audience
from cop.queries import forum as queries
from cop.services import forum as services
from cop.web import attempt, form_page, page_number, paged, read, run

REPORTS_A_PAGE = 25


@area.get(f"{POST}/versions", access=EVENT_EDITORS_ONLY)
def versions(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _moderated_post(space, topic_id, number)
    before = queries.versions(read(), post)
    return render_template("forum/versions.html", **about(found, post), versions=before)


@area.form(f"{POST}/hide", access=EVENT_EDITORS_ONLY)
def hide_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _moderated_post(space, topic_id, number)
    form = Hide()
    command = partial(services.hide_post, post_id=post.id)
    if form.validate_on_submit() and attempt(form, partial(command, reason=form.reason.data)):
        flash(_("The post is hidden."))
        return redirect(address_at(found, number))
    return form_page("forum/hide.html", form, **about(found, post))


@area.post(f"{POST}/unhide", access=EVENT_EDITORS_ONLY)
def unhide_post(space: str, topic_id: int, number: int) -> ResponseReturnValue:
    found, post = _moderated_post(space, topic_id, number)
    run(partial(services.unhide_post, post_id=post.id))
    flash(_("The post is shown again."))
    return redirect(address_at(found, number))


def _moderated_post(space: str, topic_id: int, number: int) -> tuple[queries.TopicPage, queries.OnePost]:
    found, post = post_to_act_on(space, topic_id, number)
    if not found.moderates:
        raise NotFound
    return found, post


@area.form(f"{TOPIC}/hide", access=EVENT_EDITORS_ONLY)
def hide_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found, form = _moderated_topic(space, topic_id), Hide()
    command = partial(services.hide_topic, topic_id=found.id)
    if form.validate_on_submit() and attempt(form, partial(command, reason=form.reason.data)):
        flash(_("The topic is hidden."))
        return redirect(address_of(found))
    return form_page("forum/hide.html", form, topic=found, post=None, back_to=address_of(found))


@area.post(f"{TOPIC}/unhide", access=EVENT_EDITORS_ONLY)
def unhide_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = _moderated_topic(space, topic_id)
    run(partial(services.unhide_topic, topic_id=found.id))
    flash(_("The topic is shown again."))
    return redirect(address_of(found))


@area.post(f"{TOPIC}/lock", access=EVENT_EDITORS_ONLY)
def lock_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = _moderated_topic(space, topic_id)
    run(partial(services.lock_topic, topic_id=found.id))
    flash(_("The topic is locked. It can be read, and nobody can write in it."))
    return redirect(address_of(found))


@area.post(f"{TOPIC}/unlock", access=EVENT_EDITORS_ONLY)
def unlock_topic(space: str, topic_id: int) -> ResponseReturnValue:
    found = _moderated_topic(space, topic_id)
    run(partial(services.unlock_topic, topic_id=found.id))
    flash(_("The topic is open again."))
    return redirect(address_of(found))


def _moderated_topic(space: str, topic_id: int) -> queries.TopicPage:
    found = topic_to_act_on(space, topic_id)
    if not found.moderates:
        raise NotFound
    return found


@area.get("/forum/reports", access=EVENT_EDITORS_ONLY)
def reports() -> ResponseReturnValue:
    _staff()
    found = queries.open_reports(read(), offset=(page_number() - 1) * REPORTS_A_PAGE, limit=REPORTS_A_PAGE)
    return render_template("forum/reports.html", pager=paged(found, REPORTS_A_PAGE))


@area.form(f"/forum/reports/<int(max={LARGEST}):report_id>", access=EVENT_EDITORS_ONLY)
def settle_report(report_id: int) -> ResponseReturnValue:
    found, form = queries.one_report(read(), report_id), SettleReport()
    if form.validate_on_submit():
        settle = services.uphold_report if form.decision.data == "uphold" else services.dismiss_report
        if attempt(form, partial(settle, report_id=found.id, reason=form.reason.data)):
            flash(_("The report is settled."))
            return redirect(url_for(".reports"))
        found = queries.one_report(read(), report_id)
    return form_page("forum/settle_report.html", form, report=found)


@area.get("/forum/log", access=EVENT_EDITORS_ONLY)
def log() -> ResponseReturnValue:
    _staff()
    size = queries.LOG_PAGE
    return render_template(
        "forum/log.html", pager=paged(queries.log(read(), offset=(page_number() - 1) * size, limit=size), size)
    )


def _staff() -> None:
    """Those who facilitate something that has a forum; staff of visits alone have no business here."""
    if not queries.memberships(read()):
        raise NotFound


@area.form("/forum/spaces/new", access=EVENT_EDITORS_ONLY)
def new_space() -> ResponseReturnValue:
    offered = queries.labels(queries.audiences(read()))
    if not offered:
        raise NotFound
    form = NewSpace((word, _audience(audience)) for word, audience in offered.items())
    if form.validate_on_submit():
        audience = offered[form.audience.data]
        command = partial(services.create_space, programme_id=audience.programme_id, cohort_id=audience.cohort_id)
        command = partial(command, audience=audience.who)
        said = {"name": form.name.data, "about": form.about.data, "slug": form.slug.data}
        done = attempt(form, partial(command, **said))
        if done:
            flash(_("The space is added."))
            return redirect(url_for(".space", space=done.result.slug))
    return form_page("forum/space_form.html", form, space=None)


def _audience(audience: queries.Audience) -> str:
    if audience.cohort_id is not None:
        return str(_("Only those of %(name)s", name=audience.name))
    match audience.who:
        case Audience.MEMBERS:
            return str(_("All alumni of %(name)s, and the people of member organisations", name=audience.name))
        case Audience.FACILITATORS:
            return str(_("Only the facilitators of %(name)s", name=audience.name))
        case _:
            return str(_("All alumni of %(name)s", name=audience.name))


@area.post("/forum/spaces/ready-made", access=EVENT_EDITORS_ONLY)
def ready_made_spaces() -> ResponseReturnValue:
    """Add the ready-made spaces that are missing, to each programme that the actor looks after."""
    looked_after = {item.programme_id for item in queries.audiences(read()) if item.cohort_id is None}
    if not looked_after:
        raise NotFound
    added = sum(len(run(partial(services.add_ready_made, programme_id=each))) for each in sorted(looked_after))
    flash(
        ngettext("%(num)s space is added.", "%(num)s spaces are added.", added)
        if added
        else _("All ready-made spaces are there already.")
    )
    return redirect(url_for(".index"))


@area.form(f"{SPACE}/edit", access=EVENT_EDITORS_ONLY)
def edit_space(space: str) -> ResponseReturnValue:
    found = queries.space_page(read(), slug=space)
    if not found.moderates:
        raise NotFound
    form = EditSpace(obj=found)
    command = partial(services.edit_space, space_id=found.id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("The space is saved."))
        return redirect(url_for(".space", space=found.slug))
    return form_page("forum/space_form.html", form, space=found)
