"""Action plans: one's own, the link a hundred days later, and the page of those who follow all of a course."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC, SIGNED_IN, Actor
from cop.core.errors import NotFound
from cop.forms.base import Form
from cop.forms.plans import CheckPlan, WritePlan
from cop.queries import actions
from cop.queries import plans as queries
from cop.queries.forum import topics_about_plan
from cop.queries.plans import PlanPage, Standing
from cop.services.plans import check_plan, save_plan
from cop.web import Area, attempt, form_page, read

Find = Callable[[], PlanPage]

area = Area("plans", __name__)


@area.get("/plans/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    return render_template("plans/index.html", found=queries.own_plans(read()), actions=actions.own_actions(read()))


@area.get("/plans/<slug>", access=SIGNED_IN)
def plan(slug: str) -> ResponseReturnValue:
    found = queries.own_plan(read(), slug=slug)
    topics = topics_about_plan(read(), public_id=found.plan.public_id) if found.plan else ()
    return render_template("plans/plan.html", found=found, is_open=found.is_open(read().now), topics=topics)


@area.form("/plans/<slug>/write", access=SIGNED_IN)
def write(slug: str) -> ResponseReturnValue:
    return _write(partial(queries.own_plan, read(), slug=slug), url_for(".plan", slug=slug))


@area.form("/plans/<slug>/check", access=SIGNED_IN)
def check(slug: str) -> ResponseReturnValue:
    return _check(partial(queries.own_plan, read(), slug=slug), url_for(".plan", slug=slug))


@area.form("/plans/t/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    """The mailed link: whoever has it can say how this plan stands, and nothing else."""
    find = partial(queries.plan_of_link, read(), token=token)
    return _check(find, url_for(".by_link", token=token, said="yes"), by_link=True)


@area.get("/cohorts/<slug>/plans", access=EVENT_EDITORS_ONLY)
def of_course(slug: str) -> ResponseReturnValue:
    found = queries.plans_of_course(read(), slug=slug)
    shown = next((word for word in Standing if word == request.args.get("show")), None)
    return render_template(
        "plans/of_course.html", found=found, event=found.event, shown=shown, standings=list(Standing)
    )


@area.get("/cohorts/<slug>/plans/<public_id>", access=EVENT_EDITORS_ONLY)
def of_member(slug: str, public_id: str) -> ResponseReturnValue:
    found = queries.plan_of_member(read(), slug=slug, public_id=public_id)
    return render_template("plans/of_member.html", found=found, is_open=found.is_open(read().now))


@area.form("/cohorts/<slug>/plans/<public_id>/write", access=EVENT_EDITORS_ONLY)
def write_for(slug: str, public_id: str) -> ResponseReturnValue:
    find = partial(queries.plan_of_member, read(), slug=slug, public_id=public_id)
    return _write(find, url_for(".of_member", slug=slug, public_id=public_id))


@area.form("/cohorts/<slug>/plans/<public_id>/check", access=EVENT_EDITORS_ONLY)
def check_for(slug: str, public_id: str) -> ResponseReturnValue:
    find = partial(queries.plan_of_member, read(), slug=slug, public_id=public_id)
    return _check(find, url_for(".of_member", slug=slug, public_id=public_id))


def _write(find: Find, back: str) -> ResponseReturnValue:
    found = find()
    form = WritePlan(obj=found.plan, data={"challenge": found.challenge, "seen": _revision(found)})
    if form.validate_on_submit():
        command = partial(save_plan, event_id=found.event.id, person_id=found.person_id)
        if attempt(form, partial(command, **form.answers())):
            flash(_("The plan is saved."))
            return redirect(back)
        found = _anew(find, form)
    return _page("plans/write.html", form, found, back)


def _check(find: Find, back: str, *, by_link: bool = False) -> ResponseReturnValue:
    found = find()
    if found.plan is None:
        raise NotFound
    form = CheckPlan(data={"seen": found.plan.revision})
    if form.validate_on_submit():
        command = partial(check_plan, event_id=found.event.id, person_id=found.person_id)
        holder = Actor(found.person_id, via="link") if by_link else None
        if attempt(form, partial(command, **form.answers()), holder):
            if not by_link:
                flash(_("Thank you. It is written down."))
            return redirect(back)
        found = _anew(find, form)
    is_saved = request.method == "GET" and request.args.get("said") == "yes"
    return _page("plans/check.html", form, found, back, by_link=by_link, is_saved=is_saved)


def _anew(find: Find, form: Form) -> PlanPage:
    """What a refusal asks to look at is on the page."""
    found = find()
    form["seen"].raw_data, form["seen"].data = None, _revision(found)
    return found


def _revision(found: PlanPage) -> int:
    return found.plan.revision if found.plan is not None else 0


def _page(template: str, form: Form, found: PlanPage, back: str, **values: Any) -> ResponseReturnValue:
    is_own = read().actor.person_id == found.person_id
    return form_page(template, form, found=found, back_to=back, is_own=is_own, **values)
