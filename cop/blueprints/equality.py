"""The equality questions after an application, one to a page, and how people came through a course by group."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, SIGNED_IN, SURVEY_READERS_ONLY
from cop.core.errors import NotFound
from cop.forms.answers import answers_form
from cop.forms.base import Confirm
from cop.forms.equality import EditEquality, WantsQuestions
from cop.models.events import Event, EventKind
from cop.queries import events, staff_events
from cop.queries.cohorts import calls, fairness
from cop.queries.cohorts import equality as queries
from cop.services.cohorts import equality as services
from cop.web import Area, attempt, form_page, read

area = Area("equality", __name__, url_prefix="/cohorts/<slug>")


@area.form("/application/equality", access=SIGNED_IN)
def index(slug: str) -> ResponseReturnValue:
    """Whether somebody who has just applied wants to answer; for those who have, what they said."""
    event, own = _own(slug)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for("cohorts.application", slug=slug))
    form = WantsQuestions()
    if own.answers is not None:
        return render_template("equality/answers.html", event=event, own=own, form=Confirm())
    if form.validate_on_submit():
        if form.wants.data == "yes":
            return redirect(url_for(".question", slug=slug, question_code=own.asked[0].code))
        return redirect(url_for("cohorts.sent", slug=slug))
    return form_page("equality/explain.html", form, event=event, own=own)


@area.form("/application/equality/take-back", access=SIGNED_IN)
def take_back(slug: str) -> ResponseReturnValue:
    event, own = _own(slug)
    if request.method == "GET" and (own.answers is None or not _is_open(event)):
        return redirect(url_for(".index", slug=slug))
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.take_back, event_id=event.id)):
        flash(_("Your answers to the equality questions are removed."))
        return redirect(url_for("cohorts.application", slug=slug))
    return form_page("equality/take_back.html", form, event=_event(slug))


@area.form("/application/equality/<question_code>", access=SIGNED_IN)
def question(slug: str, question_code: str) -> ResponseReturnValue:
    event, own = _own(slug)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for("cohorts.application", slug=slug))
    item = own.item(question_code)
    form = answers_form([item], own.answers or {}, revision=0, button=_("Continue"), among=own.items)
    if form.validate_on_submit():
        if attempt(form, partial(services.save, event_id=event.id, answers=form.answers())):
            return redirect(_next(slug, question_code))
        event = _event(slug)
    return form_page("equality/question.html", form, event=event, item=item)


def _next(slug: str, code: str) -> str:
    """The question after this one; after the last, or where only one answer was to be changed, what comes then."""
    _event_of_it, own = _own(slug)
    following = own.after(code)
    is_change = request.args.get("from") == "answers"
    if following is None or (is_change and own.item(following).only_if is None):
        return url_for(".index" if is_change else "cohorts.sent", slug=slug)
    marks: dict[str, Any] = {"from": "answers"} if is_change else {}
    return url_for(".question", slug=slug, question_code=following, **marks)


@area.get("/fairness", access=SURVEY_READERS_ONLY)
def funnels(slug: str) -> ResponseReturnValue:
    found = fairness.fairness(read(), slug=slug)
    event = found.cohort.event
    return render_template(
        "equality/fairness.html",
        event=event,
        found=found,
        applicants_least=fairness.APPLICANTS_LEAST,
        may_edit=staff_events.may_edit(read().actor, event),
    )


@area.form("/fairness/questions", access=EVENT_EDITORS_ONLY)
def settings(slug: str) -> ResponseReturnValue:
    """Whether a course asks about gender identity."""
    found = staff_events.staff_event(read(), slug=slug, to_edit=True)
    if found.event.kind is not EventKind.COHORT:
        raise NotFound
    form = EditEquality(obj=calls.cohort_of(read(), found.event))
    command = partial(services.edit_questions, event_id=found.event.id)
    if form.validate_on_submit() and attempt(form, partial(command, asks=form.asks_gender_identity.data)):
        flash(_("The equality questions are saved."))
        return redirect(url_for("admin_cohorts.overview", slug=slug))
    found = staff_events.staff_event(read(), slug=slug, to_edit=True)
    return form_page("equality/settings.html", form, found=found)


def _own(slug: str) -> tuple[Event, queries.OwnAnswers]:
    event = _event(slug)
    return event, queries.own_answers(read(), event)


def _event(slug: str) -> Event:
    return events.event_page(read(), slug=slug, kind=EventKind.COHORT, alone=True)


def _is_open(event: Event) -> bool:
    return calls.phase_of(event, read().now) is calls.Phase.OPEN
