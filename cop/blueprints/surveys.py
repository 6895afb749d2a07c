"""Surveys: answering by the link in a mail, and what came of it for staff and evaluators."""

from collections.abc import Sequence
from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC, SURVEY_READERS_ONLY, Actor
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
    return render_template("surveys/results.html", round=found, sections=sections, fewest=queries.FEWEST)


@area.form("/<token>", access=PUBLIC)
def survey(token: str) -> ResponseReturnValue:
    """Whoever holds the link answers for the person whom it was sent to, and needs no account."""
    found = queries.survey_of_link(read(), token=token)
    if request.method == "GET":
        if found.done_on is not None:
            return render_template("surveys/thanks.html", survey=found)
        if found.closes_at <= read().now:
            return render_template("surveys/closed.html", survey=found), 410
    asked_for = request.args.get("section", "")
    page = found.first_incomplete() if asked_for == CHECK else found.page(asked_for)
    if page is None and asked_for != CHECK:
        if request.method == "GET" and not found.is_begun and not found.is_short:
            return render_template("surveys/start.html", survey=found, token=token)
        page = found.where_one_stopped()
    return _page(found, page, token) if page is not None else _check(found, token)


def _page(found: Survey, page: Section, token: str) -> ResponseReturnValue:
    form = answers_form(
        page.items,
        found.answers,
        revision=found.revision,
        button=SEND if found.is_short else None,
        among=found.items,
        whole=True,
    )
    meanwhile: Sequence[tuple[Item, str]] = []
    if form.validate_on_submit():
        command = services.save_and_send if found.is_short else services.save
        given = form.answers()
        done = attempt(
            form,
            partial(command, ask_id=found.ask_id, answers=given, seen=form.revision.data or 0),
            _holder(found),
        )
        if done:
            answers = done.result.answers
            following = found.with_answers(answers).next_page(page)
            section = None if found.is_short else following.code if following else CHECK
            return redirect(url_for(".survey", token=token, section=section))
        found = _as_it_is_now(form, token)
        meanwhile = _saved_differently(page, found.answers, given)
    return form_page("surveys/page.html", form, survey=found, page=page, token=token, meanwhile=meanwhile)


def _check(found: Survey, token: str) -> ResponseReturnValue:
    form = SendAnswers(revision=found.revision)
    if form.validate_on_submit():
        command = partial(services.send, ask_id=found.ask_id, seen=form.revision.data or 0)
        if attempt(form, command, _holder(found)):
            return redirect(url_for(".survey", token=token))
        found = _as_it_is_now(form, token)
    return form_page("surveys/check.html", form, survey=found, token=token)


def _holder(found: Survey) -> Actor:
    """Whoever holds the link, who may touch nothing else."""
    return Actor(found.person_id, via="link")


def _as_it_is_now(form: AnswersForm | SendAnswers, token: str) -> Survey:
    """The answers after a refusal: another window may have saved meanwhile, and the form goes on from there."""
    found = queries.survey_of_link(read(), token=token)
    show_revision(form, found.revision)
    return found


def _saved_differently(page: Section, saved: Answers, given: Answers) -> Sequence[tuple[Item, str]]:
    """Questions of the page to which another window saved another answer than the one that was typed here."""
    return [
        (item, item.in_words(saved[item.code]))
        for item in page.items
        if item.code in saved and str(saved[item.code]) != str(given.get(item.code))
    ]
