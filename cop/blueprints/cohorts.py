"""Courses as those who may apply see them: the calls, whether one fits, the application, and where it stands."""

from functools import partial

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.criteria import read_criteria
from cop.core.errors import NotFound
from cop.forms.answers import answers_form
from cop.forms.base import Confirm
from cop.forms.cohorts import screening_form
from cop.models.cohorts import Cohort
from cop.models.events import Event, EventKind
from cop.queries import accounts, events, programmes
from cop.queries.cohorts import applications as queries
from cop.queries.cohorts import calls
from cop.queries.offers import link_token
from cop.services.cohorts import applications as services
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 20

SCREENED = "screened"
"""Under this name the session holds the courses whose first questions a visitor answered well."""

area = Area("cohorts", __name__, url_prefix="/cohorts")


@area.get("/", access=PUBLIC, shared=True)
def index() -> ResponseReturnValue:
    past = request.args.get("show") == "past"
    found = calls.listed_calls(read(), past=past, offset=(page_number() - 1) * PAGE, limit=PAGE)
    programme = programmes.current(read())
    return render_template("cohorts/index.html", pager=paged(found, PAGE), past=past, programme=programme)


@area.get("/<slug>", access=PUBLIC, shared=True)
def cohort(slug: str) -> ResponseReturnValue:
    event, course = _course(slug)
    own = queries.own_application(read(), event)
    return render_template(
        "cohorts/call.html",
        event=event,
        course=course,
        criteria=read_criteria(course.criteria),
        half_days=calls.half_days(event),
        phase=calls.phase_of(event, read().now),
        own=own,
        status=own.status(event, read().now) if own is not None else None,
        runs_it=events.may_run(read().actor, event),
    )


@area.form("/<slug>/check", access=PUBLIC)
def check(slug: str) -> ResponseReturnValue:
    """Before anybody signs in: questions that show whether an application makes sense."""
    event, course = _course(slug)
    questions = calls.screening_of(course)
    if not questions or not _is_open(event):
        return redirect(url_for(".cohort", slug=slug))
    form = screening_form([item.question for item in questions])
    if form.validate_on_submit():
        given = zip(questions, form.given(), strict=True)
        against = [str(number) for number, (item, answer) in enumerate(given) if answer != item.needed]
        if against:
            return redirect(url_for(".other_ways", slug=slug, because=",".join(against)))
        _remember(slug)
        return redirect(url_for(".apply", slug=slug, checked="yes"))
    return form_page("cohorts/check.html", form, event=event)


@area.get("/<slug>/other-ways", access=PUBLIC)
def other_ways(slug: str) -> ResponseReturnValue:
    """A polite exit: why an application would not succeed, and how to take part nevertheless."""
    event, course = _course(slug)
    named = request.args.get("because", "").split(",")
    reasons = [item.otherwise for number, item in enumerate(calls.screening_of(course)) if str(number) in named]
    return render_template("cohorts/other_ways.html", event=event, reasons=reasons)


@area.form("/<slug>/apply", access=SIGNED_IN)
def apply(slug: str) -> ResponseReturnValue:
    event, course = _course(slug)
    own = queries.own_application(read(), event)
    is_open = _is_open(event)
    form = Confirm()
    if own is not None and own.is_live:
        if request.method == "GET" and is_open:
            return _tasks(event, own)
        return redirect(url_for(".apply" if is_open else ".application", slug=slug))
    if request.method == "GET" and not is_open:
        return redirect(url_for(".cohort", slug=slug))
    if not _is_screened(course, slug):
        return redirect(url_for(".check", slug=slug))
    if form.validate_on_submit() and attempt(form, partial(services.start, event_id=event.id)):
        return redirect(url_for(".apply", slug=slug))
    asked = queries.ApplicationForm(queries.questions_of(read(), course), {})
    return form_page("cohorts/start.html", form, event=event, asked=asked)


def _tasks(event: Event, own: queries.OwnApplication) -> ResponseReturnValue:
    return render_template(
        "cohorts/tasks.html",
        event=event,
        own=own,
        tasks=own.form.tasks(),
        profile=accounts.own_profile(read()),
        missing=own.form.missing(),
    )


@area.get("/<slug>/apply/about-you", access=SIGNED_IN)
def about_you(slug: str) -> ResponseReturnValue:
    event, _course_of_it = _course(slug)
    own = _live(event)
    if not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    return render_template("cohorts/about_you.html", event=event, own=own, profile=accounts.own_profile(read()))


