"""The chair arranges the work of the panel: who scores what, how far everybody is, and a reminder."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.reviewing import ChooseReviewers, EditReviewing, ShareOut
from cop.mail import samples
from cop.queries.cohorts import panel
from cop.queries.cohorts import reviewing as queries
from cop.queries.cohorts.sharing import plan_of
from cop.queries.samples import Sample
from cop.services.cohorts import reviewing as services
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 50

area = Area("reviewing", __name__, url_prefix="/cohorts/<slug>/reviewing")


@area.get("", access=EVENT_EDITORS_ONLY)
def overview(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    return render_template(
        "reviewing/overview.html",
        cohort=cohort,
        event=cohort.event,
        found=queries.progress(read(), cohort),
        is_judging=panel.is_judging(cohort, read().now),
    )


@area.form("/settings", access=EVENT_EDITORS_ONLY)
def settings(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    now = {
        "reviews_wanted": cohort.reviews_wanted,
        "spread_flag": f"{cohort.spread_flag:g}",
        "redacting": cohort.redacting,
    }
    form = EditReviewing(data={**now, "seen": queries.version_of_reviewing(cohort)})
    if form.validate_on_submit():
        command = partial(
            services.edit_reviewing,
            cohort_id=cohort.event_id,
            reviews_wanted=form.reviews_wanted.data,
            spread_flag=form.spread,
            redacting=form.redacting.data,
            seen=form.seen.data or "",
        )
        if attempt(form, command):
            flash(_("How the panel works is saved."))
            return redirect(url_for(".overview", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
        form.seen.data = queries.version_of_reviewing(cohort)  # what is saved now stands on the page
    return form_page("reviewing/settings.html", form, cohort=cohort, event=cohort.event)


@area.form("/share", access=EVENT_EDITORS_ONLY)
def share(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    if request.method == "GET" and (cohort.reviews_wanted is None or not panel.is_judging(cohort, read().now)):
        return redirect(url_for(".overview", slug=slug))
    form = ShareOut()
    if form.validate_on_submit():
        command = partial(services.share_out, cohort_id=cohort.event_id, seen=form.seen.data or "")
        done = attempt(form, command)
        if done:
            words = ngettext("%(num)s share is new.", "%(num)s shares are new.", done.result)
            flash(words if done.result else _("Everything was shared out like this already."))
            return redirect(url_for(".overview", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
    plan = plan_of(read(), cohort)
    form.seen.data = plan.version
    return form_page("reviewing/share.html", form, cohort=cohort, event=cohort.event, plan=plan)


@area.get("/applications", access=EVENT_EDITORS_ONLY)
def shares(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    if cohort.reviews_wanted is None:
        return redirect(url_for(".overview", slug=slug))
    is_short = request.args.get("show") == "short"
    rows = queries.shares(read(), cohort, short=is_short, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "reviewing/shares.html",
        cohort=cohort,
        event=cohort.event,
        pager=paged(rows, PAGE),
        is_short=is_short,
        is_judging=panel.is_judging(cohort, read().now),
    )


@area.form("/applications/<int(max=1000000):number>", access=EVENT_EDITORS_ONLY)
def reviewers(slug: str, number: int) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    if cohort.reviews_wanted is None:
        raise NotFound
    choice = queries.choice_of(read(), cohort, number=number)
    form = _choose(choice)
    if form.validate_on_submit():
        command = partial(
            services.assign,
            cohort_id=cohort.event_id,
            number=number,
            reviewer_ids=form.reviewers.data,
            seen=form.seen.data or "",
        )
        if attempt(form, command):
            flash(_("Who scores application %(number)s is saved.", number=number))
            return redirect(url_for(".shares", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
        choice = queries.choice_of(read(), cohort, number=number)
        form.seen.data = choice.version
    return form_page(
        "reviewing/reviewers.html",
        form,
        cohort=cohort,
        event=cohort.event,
        choice=choice,
        is_judging=panel.is_judging(cohort, read().now),
    )


def _choose(choice: queries.Choice) -> ChooseReviewers:
    """Everybody who can be chosen, with what they have to read already."""
    people = [
        (
            one.person_id,
            ngettext("%(name)s (%(num)s application)", "%(name)s (%(num)s applications)", one.theirs, name=one.name),
        )
        for one in choice.candidates
        if not one.is_fixed
    ]
    now = [one.person_id for one in choice.candidates if one.is_chosen and not one.is_fixed]
    return ChooseReviewers(people, data={"reviewers": now, "seen": choice.version})


@area.form("/remind", access=EVENT_EDITORS_ONLY)
def remind(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.remind, cohort_id=cohort.event_id))
        if done:
            words = ngettext(
                "The reminder goes to %(num)s person.", "The reminder goes to %(num)s people.", done.result
            )
            flash(words if done.result else _("Everybody got this reminder today already, so it was not sent again."))
            return redirect(url_for(".overview", slug=slug))
        cohort = panel.course_of_chair(read(), slug=slug)
    waiting = [one for one in queries.progress(read(), cohort).reviewers if one.left > 0]
    letter = None
    if waiting:
        about = Sample("", "", None, {"event_id": cohort.event_id})
        letter = samples.preview(read(), kind="reviews_waiting", person_id=waiting[0].person_id, sample=about)
    return form_page(
        "reviewing/remind.html",
        form,
        cohort=cohort,
        event=cohort.event,
        waiting=waiting,
        letter=letter,
        is_judging=panel.is_judging(cohort, read().now),
    )
