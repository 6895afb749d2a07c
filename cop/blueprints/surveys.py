"""Surveys: answering by the link in a mail, and what came of it for staff and evaluators."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY, PUBLIC, SURVEY_READERS_ONLY, Actor
from cop.core.questions import Answers, Item, Section
from cop.forms.answers import AnswersForm, answers_form
from cop.forms.surveys import SEND, SendAnswers, show_revision
from cop.queries import surveys as queries
from cop.queries.surveys import Survey
from cop.services import surveys as services
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 25

LARGEST = 2**63 - 1
"""The largest id that the database knows: greater numbers are no addresses."""

CHECK = "check-answers"
"""Names the page on which one reads one's answers before sending them; no section can have this code."""

area = Area("surveys", __name__, url_prefix="/surveys")


@area.get("/", access=SURVEY_READERS_ONLY)
def index() -> ResponseReturnValue:
    found = queries.rounds(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("surveys/index.html", pager=paged(found, PAGE))


@area.get(f"/<int(max={LARGEST}):round_id>/results", access=SURVEY_READERS_ONLY)
def results(round_id: int) -> ResponseReturnValue:
    found, sections = queries.results(read(), round_id=round_id)
    return render_template(
        "surveys/results.html",
        round=found,
        sections=sections,
        fewest=queries.FEWEST,
        names_the_silent=found.names_the_silent(read()),
    )


@area.get(f"/<int(max={LARGEST}):round_id>/silent", access=EVENT_EDITORS_ONLY)
def silent(round_id: int) -> ResponseReturnValue:
    found, people = queries.silent(read(), round_id=round_id, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("surveys/silent.html", round=found, pager=paged(people, PAGE))


@area.form("/<token>", access=PUBLIC)
def survey(token: str) -> ResponseReturnValue:
    """Whoever holds the link answers for the person whom it was sent to, and needs no account."""
    found = queries.survey_of_link(read(), token=token)
    if request.method == "GET":
        if found.done_on is not None:
            return render_template("surveys/thanks.html", survey=found)
        if found.closes_at <= read().now:
            return render_template("surveys/closed.html", survey=found), 410
    return _answer(found, _by_link(found, token))


@area.form(f"/<int(max={LARGEST}):round_id>/silent/<public_id>", access=EVENT_EDITORS_ONLY)
def telephone(round_id: int, public_id: str) -> ResponseReturnValue:
    """Staff write down what somebody who was asked tells them, and see nothing that was answered without them."""
    call = queries.call(read(), round_id=round_id, public_id=public_id)
    here = url_for(".telephone", round_id=round_id, public_id=public_id)
    if request.method == "GET":
        if call.survey.done_on is not None:
            flash(_("The answers of %(name)s were sent. Thank you for asking.", name=call.name))
            return redirect(url_for(".results", round_id=round_id))
        if not request.args.get("section") or call.is_begun_alone or call.survey.closes_at <= read().now:
            page = call.survey.where_one_stopped()
            return render_template(
                "surveys/telephone.html", call=call, survey=call.survey, round_id=round_id, here=here, page=page
            )
    way = Way(
        address=partial(url_for, ".telephone", round_id=round_id, public_id=public_id),
        again=lambda: queries.call(read(), round_id=round_id, public_id=public_id).survey,
        page="surveys/telephone_page.html",
        check="surveys/telephone_check.html",
        values={"call": call, "here": here},
    )
    return _answer(call.survey, way)


@dataclass(frozen=True)
class Way:
    """How somebody comes to the questions: by the link in their mail, or through staff who write down what they say.

    ``address`` is told the section and finds its page; ``again`` reads the answers once more. ``actor`` is who acts,
    where that is not whoever is signed in. ``page`` and ``check`` are templates, and ``values`` what they need.
    """

    address: Callable[..., str]
    again: Callable[[], Survey]
    actor: Actor | None = None
    page: str = "surveys/page.html"
    check: str = "surveys/check.html"
    values: Mapping[str, Any] = field(default_factory=dict)


def _by_link(found: Survey, token: str) -> Way:
    """Whoever holds the link may touch nothing else."""
    return Way(
        address=partial(url_for, ".survey", token=token),
        again=lambda: queries.survey_of_link(read(), token=token),
        actor=Actor(found.person_id, via="link"),
    )


def _answer(found: Survey, way: Way) -> ResponseReturnValue:
    asked_for = request.args.get("section", "")
    page = found.first_incomplete() if asked_for == CHECK else found.page(asked_for)
    if page is None and request.method == "POST":
        page = found.any_page(asked_for)
    if page is None and asked_for != CHECK:
        if request.method == "GET" and not found.is_begun and not found.is_short:
            return render_template("surveys/start.html", survey=found, address=way.address)
        page = found.where_one_stopped()
    return _page(found, page, way) if page is not None else _check(found, way)


def _page(found: Survey, page: Section, way: Way) -> ResponseReturnValue:
    form = answers_form(
        page.items,
        found.answers,
        revision=found.revision,
        button=SEND if found.is_short else None,
        among=found.items,
        whole=True,
    )
    meanwhile: Sequence[tuple[Item, str]] = []
    if form.is_submitted() and found.has_dropped(page):
        form.form_errors.append(
            _(
                "These questions are no longer asked, because an answer before them was changed in another window. "
                "What you typed is below, and was not saved."
            )
        )
    elif form.validate_on_submit():
        command = services.save_and_send if found.is_short else services.save
        given = form.answers()
        done = attempt(
            form, partial(command, ask_id=found.ask_id, answers=given, seen=form.revision.data or 0), way.actor
        )
        if done:
            answers = done.result.answers
            following = found.with_answers(answers).next_page(page)
            section = None if found.is_short else following.code if following else CHECK
            return redirect(way.address(section=section))
        found = _as_it_is_now(form, way)
        meanwhile = _saved_differently(page, found.answers, given)
    return form_page(
        way.page,
        form,
        survey=found,
        page=page,
        address=way.address,
        meanwhile=meanwhile,
        **way.values,
    )


def _check(found: Survey, way: Way) -> ResponseReturnValue:
    form = SendAnswers(revision=found.revision)
    if form.validate_on_submit():
        command = partial(services.send, ask_id=found.ask_id, seen=form.revision.data or 0)
        if attempt(form, command, way.actor):
            return redirect(way.address())
        found = _as_it_is_now(form, way)
    return form_page(way.check, form, survey=found, address=way.address, **way.values)


def _as_it_is_now(form: AnswersForm | SendAnswers, way: Way) -> Survey:
    """The answers after a refusal: another window may have saved meanwhile, and the form goes on from there."""
    found = way.again()
    show_revision(form, found.revision)
    return found


def _saved_differently(page: Section, saved: Answers, given: Answers) -> Sequence[tuple[Item, str]]:
    """Questions of the page to which another window saved another answer than the one that was typed here."""
    return [
        (item, item.in_words(saved[item.code]))
        for item in page.items
        if item.code in saved and str(saved[item.code]) != str(given.get(item.code))
    ]
