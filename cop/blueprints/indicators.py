"""By what a programme is judged: indicators with their values over time, and what changed in people."""

from datetime import date
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVALUATION, PROGRAMME_STAFF_ONLY
from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.forms import base
from cop.forms.indicators import CorrectValue, NoteValue, SayIndicator
from cop.models.programmes import Programme
from cop.queries import evaluation
from cop.queries import indicators as queries
from cop.queries.programmes import to_edit
from cop.services import indicators
from cop.web import Area, attempt, form_page, page_number, paged, read, run

PAGE = 31

area = Area("indicators", __name__, url_prefix="/evaluation/indicators")


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    found = queries.listed(read(), slug=request.args.get("programme"))
    return render_template("indicators/index.html", found=found, questions=queries.QUESTIONS)


@area.get("/changes", access=EVALUATION)
def changes() -> ResponseReturnValue:
    """What changed in the same people, and who answered of those who were asked."""
    known = evaluation.programmes(read())
    slug = request.args.get("programme")
    programme = next((one for one in known if slug in {None, "", one.slug}), None)
    if programme is None:
        raise NotFound
    hide = not queries.may_change(read(), programme)
    return render_template(
        "indicators/changes.html",
        programmes=known,
        programme=programme,
        is_exact=not hide,
        changes=queries.paired_changes(read(), programme, hide=hide),
        answering=queries.answering(read(), programme, hide=hide),
    )


@area.form("/add", access=PROGRAMME_STAFF_ONLY)
def add() -> ResponseReturnValue:
    """By hand, or with a measure in the address: then the form begins with its words, and the service counts."""
    programme = _programme()
    has = {one.measure for one in queries.listed(read(), slug=programme.slug).indicators}
    free = [measure for measure in queries.ALL if measure.code not in has]
    chosen = request.args.get("measure")
    known = next((measure for measure in free if measure.code == chosen), None)
    if chosen and known is None:
        raise NotFound
    form = SayIndicator(obj=known)
    _prepare(form, counts_itself=known is not None)
    if form.validate_on_submit():
        measure = known.code if known is not None else None
        command = partial(indicators.add, slug=programme.slug, terms=_terms(form, known), measure=measure)
        done = attempt(form, command)
        if done:
            flash(_("“%(name)s” is added.", name=done.result.name))
            return redirect(url_for(".indicator", programme=programme.slug, code=done.result.code))
    return form_page("indicators/add.html", form, programme=programme, free=free, known=known)


@area.post("/ready-made", access=PROGRAMME_STAFF_ONLY)
def ready_made() -> ResponseReturnValue:
    programme = _programme()
    added = run(partial(indicators.add_ready_made, slug=programme.slug))
    flash(
        ngettext("%(num)s indicator is added and counted.", "%(num)s indicators are added and counted.", added)
        if added
        else _("All ready-made indicators are there already.")
    )
    return redirect(url_for(".index", programme=programme.slug))


@area.post("/count", access=PROGRAMME_STAFF_ONLY)
def count() -> ResponseReturnValue:
    """Now, and not only at night."""
    programme = _programme()
    done = run(partial(indicators.count_again, slug=programme.slug))
    flash(ngettext("%(num)s indicator is counted anew.", "%(num)s indicators are counted anew.", done))
    return redirect(url_for(".index", programme=programme.slug))


@area.get("/<programme>/<code>", access=EVALUATION)
def indicator(programme: str, code: str) -> ResponseReturnValue:
    found = queries.page(read(), slug=programme, code=code)
    noted = queries.values(read(), found, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "indicators/indicator.html", found=found, questions=queries.QUESTIONS, pager=paged(noted, PAGE)
    )


@area.form("/<programme>/<code>/change", access=PROGRAMME_STAFF_ONLY)
def change(programme: str, code: str) -> ResponseReturnValue:
    found = _to_change(programme, code)
    one = found.indicator
    known = queries.MEASURES.get(one.measure) if one.measure is not None else None
    form = SayIndicator(obj=one)
    _prepare(form, counts_itself=known is not None)
    if form.validate_on_submit():
        command = partial(indicators.change, slug=programme, code=code, terms=_terms(form, known))
        if attempt(form, command):
            flash(_("The indicator is saved."))
            return redirect(url_for(".indicator", programme=programme, code=code))
    return form_page("indicators/change.html", form, found=found)


