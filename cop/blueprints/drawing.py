"""The draw of a course: the chair freezes, seals and draws; everybody can read how the places were given."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC
from cop.core.errors import NotFound
from cop.core.work import Work
from cop.exporting.draw_report import report_of_draw
from cop.forms.cohorts import group_name
from cop.forms.drawing import DrawPanel, EditSelecting, Freeze, Seal, Seen, SetAside
from cop.models.cohorts import Cohort, SelectionPolicy
from cop.queries.cohorts import draw_report as reports
from cop.queries.cohorts import drawing as queries
from cop.queries.cohorts import panel
from cop.queries.cohorts.drawing import Chain, Fixed, Reach
from cop.services.cohorts import drawing as services
from cop.web import Area, attempt, form_page, pdf_page, read

area = Area("drawing", __name__, url_prefix="/cohorts/<slug>/selection")


@area.form("/rules", access=EVENT_EDITORS_ONLY)
def rules(slug: str) -> ResponseReturnValue:
    """Who is good enough, and how places are given to those."""
    cohort = panel.course_of_chair(read(), slug=slug)
    event = cohort.event
    now = {
        "policy": cohort.policy.value,
        "threshold": f"{cohort.threshold:g}" if cohort.threshold is not None else "",
        "per_organisation": event.per_organisation,
    }
    form = EditSelecting(data={**now, "seen": queries.version_of_selecting(event, cohort)})
    if form.validate_on_submit():
        command = partial(
            services.edit_selecting,
            event_id=event.id,
            policy=SelectionPolicy(form.policy.data),
            threshold=form.least,
            per_organisation=form.per_organisation.data,
            seen=form.seen.data or "",
        )
        if attempt(form, command):
            flash(_("How places are given is saved."))
            return redirect(url_for(".draw", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
        form.seen.data = queries.version_of_selecting(cohort.event, cohort)  # what is saved now stands on the page
    return form_page("drawing/rules.html", form, cohort=cohort, event=cohort.event)


@area.get("/draw", access=EVENT_EDITORS_ONLY)
def draw(slug: str) -> ResponseReturnValue:
    """How far the draw is, and the next step."""
    cohort = panel.course_of_chair(read(), slug=slug)
    return render_template("drawing/draw.html", **_shown(cohort), form=Seen())


def _shown(cohort: Cohort, chain: Chain | None = None) -> dict[str, Any]:
    return {
        "cohort": cohort,
        "event": cohort.event,
        "found": queries.standing(read(), cohort, chain),
        "is_judging": panel.is_judging(cohort, read().now),
        "group_name": group_name,
    }


def _step(
    slug: str,
    form: Seen,
    template: str,
    reach: tuple[Reach, ...],
    command: Callable[..., Any],
    done: Callable[[Any], Any],
) -> ResponseReturnValue:
    """A page with one step, at the point of the draw where it belongs; else on to where the draw is."""
    cohort = panel.course_of_chair(read(), slug=slug)
    chain = queries.chain_of(read(), cohort.event_id)
    if request.method == "GET" and (chain.reach not in reach or not panel.is_judging(cohort, read().now)):
        return redirect(url_for(".draw", slug=slug))
    if request.method == "GET":
        form.seen.data = queries.seen_of(chain)
    if form.validate_on_submit():
        outcome = attempt(form, partial(command, cohort_id=cohort.event_id, seen=form.seen.data))
        if outcome:
            return redirect(done(outcome.result))
        cohort = panel.course_of_chair(read(), slug=slug)
        chain = queries.chain_of(read(), cohort.event_id)
        form.seen.data = queries.seen_of(chain)
    return form_page(template, form, **_shown(cohort, chain))


@area.form("/draw/freeze", access=EVENT_EDITORS_ONLY)
def freeze(slug: str) -> ResponseReturnValue:
    form = Freeze()

    def command(work: Work, **more: Any) -> Any:
        return services.freeze(work, fixed=Fixed(*form.sides()), **more)

    def done(_result: Any) -> str:
        flash(_("The pool is frozen and on record."))
        return url_for(".draw", slug=slug)

    return _step(slug, form, "drawing/freeze.html", (Reach.OPEN,), command, done)


@area.form("/draw/seal", access=EVENT_EDITORS_ONLY)
def seal(slug: str) -> ResponseReturnValue:
    form = Seal()

    def command(work: Work, **more: Any) -> Any:
        return services.ask_to_seal(work, source=form.source.data or "", **more)

    def done(task: Any) -> str:
        return url_for("tasks.task", public_id=task.public_id)

    return _step(slug, form, "drawing/seal.html", (Reach.FROZEN,), command, done)


@area.form("/draw/panel", access=EVENT_EDITORS_ONLY)
def draw_panel(slug: str) -> ResponseReturnValue:
    form = DrawPanel()

    def command(work: Work, **more: Any) -> Any:
        return services.draw_panel(work, words=form.words.data or "", **more)

    def done(drawn: services.Drawn) -> str:
        flash(ngettext("%(num)s person is drawn.", "%(num)s people are drawn.", drawn.offers))
        return url_for(".draw", slug=slug)

    return _step(slug, form, "drawing/panel.html", (Reach.SEALED,), command, done)


@area.form("/draw/set-aside", access=EVENT_EDITORS_ONLY)
def set_aside(slug: str) -> ResponseReturnValue:
    form = SetAside()

    def command(work: Work, **more: Any) -> Any:
        return services.set_aside(work, reason=form.reason.data, **more)

    def done(_result: Any) -> str:
        flash(_("This draw is set aside. You can freeze the pool again."))
        return url_for(".draw", slug=slug)

    return _step(slug, form, "drawing/set_aside.html", (Reach.FROZEN, Reach.SEALED, Reach.DRAWN), command, done)


@area.post("/draw/replace", access=EVENT_EDITORS_ONLY)
def replace(slug: str) -> ResponseReturnValue:
    """Draw who takes the places that are free, at once and not with the next run of the job."""
    cohort = panel.course_of_chair(read(), slug=slug)
    form = Seen()
    if form.validate_on_submit():
        command = partial(services.replace_dropouts, cohort_id=cohort.event_id, seen=form.seen.data or "")
        done = attempt(form, command)
        if done:
            count = len(done.result)
            flash(ngettext("%(num)s reserve is offered a place.", "%(num)s reserves are offered a place.", count))
            return redirect(url_for(".draw", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
    return form_page("drawing/draw.html", form, **_shown(cohort))


@area.get("/report", access=PUBLIC)
def report(slug: str) -> ResponseReturnValue:
    found = reports.report_of(read(), slug=slug)
    return render_template(
        "drawing/report.html",
        found=found,
        event=found.event,
        group_name=group_name,
        is_chair=panel.is_chair(read().actor, found.event),
    )


@area.get("/report.json", access=PUBLIC)
def report_json(slug: str) -> ResponseReturnValue:
    """What ``cop lottery --verify`` reads."""
    found = reports.report_of(read(), slug=slug)
    if not found.names_numbers:
        raise NotFound
    return _json(found.told, f"draw-{slug}")


@area.get("/report.pdf", access=PUBLIC)
def report_pdf(slug: str) -> ResponseReturnValue:
    found = reports.report_of(read(), slug=slug)
    return pdf_page(report_of_draw(found, group_name), f"draw-{slug}")


@area.get("/draw/record.json", access=EVENT_EDITORS_ONLY)
def record(slug: str) -> ResponseReturnValue:
    """The whole record, from which all hashes can be computed again."""
    return _json(reports.record_with_bodies(read(), slug=slug), f"record-{slug}")


def _json(content: Any, name: str) -> Response:
    answer = Response(json.dumps(content, indent=1, ensure_ascii=False), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer
