"""What was decided about an application, by a mailed link: a review can be asked for, and the chair answers it."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC, Actor
from cop.forms.letters import AnswerReview, AskForReview
from cop.models.cohorts import DecisionOutcome
from cop.queries.cohorts import panel
from cop.queries.cohorts import reconsidering as queries
from cop.queries.cohorts.drawing import was_drawn
from cop.services.cohorts import reconsidering as services
from cop.services.cohorts.reconsidering import CameOf
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 50

area = Area("decisions", __name__)


@area.form("/decisions/<token>", access=PUBLIC)
def decision(token: str) -> ResponseReturnValue:
    """What was typed too late is not lost: the page shows it with the reason why it was refused."""
    found = queries.decision_of_link(read(), token=token)
    if request.method == "GET" and not found.can_be_asked(read().now):
        return _page(found)
    form = AskForReview()
    if form.validate_on_submit():
        asking = partial(services.ask, public_id=found.application.public_id, words=form.words.data or "")
        if attempt(form, asking, Actor(found.application.person_id, via="link")):
            flash(_("We have your request, and answer by e-mail."))
            return redirect(url_for(".decision", token=token))
        found = queries.decision_of_link(read(), token=token)
    return _page(found, form)


def _page(found: queries.Decided, form: AskForReview | None = None) -> ResponseReturnValue:
    """Without a form where nothing can be asked: a page that is only read sets no cookie."""
    values: dict[str, Any] = {"found": found, "event": found.event}
    if form is None:
        return render_template("decisions/decision.html", form=None, **values)
    return form_page("decisions/decision.html", form, **values)


@area.get("/cohorts/<slug>/reconsiderations", access=EVENT_EDITORS_ONLY)
def requests(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    found = queries.requests(read(), cohort, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("decisions/requests.html", event=cohort.event, pager=paged(found, PAGE))


@area.form("/cohorts/<slug>/reconsiderations/<int(max=1000000):number>", access=EVENT_EDITORS_ONLY)
def review(slug: str, number: int) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    found = queries.request(read(), cohort, number=number)
    is_drawn = was_drawn(read(), cohort.event_id)
    form = AnswerReview()
    if form.validate_on_submit():
        answering = partial(services.answer, cohort_id=cohort.event_id, number=number, changed=form.is_changed)
        done = attempt(form, partial(answering, words=form.words.data or ""))
        if done:
            _say(done.result, found.name, is_drawn=is_drawn)
            return redirect(url_for(".requests", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
        found = queries.request(read(), cohort, number=number)
    return form_page(
        "decisions/request.html",
        form,
        event=cohort.event,
        found=found,
        free=panel.places_free(cohort.event),
        is_reserve=found.outcome is DecisionOutcome.RESERVE,
        is_drawn=is_drawn,
    )


def _say(came_of: CameOf, name: str, *, is_drawn: bool) -> None:
    match came_of:
        case CameOf.STAYS:
            flash(_("%(name)s gets your answer by e-mail.", name=name))
        case CameOf.OFFERED:
            flash(_("%(name)s gets your answer, and the offer of a place.", name=name))
        case CameOf.RESERVE if is_drawn:
            flash(
                _(
                    "%(name)s gets your answer, and is on the reserve list. Free places are given to reserves as the "
                    "draw says, so nobody is moved up by hand.",
                    name=name,
                )
            )
        case CameOf.RESERVE:
            flash(
                _(
                    "%(name)s gets your answer, and is on the reserve list. Move them up when a place is free.",
                    name=name,
                )
            )
        case CameOf.NOTED:
            flash(_("%(name)s gets your answer. No place can be offered on this course any more.", name=name))