@area.post("/<programme>/<code>/retire", access=PROGRAMME_STAFF_ONLY)
def retire(programme: str, code: str) -> ResponseReturnValue:
    name = run(partial(indicators.retire, slug=programme, code=code)).name
    flash(_("“%(name)s” is retired. Its values stay.", name=name))
    return redirect(url_for(".index", programme=programme))


@area.post("/<programme>/<code>/restore", access=PROGRAMME_STAFF_ONLY)
def restore(programme: str, code: str) -> ResponseReturnValue:
    form = base.Confirm()
    done = attempt(form, partial(indicators.restore, slug=programme, code=code))
    flash(_("The indicator is shown again.") if done else form.form_errors[0])
    return redirect(url_for(".indicator", programme=programme, code=code))


@area.post("/<programme>/<code>/up", access=PROGRAMME_STAFF_ONLY)
def up(programme: str, code: str) -> ResponseReturnValue:
    return _move(programme, code, up=True)


@area.post("/<programme>/<code>/down", access=PROGRAMME_STAFF_ONLY)
def down(programme: str, code: str) -> ResponseReturnValue:
    return _move(programme, code, up=False)


def _move(programme: str, code: str, *, up: bool) -> ResponseReturnValue:
    run(partial(indicators.move, slug=programme, code=code, up=up))
    return redirect(url_for(".index", programme=programme, _anchor=code))


@area.form("/<programme>/<code>/values/add", access=PROGRAMME_STAFF_ONLY)
def note(programme: str, code: str) -> ResponseReturnValue:
    found = _by_hand(programme, code)
    form = NoteValue(on_date=day_of(read().now))
    if form.validate_on_submit():
        command = partial(indicators.note, slug=programme, code=code, noted=_noted(form))
        if attempt(form, command):
            flash(_("The value is noted."))
            return redirect(url_for(".indicator", programme=programme, code=code))
    return form_page("indicators/value.html", form, found=found, value=None)


@area.form("/<programme>/<code>/values/<day>", access=PROGRAMME_STAFF_ONLY)
def correct(programme: str, code: str, day: str) -> ResponseReturnValue:
    found = _by_hand(programme, code)
    value = queries.value_of(read(), found, day=_day(day))
    form = CorrectValue(obj=value, seen=value.recorded_at.isoformat())
    if form.validate_on_submit():
        command = partial(
            indicators.correct,
            slug=programme,
            code=code,
            day=value.on_date,
            noted=_noted(form),
            seen=form.seen.data or "",
        )
        if attempt(form, command):
            flash(_("The value is corrected."))
            return redirect(url_for(".indicator", programme=programme, code=code))
    return form_page("indicators/value.html", form, found=found, value=value)


def _programme() -> Programme:
    """The programme in the address, for those who change its indicators."""
    return to_edit(read(), request.args.get("programme", ""))


def _to_change(programme: str, code: str) -> queries.Page:
    found = queries.page(read(), slug=programme, code=code)
    if not found.is_exact:
        raise NotFound
    return found


def _by_hand(programme: str, code: str) -> queries.Page:
    """An indicator whose values staff note."""
    found = _to_change(programme, code)
    if found.indicator.is_automatic or found.indicator.retired_at is not None:
        raise NotFound
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _prepare(form: SayIndicator, *, counts_itself: bool) -> None:
    numbered = [(number, f"{number}. {_(words)}") for number, words in queries.QUESTIONS.items()]
    form.question.choices = base.choices([("", _("None of them")), *numbered])
    if counts_itself:
        del form.unit


def _terms(form: SayIndicator, known: queries.Measure | None) -> indicators.Terms:
    return indicators.Terms(
        name=form.name.data,
        definition=form.definition.data,
        unit=known.unit if known is not None else form.unit.data,
        source=form.source.data,
        question=form.question.data,
        baseline=form.baseline.data,
        baseline_on=form.baseline_on.data,
        target=form.target.data,
        target_on=form.target_on.data,
    )


def _noted(form: NoteValue) -> indicators.Noted:
    return indicators.Noted(form.on_date.data, form.value.data, form.n.data, form.note.data or "")
