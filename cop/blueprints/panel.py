"""The panel of a course: reviewers score without names, the chair chooses and releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm

from cop.core.access import EVENT_EDITORS_ONLY, PANEL_ONLY
from cop.core.criteria import read_criteria, read_scores
from cop.core.errors import NotFound
from cop.forms.panel import (
    Choose,
    DeclareConflict,
    Moderate,
    Revised,
    WithdrawOffer,
    as_shown,
    choose_form,
    review_form,
)
from cop.models.accounts import Sector
from cop.models.cohorts import Cohort, DecisionOutcome, Review, ReviewState
from cop.models.offers import OfferState
from cop.queries.cohorts import panel as queries
from cop.queries.cohorts import selection as chosen
from cop.queries.cohorts.drawing import Reach, chain_of, was_drawn
from cop.services.cohorts import choice, offers
from cop.services.cohorts.reviews import declare_conflict, save_review
from cop.web import Area, attempt, form_page, observe, page_number, paged, read

PAGE = 100
"""Applications on one page of the choice; on one page of a reviewer's list there are fewer words to each."""

area = Area("panel", __name__, url_prefix="/cohorts/<slug>")


@area.get("/reviews", access=PANEL_ONLY)
def reviews(slug: str) -> ResponseReturnValue:
    cohort = queries.course_of_panel(read(), slug=slug)
    if not queries.is_reviewer(read().actor, cohort.event):
        return redirect(url_for(".selection", slug=slug))
    pile = queries.pile(read(), cohort, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "panel/reviews.html",
        cohort=cohort,
        event=cohort.event,
        pile=pile,
        pager=paged(pile.items, PAGE),
        is_judging=queries.is_judging(cohort, read().now),
        is_chair=queries.is_chair(read().actor, cohort.event),
    )


@area.form("/reviews/<int(max=1000000):number>", access=PANEL_ONLY)
def review(slug: str, number: int) -> ResponseReturnValue:
    cohort = queries.course_of_panel(read(), slug=slug)
    found = queries.application_to_review(read(), cohort, number=number)
    criteria = read_criteria(cohort.criteria)
    own = found.review
    form = review_form(
        criteria,
        read_scores(own.scores) if own is not None else {},
        comment=own.comment if own is not None else "",
        revision=own.revision if own is not None else 0,
        is_whole=own is not None and own.state is ReviewState.SUBMITTED,
    )
    if _is_sent(form, cohort):
        done = attempt(
            form,
            partial(
                save_review,
                cohort_id=cohort.event_id,
                number=number,
                scores=form.scores(),
                comment=form.comment.data or "",
                seen=form.revision.data or 0,
                submit=form.act.data == "submit",
            ),
        )
        if done:
            return _after_review(slug, number, done.result)
        found = queries.application_to_review(read(), cohort, number=number)
        form.revision.raw_data, form.revision.data = None, found.review.revision if found.review is not None else 0
    return form_page(
        "panel/review.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        criteria=criteria,
        is_judging=queries.is_judging(cohort, read().now),
        pile=queries.pile(read(), cohort, limit=0),
    )


def _after_review(slug: str, number: int, saved: Review) -> ResponseReturnValue:
    """On to the next one, or back to the draft."""
    if saved.state is ReviewState.DRAFT:
        flash(_("Your draft is saved. The chair does not see it until you submit it."))
        return redirect(url_for(".review", slug=slug, number=number))
    flash(_("Your review of application %(number)s is submitted.", number=number))
    pile = queries.pile(read(), queries.course_of_panel(read(), slug=slug), limit=0)
    following = pile.next_after(number)
    if following is None:
        return redirect(url_for(".reviews", slug=slug))
    return redirect(url_for(".review", slug=slug, number=following))


def _is_sent(form: FlaskForm, cohort: Cohort) -> bool:
    """Whether the form was sent as it should be; when nothing may be judged the service says so, whatever was sent."""
    return bool(form.is_submitted() and (not queries.is_judging(cohort, read().now) or form.validate()))


@area.form("/reviews/<int(max=1000000):number>/conflict", access=PANEL_ONLY)
def conflict(slug: str, number: int) -> ResponseReturnValue:
    cohort = queries.course_of_panel(read(), slug=slug)
    if not queries.may_see(read(), cohort, number=number):
        raise NotFound
    form = DeclareConflict()
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(declare_conflict, cohort_id=cohort.event_id, number=number, reason=form.reason.data),
        )
        if done:
            flash(_("Thank you for saying so. Application %(number)s is no longer yours to judge.", number=number))
            return redirect(url_for(".reviews", slug=slug))
    return form_page(
        "panel/conflict.html",
        form,
        event=cohort.event,
        number=number,
        is_reviewer=queries.is_reviewer(read().actor, cohort.event),
    )


@dataclass(frozen=True)
class Shown:
    """What a row of the choice shows: what was typed where it was refused, else what is saved."""

    outcome: str
    rank: str
    was: str

    @property
    def is_typed(self) -> bool:
        return as_shown(self.outcome, self.rank) != self.was


