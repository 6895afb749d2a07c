"""Courses as those who may apply see them: the calls, whether one fits, the application, and where it stands.

Staff who enter an application for somebody use the same pages: ``for`` in their addresses names it, and every address
that such a page makes goes on naming it.
"""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN
from cop.core.criteria import read_criteria
from cop.core.errors import NotFound
from cop.forms.answers import answers_form
from cop.forms.base import Confirm
from cop.forms.cohorts import SaySector, screening_form
from cop.forms.endorsements import AskAgain, NameSupporter
from cop.models.accounts import Sector
from cop.models.cohorts import Cohort, EndorsementKind, Endorsing
from cop.models.events import Event, EventKind
from cop.queries import events, programmes, stories
from cop.queries.cohorts import applications as queries
from cop.queries.cohorts import calls, endorsements, reconsidering
from cop.queries.cohorts.draw_report import chance_of, was_drawn
from cop.queries.forum import topics_about
from cop.queries.offers import link_token
from cop.services.cohorts import applications as services
from cop.services.cohorts import endorsements as supporting
from cop.services.cohorts.entering import say_sector
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 20

SCREENED = "screened"
"""Under this name the session holds the courses whose first questions a visitor answered well."""

area = Area("cohorts", __name__, url_prefix="/cohorts")

OF_AN_APPLICATION = frozenset(
    f"cohorts.{name}"
    for name in ("apply", "about_you", "support", "ask_again", "check_answers", "question", "application", "withdraw")
)
"""Pages that are about one application: the visitor's own, or the one that ``for`` names."""


@area.url_defaults
def _for_the_same(endpoint: str, values: dict[str, Any]) -> None:
    named = request.args.get("for") if request else None
    if named and endpoint in OF_AN_APPLICATION and request.blueprint == "cohorts":
        values.setdefault("for", named)


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
        is_drawn=was_drawn(read(), course),
        stories=stories.of_event(read(), event),
        topics=topics_about(read(), event_id=event.id),
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
    own = _named_or_own(event)
    is_open = _is_open(event)
    form = Confirm()
    if own is not None and (own.is_live or _named()):
        if request.method == "GET" and is_open and own.is_live:
            return _tasks(event, course, own)
        return redirect(url_for(".apply" if is_open and own.is_live else ".application", slug=slug))
    if request.method == "GET" and not is_open:
        return redirect(url_for(".cohort", slug=slug))
    if not _is_screened(course, slug):
        return redirect(url_for(".check", slug=slug))
    if form.validate_on_submit() and attempt(form, partial(services.start, event_id=event.id)):
        return redirect(url_for(".apply", slug=slug))
    asked = queries.ApplicationForm(queries.questions_of(read(), course), {})
    return form_page("cohorts/start.html", form, event=event, asked=asked)


def _tasks(event: Event, course: Cohort, own: queries.OwnApplication) -> ResponseReturnValue:
    return render_template("cohorts/tasks.html", tasks=own.form.tasks(), **_shown(event, course, own))


def _shown(event: Event, course: Cohort, own: queries.OwnApplication) -> dict[str, Any]:
    """What the pages over all of an application show; ``entered_for`` is whom staff enter it for."""
    applicant = queries.applicant_of(read(), own.application)
    asks = course.endorsing is not Endorsing.NONE
    support = endorsements.support_of(read(), own.application.id) if asks else ()
    return {
        "event": event,
        "course": course,
        "own": own,
        "applicant": applicant,
        "entered_for": applicant.name if _named() else None,
        "missing": own.form.missing(),
        "asks_support": asks,
        "support": support,
        "needs_support": endorsements.is_still_needed(course, support),
    }


@area.form("/<slug>/apply/about-you", access=SIGNED_IN)
def about_you(slug: str) -> ResponseReturnValue:
    """Who applies. People change that in their account; staff say for them how they come to us, if nobody has."""
    event, course = _course(slug)
    own = _live(event)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    form = SaySector()
    named = _named()
    if named is not None and form.validate_on_submit():
        command = partial(say_sector, event_id=event.id, public_id=named, sector=Sector(form.sector.data))
        if attempt(form, command):
            return redirect(url_for(".apply", slug=slug))
    return form_page("cohorts/about_you.html", form, **_shown(event, course, own))


@area.form("/<slug>/apply/who-supports-it", access=SIGNED_IN)
def support(slug: str) -> ResponseReturnValue:
    event, course, own = _asking(slug)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    form = NameSupporter()
    if form.validate_on_submit():
        asking = partial(
            supporting.ask,
            event_id=event.id,
            kind=EndorsementKind(form.kind.data),
            name=form.name.data,
            email=form.email.data,
            public_id=_named(),
        )
        if attempt(form, asking):
            flash(_("We have written to %(name)s.", name=form.name.data))
            return redirect(url_for(".support", slug=slug))
        event, course, own = _asking(slug)
    return _support_page(form, event, course, own)