@area.form("/<slug>/apply/check-answers", access=SIGNED_IN)
def check_answers(slug: str) -> ResponseReturnValue:
    event, _course_of_it = _course(slug)
    own = _live(event)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    form = Confirm()
    if form.validate_on_submit():
        if attempt(form, partial(services.submit, event_id=event.id)):
            return redirect(url_for(".sent", slug=slug))
        event, _course_of_it = _course(slug)
        own = _live(event)
    return form_page(
        "cohorts/check_answers.html",
        form,
        event=event,
        own=own,
        missing=own.form.missing(),
        profile=accounts.own_profile(read()),
    )


@area.form("/<slug>/apply/<code>", access=SIGNED_IN)
def question(slug: str, code: str) -> ResponseReturnValue:
    """One page of the questions. What is typed after the close, or over what another window saved, is not lost."""
    event = _event(slug)
    own = _live(event)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    section, items, following = own.form.page(code)
    revision = own.application.response.revision
    form = answers_form(items, own.form.answers, revision=revision, among=own.form.items)
    back_to_check = request.args.get("from") == "check"
    if form.validate_on_submit():
        saving = partial(services.save, event_id=event.id, answers=form.answers(), seen=form.revision.data or 0)
        if attempt(form, saving):
            if back_to_check:
                return redirect(url_for(".check_answers", slug=slug))
            if following is not None:
                return redirect(url_for(".question", slug=slug, code=following))
            return redirect(url_for(".apply", slug=slug))
        event = _event(slug)
        own = _live(event)
        form.revision.data = own.application.response.revision
        form.revision.raw_data = None
    return form_page(
        "cohorts/question.html",
        form,
        event=event,
        own=own,
        section=section,
        items=items,
        saved=own.form.answers,
        back_to_check=back_to_check,
    )


@area.get("/<slug>/application/sent", access=SIGNED_IN)
def sent(slug: str) -> ResponseReturnValue:
    event, course = _course(slug)
    own = _live(event)
    if own.application.number is None:
        return redirect(url_for(".apply", slug=slug))
    return render_template("cohorts/sent.html", event=event, course=course, own=own)


@area.get("/<slug>/application", access=SIGNED_IN)
def application(slug: str) -> ResponseReturnValue:
    event, course = _course(slug)
    own = queries.own_application(read(), event)
    if own is None:
        return redirect(url_for(".cohort", slug=slug))
    return render_template(
        "cohorts/application.html",
        event=event,
        course=course,
        own=own,
        status=own.status(event, read().now),
        offer_link=url_for("offers.offer", token=link_token(own.offer)) if own.offer is not None else None,
        phase=calls.phase_of(event, read().now),
    )


@area.form("/<slug>/application/withdraw", access=SIGNED_IN)
def withdraw(slug: str) -> ResponseReturnValue:
    event, _course_of_it = _course(slug)
    own = queries.own_application(read(), event)
    if own is None:
        raise NotFound
    if not own.is_live or (request.method == "GET" and own.outcome is not None):
        return redirect(url_for(".application", slug=slug))
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.withdraw, event_id=event.id)):
        flash(_("Your application is withdrawn."))
        return redirect(url_for(".application", slug=slug))
    return form_page("cohorts/withdraw.html", form, event=_course(slug)[0])


def _event(slug: str) -> Event:
    """The course without its half-days, for pages that are about the application."""
    return events.event_page(read(), slug=slug, kind=EventKind.COHORT, alone=True)


def _course(slug: str) -> tuple[Event, Cohort]:
    event = events.event_page(read(), slug=slug, kind=EventKind.COHORT)
    return event, calls.cohort_of(read(), event)


def _live(event: Event) -> queries.OwnApplication:
    own = queries.own_application(read(), event)
    if own is None or not own.is_live:
        raise NotFound
    return own


def _is_open(event: Event) -> bool:
    return calls.phase_of(event, read().now) is calls.Phase.OPEN


def _is_screened(course: Cohort, slug: str) -> bool:
    """Whether this visitor answered the first questions well: here, or before signing in elsewhere."""
    if request.args.get("checked") == "yes":
        _remember(slug)
    return not course.screening or slug in session.get(SCREENED, [])


def _remember(slug: str) -> None:
    if slug not in session.get(SCREENED, []):
        session[SCREENED] = [*session.get(SCREENED, []), slug]
