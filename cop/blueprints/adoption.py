"""How co-operative ways spread: figures for the evaluation, and inviting leads to rate their organisation."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from cop.core.access import EVALUATION, PROGRAMME_STAFF_ONLY
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.models.adoption import RatingWave
from cop.models.programmes import Programme
from cop.queries import adoption as queries
from cop.queries import evaluation, programmes, ratings
from cop.services import ratings as services
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 50

area = Area("adoption", __name__)


@area.get("/evaluation/adoption", access=EVALUATION)
def figures() -> ResponseReturnValue:
    known = evaluation.programmes(read())
    slug = request.args.get("programme")
    chosen = next((programme for programme in known if slug in {None, "", programme.slug}), None)
    if chosen is None:
        raise NotFound
    return render_template("adoption/figures.html", found=queries.adoption(read(), chosen), programmes=known)


@area.get("/admin/adoption", access=PROGRAMME_STAFF_ONLY)
def organisations() -> ResponseReturnValue:
    """Which members have rated themselves, in the current programme."""
    programme = _current()
    found = ratings.listed(read(), programme_id=programme.id, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("adoption/organisations.html", pager=paged(found, PAGE), programme=programme)


def _current() -> Programme:
    programme = programmes.current(read())
    if programme is None or not ratings.is_secretariat(read().actor, programme.id):
        raise NotFound
    return programme


@area.form("/admin/adoption/invite/<wave>", access=PROGRAMME_STAFF_ONLY)
def invite(wave: str) -> ResponseReturnValue:
    """Say first how many leads would get a letter."""
    if wave not in list(RatingWave):
        raise NotFound
    programme, asked = _current(), RatingWave(wave)
    form = Confirm()
    if form.validate_on_submit():
        done = attempt(form, partial(services.invite, programme_id=programme.id, wave=asked))
        if done:
            flash(ngettext("%(num)s lead is invited.", "%(num)s leads are invited.", done.result))
            return redirect(url_for(".organisations"))
    count = ratings.count_to_invite(read(), programme_id=programme.id, wave=asked)
    return form_page("adoption/invite.html", form, programme=programme, wave=asked, count=count)
