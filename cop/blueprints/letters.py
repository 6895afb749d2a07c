"""The letters about decisions: drafted, looked over one by one, released at one time, and what went out."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import mail
from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.criteria import read_criteria
from cop.core.errors import NotFound
from cop.forms.letters import WriteFeedback, WriteParagraphs
from cop.forms.panel import Revised
from cop.mail.drawing import Drawn
from cop.models.cohorts import Cohort, Decision, DecisionOutcome
from cop.models.outbox import Outbox
from cop.queries.cohorts import letters as queries
from cop.queries.cohorts import panel
from cop.services.cohorts import choice
from cop.services.cohorts import letters as services
from cop.web import Area, attempt, form_page, letter_page, page_number, paged, read

PAGE = 100

NUMBER = "<int(max=1000000):number>"

area = Area("letters", __name__, url_prefix="/cohorts/<slug>/selection")


@area.form("/release", access=EVENT_EDITORS_ONLY)
def release(slug: str) -> ResponseReturnValue:
    """Before the release: what will go out, and the one button. After it: what went out, and what came of it."""
    cohort = panel.course_of_chair(read(), slug=slug)
    form = Revised(revision=cohort.choice_revision)
    if form.validate_on_submit():
        done = attempt(form, partial(choice.release, cohort_id=cohort.event_id, seen=form.revision.data or 0))
        if done:
            flash(_("The decisions are released. Everybody who applied gets a message within a few minutes."))
            return redirect(url_for(".release", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
    form.revision.raw_data, form.revision.data = None, cohort.choice_revision
    found = queries.letters(read(), cohort)
    return form_page(
        "letters/release.html" if cohort.released_at is None else "letters/released.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        free=panel.places_free(cohort.event),
        pager=paged(found.lines[(page_number() - 1) * PAGE : page_number() * PAGE + 1], PAGE),
        is_judging=panel.is_judging(cohort, read().now),
    )


@area.form("/letters", access=EVENT_EDITORS_ONLY)
def paragraphs(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    form = WriteParagraphs(data={**cohort.letters, "seen": queries.version_of_letters(cohort)})
    if form.validate_on_submit():
        saving = partial(services.write_paragraphs, cohort_id=cohort.event_id, paragraphs=form.paragraphs())
        if attempt(form, partial(saving, seen=form.seen.data or "")):
            flash(_("The words for all letters are saved."))
            return redirect(url_for(".release", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
        form.seen.raw_data, form.seen.data = None, queries.version_of_letters(cohort)
    return form_page(
        "letters/paragraphs.html",
        form,
        cohort=cohort,
        event=cohort.event,
        outcomes=list(DecisionOutcome),
        is_judging=panel.is_judging(cohort, read().now),
    )


@area.form(f"/{NUMBER}/letter", access=EVENT_EDITORS_ONLY)
def letter(slug: str, number: int) -> ResponseReturnValue:
    """One letter as the person will read it, with the feedback to them; a proposal is shown where none was saved."""
    cohort = panel.course_of_chair(read(), slug=slug)
    found = _letter(cohort, number)
    decision = found.decision
    if decision is None and request.method != "POST":
        return render_template("letters/undecided.html", event=cohort.event, found=found)
    is_judging = panel.is_judging(cohort, read().now)
    proposal = _proposal(found) if is_judging and _state(decision) is queries.Feedback.MISSING else ""
    saved = decision.feedback if decision is not None else ""
    form = WriteFeedback(data={"words": saved or proposal, "seen": _seen(decision)})
    if form.validate_on_submit():
        saving = partial(services.write_feedback, cohort_id=cohort.event_id, number=number, seen=form.seen.data or "")
        if attempt(form, partial(saving, words=form.words.data or "")):
            return _after_saving(slug, number, is_next=form.act.data == "next")
        cohort = panel.course_of_chair(read(), slug=slug)
        found = _letter(cohort, number)
        decision = found.decision
        form.seen.raw_data, form.seen.data = None, _seen(decision)
    return form_page(
        "letters/letter.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        decision=decision,
        state=_state(decision),
        is_proposal=bool(proposal) and form.words.data == proposal,
        drawn=_drawn(found, decision) if decision is not None else None,
        is_judging=is_judging,
    )


def _letter(cohort: Cohort, number: int) -> queries.Letter:
    return queries.letter(read(), cohort, read_criteria(cohort.criteria), number=number)


def _state(decision: Decision | None) -> queries.Feedback | None:
    return queries.feedback_of(decision) if decision is not None else None


def _seen(decision: Decision | None) -> str:
    """What the page tells of the state that it shows; nothing where the choice was taken back meanwhile."""
    return queries.version_of_feedback(decision) if decision is not None else ""


def _proposal(found: queries.Letter) -> str:
    words = render_template("letters/proposal.txt", portrait=found.portrait)
    return words.strip()


def _drawn(found: queries.Letter, decision: Decision) -> Drawn | None:
    """The letter that goes with this decision, without the keys in it."""
    is_offer = decision.outcome is DecisionOutcome.OFFER
    about = {"offer_id": found.offer_id} if is_offer and found.offer_id else {"application_id": found.application_id}
    template = queries.LETTERS[decision.outcome]
    return mail.as_it_reads(read(), Outbox(template=template, person_id=found.person_id, params=about))


def _after_saving(slug: str, number: int, *, is_next: bool) -> ResponseReturnValue:
    """On to the next one that nobody has looked over, or to this letter as it reads now."""
    flash(_("The feedback to application %(number)s is saved.", number=number))
    if not is_next:
        return redirect(url_for(".letter", slug=slug, number=number))
    following = queries.letters(read(), panel.course_of_chair(read(), slug=slug)).next_after(number)
    if following is None:
        return redirect(url_for(".release", slug=slug))
    return redirect(url_for(".letter", slug=slug, number=following))


@area.get(f"/{NUMBER}/letter/html", access=EVENT_EDITORS_ONLY)
def letter_as_html(slug: str, number: int) -> ResponseReturnValue:
    found = _letter(panel.course_of_chair(read(), slug=slug), number)
    drawn = _drawn(found, found.decision) if found.decision is not None else None
    if drawn is None:
        raise NotFound
    return letter_page(drawn.html)