@area.post("/<slug>/apply/who-supports-it/again", access=SIGNED_IN)
def ask_again(slug: str) -> ResponseReturnValue:
    event, course, own = _asking(slug)
    form = AskAgain()
    if form.validate_on_submit():
        kind = EndorsementKind(form.kind.data)
        done = attempt(form, partial(supporting.ask_again, event_id=event.id, kind=kind, public_id=_named()))
        if done:
            flash(_("We have written to %(name)s again.", name=done.result.name))
            return redirect(url_for(".support", slug=slug))
        event, course, own = _asking(slug)
    empty = NameSupporter(formdata=None)
    empty.form_errors.extend(message for messages in form.errors.values() for message in messages)
    return _support_page(empty, event, course, own)


def _asking(slug: str) -> tuple[Event, Cohort, queries.OwnApplication]:
    """A course that asks for support, and the application that the page is about."""
    event, course = _course(slug)
    own = _live(event)
    if course.endorsing is Endorsing.NONE:
        raise NotFound
    return event, course, own


def _support_page(
    form: NameSupporter, event: Event, course: Cohort, own: queries.OwnApplication
) -> ResponseReturnValue:
    return form_page("cohorts/support.html", form, now_open=_is_open(event), **_shown(event, course, own))


@area.form("/<slug>/apply/check-answers", access=SIGNED_IN)
def check_answers(slug: str) -> ResponseReturnValue:
    event, course = _course(slug)
    own = _live(event)
    if request.method == "GET" and not _is_open(event):
        return redirect(url_for(".application", slug=slug))
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.submit, event_id=event.id, public_id=_named()))
        if done and _named():
            flash(_("It is submitted as number %(number)s. The person is told.", number=done.result.number))
            return redirect(url_for("admin_cohorts.applications", slug=slug))
        if done:
            return redirect(url_for("equality.index", slug=slug))
        event, course = _course(slug)
        own = _live(event)
    return form_page("cohorts/check_answers.html", form, **_shown(event, course, own))


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
        if attempt(form, partial(saving, public_id=_named())):
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
        entered_for=queries.applicant_of(read(), own.application).name if _named() else None,
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
    if _named():
        return redirect(url_for("admin_cohorts.applications", slug=slug))
    own = queries.own_application(read(), event)
    if own is None:
        return redirect(url_for(".cohort", slug=slug))
    asks = own.is_live and course.endorsing is not Endorsing.NONE
    return render_template(
        "cohorts/application.html",
        event=event,
        course=course,
        own=own,
        support=endorsements.support_of(read(), own.application.id) if asks else (),
        status=own.status(event, read().now),
        offer_link=url_for("offers.offer", token=link_token(own.offer)) if own.offer is not None else None,
        decision_link=_decision_address(own),
        chance=chance_of(read(), event=event, cohort=course, number=own.application.number),
        phase=calls.phase_of(event, read().now),
    )


def _decision_address(own: queries.OwnApplication) -> str | None:
    """The page about a decision that could be reviewed; whoever has an offer sees that."""
    if own.offer is not None or own.outcome not in reconsidering.NOT_CHOSEN:
        return None
    return url_for("decisions.decision", token=reconsidering.link_token(own.application))


@area.form("/<slug>/application/withdraw", access=SIGNED_IN)
def withdraw(slug: str) -> ResponseReturnValue:
    event, _course_of_it = _course(slug)
    own = _named_or_own(event)
    if own is None:
        raise NotFound
    if not own.is_live or (request.method == "GET" and own.outcome is not None):
        return redirect(url_for(".application", slug=slug))
    form = Confirm()
    withdrawing = partial(services.withdraw, event_id=event.id, public_id=_named())
    if form.validate_on_submit() and attempt(form, withdrawing):
        flash(
            _("The application is withdrawn. The person is told.") if _named() else _("Your application is withdrawn.")
        )
        return redirect(url_for(".application", slug=slug))
    event, course = _course(slug)
    return form_page("cohorts/withdraw.html", form, **_shown(event, course, _live(event)))


def _event(slug: str) -> Event:
    """The course without its half-days, for pages that are about the application."""
    return events.event_page(read(), slug=slug, kind=EventKind.COHORT, alone=_named() is None)


def _course(slug: str) -> tuple[Event, Cohort]:
    event = events.event_page(read(), slug=slug, kind=EventKind.COHORT)
    return event, calls.cohort_of(read(), event)


def _named() -> str | None:
    """The application that staff entered for somebody, where the page is about one."""
    return request.args.get("for") or None


def _named_or_own(event: Event) -> queries.OwnApplication | None:
    named = _named()
    if named is None:
        return queries.own_application(read(), event)
    return queries.entered_application(read(), event, public_id=named)


def _live(event: Event) -> queries.OwnApplication:
    own = _named_or_own(event)
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