@area.form("/selection", access=EVENT_EDITORS_ONLY)
def selection(slug: str) -> ResponseReturnValue:
    cohort = queries.course_of_chair(read(), slug=slug)
    form = choose_form(request.form, cohort.choice_revision)
    if _is_sent(form, cohort):
        verdicts = (
            {number: _verdict(form, number) for number in form.changed()}
            if queries.is_judging(cohort, read().now)
            else {}
        )
        done = attempt(
            form,
            partial(
                choice.choose,
                cohort_id=cohort.event_id,
                verdicts=verdicts,
                seen=form.revision.data or 0,
                reason=form.reason.data or "",
            ),
        )
        if done:
            words = ngettext("%(num)s choice is saved.", "%(num)s choices are saved.", done.result)
            flash(words if done.result else _("Nothing was changed, so nothing was saved."))
            return redirect(url_for(".selection", slug=slug, **_asked()))
        cohort = queries.course_of_chair(read(), slug=slug)
        form.revision.raw_data, form.revision.data = None, cohort.choice_revision
    order = chosen.Order(request.args["sort"]) if request.args.get("sort") in set(chosen.Order) else chosen.Order.NUMBER
    found = chosen.selection(read(), cohort, order=order)
    wanted = [
        candidate for candidate in found.candidates if candidate.number in form.NUMBERS or _is_asked_for(candidate)
    ]
    pager = paged(wanted[(page_number() - 1) * PAGE : page_number() * PAGE + 1], PAGE)
    return form_page(
        "panel/selection.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        pager=pager,
        rows=_rows(form, pager.items),
        asked=_asked(),
        order=order,
        sectors=list(Sector),
        is_judging=queries.is_judging(cohort, read().now),
        is_reviewer=queries.is_reviewer(read().actor, cohort.event),
        is_drawn=chain_of(read(), cohort.event_id).reach is Reach.DRAWN,
    )


def _asked() -> dict[str, Any]:
    """What the address asks to see, to come back to it."""
    return {
        name: request.args[name] for name in ("sort", "outcome", "sector", "scores", "page") if name in request.args
    }


def _verdict(form: Choose, number: int) -> choice.Verdict:
    outcome, _rank = form.typed(number)
    rank = form[f"rank_{number}"].data
    return choice.Verdict(DecisionOutcome(outcome) if outcome else None, rank)


def _is_asked_for(candidate: chosen.Candidate) -> bool:
    """Whether the row fits the filter of the address; words that mean nothing hide nothing."""
    outcome, sector = request.args.get("outcome", ""), request.args.get("sector", "")
    if outcome in {"undecided", *DecisionOutcome} and (candidate.outcome or "undecided") != outcome:
        return False
    if request.args.get("scores") == "apart" and (candidate.is_talked_over or not candidate.is_apart):
        return False
    return sector not in set(Sector) or candidate.sector == sector


def _rows(form: Choose, candidates: Sequence[chosen.Candidate]) -> Mapping[int, Shown]:
    changed = set(form.changed())
    rows = {}
    for candidate in candidates:
        saved = (candidate.outcome or "", str(candidate.rank or ""))
        typed = form.typed(candidate.number) if candidate.number in changed else saved
        rows[candidate.number] = Shown(*typed, as_shown(*saved))
    return rows


@area.form("/selection/<int(max=1000000):number>", access=EVENT_EDITORS_ONLY)
def candidate(slug: str, number: int) -> ResponseReturnValue:
    cohort = queries.course_of_chair(read(), slug=slug)
    found = chosen.application_whole(read(), cohort, number=number)
    form = Moderate()
    if _is_sent(form, cohort):
        done = attempt(
            form,
            partial(
                choice.moderate,
                cohort_id=cohort.event_id,
                number=number,
                reason=form.reason.data,
                score=form.number,
            ),
        )
        if done:
            flash(_("What the panel said is on record."))
            return redirect(url_for(".candidate", slug=slug, number=number, _anchor="record"))
    observe("application read", "event", cohort.event_id)
    return form_page(
        "panel/candidate.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        criteria=read_criteria(cohort.criteria),
        is_judging=queries.is_judging(cohort, read().now),
        is_drawn=was_drawn(read(), cohort.event_id),
    )


@area.form("/selection/<int(max=1000000):number>/offer", access=EVENT_EDITORS_ONLY)
def move_up(slug: str, number: int) -> ResponseReturnValue:
    cohort = queries.course_of_chair(read(), slug=slug)
    found = chosen.application_whole(read(), cohort, number=number)
    form = Revised(revision=cohort.choice_revision)
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(offers.move_up, cohort_id=cohort.event_id, number=number, seen=form.revision.data or 0),
        )
        if done:
            flash(_("%(name)s is offered the place, and gets a message about it.", name=found.candidate.name))
            return redirect(url_for(".selection", slug=slug, sort="outcome"))
        cohort = queries.course_of_chair(read(), slug=slug)
        found = chosen.application_whole(read(), cohort, number=number)
        form.revision.raw_data, form.revision.data = None, cohort.choice_revision
    elif request.method == "GET" and found.candidate.outcome is not DecisionOutcome.RESERVE:
        return redirect(url_for(".candidate", slug=slug, number=number))
    return form_page("panel/move_up.html", form, cohort=cohort, event=cohort.event, found=found)


@area.form("/selection/<int(max=1000000):number>/withdraw", access=EVENT_EDITORS_ONLY)
def withdraw(slug: str, number: int) -> ResponseReturnValue:
    cohort = queries.course_of_chair(read(), slug=slug)
    found = chosen.application_whole(read(), cohort, number=number)
    if found.candidate.offer is not OfferState.OPEN and request.method == "GET":
        return redirect(url_for(".candidate", slug=slug, number=number))
    form = WithdrawOffer()
    if form.validate_on_submit():
        done = attempt(
            form,
            partial(offers.withdraw_offer, cohort_id=cohort.event_id, number=number, reason=form.reason.data),
        )
        if done:
            flash(_("The offer is taken back, and the place is free."))
            return redirect(url_for(".selection", slug=slug, sort="outcome"))
    return form_page(
        "panel/withdraw.html",
        form,
        event=cohort.event,
        found=found,
        is_drawn=was_drawn(read(), cohort.event_id),
    )
