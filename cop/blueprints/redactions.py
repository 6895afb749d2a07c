"""The chair looks applications through and takes the names out, for those who score without them."""

from collections.abc import Mapping, Sequence
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.algorithms import naming
from cop.algorithms.naming import Naming
from cop.core.access import EVENT_EDITORS_ONLY
from cop.forms.reviewing import redact_form
from cop.queries.cohorts import panel
from cop.queries.cohorts import redactions as queries
from cop.services.cohorts.redactions import redact
from cop.web import Area, attempt, form_page, observe, page_number, paged, read

PAGE = 50

area = Area("redactions", __name__, url_prefix="/cohorts/<slug>/redactions")


@area.get("", access=EVENT_EDITORS_ONLY)
def index(slug: str) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    only_open = request.args.get("show") == "open"
    rows = queries.copies(read(), cohort, only_open=only_open, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "reviewing/copies.html",
        cohort=cohort,
        event=cohort.event,
        pager=paged(rows, PAGE),
        only_open=only_open,
        is_judging=panel.is_judging(cohort, read().now),
    )


@area.form("/<int(max=1000000):number>", access=EVENT_EDITORS_ONLY)
def copy(slug: str, number: int) -> ResponseReturnValue:
    cohort = panel.course_of_chair(read(), slug=slug)
    found = queries.to_redact(read(), cohort, number=number)
    form = redact_form(found.items, {**found.words, **found.copy}, found.version)
    if form.validate_on_submit():
        if form.act.data == "suggest":
            form.put({code: _without_names(words, found.known) for code, words in form.copy().items()})
        else:
            command = partial(
                redact, cohort_id=cohort.event_id, number=number, copy=form.copy(), seen=form.seen.data or ""
            )
            if attempt(form, command):
                flash(_("Reviewers read application %(number)s like this.", number=number))
                address = ".copy" if found.following else ".index"
                return redirect(url_for(address, slug=slug, number=found.following))
            cohort = panel.course_of_chair(read(), slug=slug)
            found = queries.to_redact(read(), cohort, number=number)
            form.seen.data = found.version
    observe("application read", "event", cohort.event_id)
    return form_page(
        "reviewing/copy.html",
        form,
        cohort=cohort,
        event=cohort.event,
        found=found,
        marked=_marked(found),
        names=_words(),
        is_judging=panel.is_judging(cohort, read().now),
    )


def _words() -> Mapping[Naming, str]:
    """What stands in brackets in the place of what was taken out."""
    return {
        Naming.PERSON: _("name"),
        Naming.EMAIL: _("e-mail address"),
        Naming.WEB: _("web address"),
        Naming.TELEPHONE: _("telephone number"),
        Naming.ORGANISATION: _("organisation"),
        Naming.PLACE: _("place"),
    }


def _without_names(words: str, known: Sequence[naming.Known]) -> str:
    return naming.without(words, naming.find(words, known), _words())


def _marked(found: queries.ToRedact) -> Mapping[str, Sequence[tuple[str, Naming | None]]]:
    """Each free answer in pieces, those marked that may name somebody."""
    return {code: naming.pieces(words, naming.find(words, found.known)) for code, words in found.words.items()}
