"""What people answered in their own words: reading it, sorting it by codes, and picking quotations for reports."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVALUATION
from cop.core.errors import NotFound
from cop.forms.coding import FindAnswers, PickQuotation, code_answer
from cop.models.programmes import Programme
from cop.models.tags import TagKind
from cop.queries import coding as queries
from cop.queries import evaluation, tags
from cop.services import coding
from cop.web import Area, attempt, form_page, page_number, paged, read, run

PAGE = 20

area = Area("coding", __name__, url_prefix="/evaluation/coding")

ANSWER = "/<programme>/<questionnaire>/<item>/<key>"


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    """The questions of one programme: the one in the address, or the first."""
    known = evaluation.programmes(read())
    if not known:
        return render_template("evaluation/empty.html")
    chosen = _programme(request.args.get("programme") or known[0].slug)
    return render_template(
        "coding/index.html",
        programmes=known,
        programme=chosen,
        questions=queries.questions(read(), chosen),
        counts=queries.code_counts(read(), chosen, hide=False),
        has_codes=bool(tags.offered(read(), TagKind.CODE)),
    )


def _programme(slug: str) -> Programme:
    for programme in evaluation.programmes(read()):
        if programme.slug == slug:
            return programme
    raise NotFound


@area.get("/<programme>/quotations", access=EVALUATION)
def quotations(programme: str) -> ResponseReturnValue:
    chosen = _programme(programme)
    return render_template("coding/quotations.html", programme=chosen, found=queries.quotations(read(), chosen))


@area.get("/<programme>/<questionnaire>/<item>", access=EVALUATION)
def answers(programme: str, questionnaire: str, item: str) -> ResponseReturnValue:
    chosen = _programme(programme)
    asked = {"questionnaire": questionnaire, "item": item}
    question = queries.question(read(), chosen, **asked)
    counts = queries.code_counts(read(), chosen, hide=False, **asked)
    form = FindAnswers(request.args)
    form.offer(queries.events_of(read(), chosen, **asked), [count.tag for count in counts])
    wanted = form.asked()
    found = queries.answers(
        read(),
        chosen,
        **asked,
        wanted=queries.Wanted(**wanted),
        offset=(page_number() - 1) * PAGE,
        limit=PAGE,
    )
    return render_template(
        "coding/answers.html",
        programme=chosen,
        question=question,
        counts=counts,
        form=form,
        asked=wanted,
        pager=paged(found, PAGE),
    )


@dataclass(frozen=True)
class Found:
    """An answer that the address names, and what its pages show."""

    programme: Programme
    question: queries.Question
    answer: queries.Answer

    @property
    def which(self) -> coding.Which:
        return coding.Which(self.programme.id, self.question.questionnaire, self.question.item, self.answer.key)

    def address(self, endpoint: str, **more: Any) -> str:
        which = self.which
        more |= {"programme": self.programme.slug, "questionnaire": which.questionnaire, "item": which.item}
        return url_for(f"coding.{endpoint}", **more)


def _found(programme: str, questionnaire: str, item: str, key: str) -> Found:
    chosen = _programme(programme)
    question = queries.question(read(), chosen, questionnaire=questionnaire, item=item)
    return Found(chosen, question, queries.answer(read(), chosen, questionnaire=questionnaire, item=item, key=key))


@area.form(ANSWER, access=EVALUATION)
def answer(programme: str, questionnaire: str, item: str, key: str) -> ResponseReturnValue:
    """Give codes to one answer, and go on to one that has none."""
    found = _found(programme, questionnaire, item, key)
    given = found.answer.codes
    offered = tags.offered(read(), TagKind.CODE, kept=[tag.id for tag in given]).get(TagKind.CODE, ())
    form = code_answer(offered, given)
    if form.validate_on_submit():
        command = partial(coding.give, which=found.which, chosen=form.codes.data or [], seen=form.seen_ids)
        if attempt(form, command):
            flash(_("The codes are saved."))
            return redirect(_after(found))
    return form_page("coding/answer.html", form, found=found, has_codes=bool(offered))


def _after(found: Found) -> str:
    """The next answer without a code, or all answers once there is none."""
    left = queries.answers(
        read(),
        found.programme,
        questionnaire=found.question.questionnaire,
        item=found.question.item,
        wanted=queries.Wanted(code=queries.NOT_CODED),
        limit=1,
    )
    following = [one.key for one in left if one.key != found.answer.key]
    return found.address("answer", key=following[0]) if following else found.address("answers")


@area.form(f"{ANSWER}/quotation", access=EVALUATION)
def quotation(programme: str, questionnaire: str, item: str, key: str) -> ResponseReturnValue:
    found = _found(programme, questionnaire, item, key)
    form = PickQuotation(words=found.answer.quoted or found.answer.words)
    if form.validate_on_submit() and attempt(form, partial(coding.pick, which=found.which, words=form.words.data)):
        flash(_("The quotation is picked. Reports that are made from now on may show it."))
        return redirect(found.address("answer", key=key))
    return form_page("coding/quotation.html", form, found=found)


@area.post(f"{ANSWER}/quotation/drop", access=EVALUATION)
def drop(programme: str, questionnaire: str, item: str, key: str) -> ResponseReturnValue:
    found = _found(programme, questionnaire, item, key)
    run(partial(coding.drop, which=found.which))
    flash(_("The quotation is dropped. Reports that are made from now on do not show it."))
    return redirect(found.address("answer", key=key))
