"""How an organisation rates itself on the principles: by its lead or the secretariat, one principle at a time."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import LEADS_ONLY, SIGNED_IN
from cop.core.errors import NotFound
from cop.forms.base import Confirm
from cop.forms.ratings import LEVELS, RatePrinciple
from cop.models.adoption import RatingWave
from cop.queries import ratings as queries
from cop.services import ratings as services
from cop.web import Area, attempt, form_page, read

ALL = "/organisations/<slug>/rating"
WAVE = f"{ALL}/<wave>"

area = Area("ratings", __name__)


def _wave(word: str) -> RatingWave:
    if word not in list(RatingWave):
        raise NotFound
    return RatingWave(word)


@area.get("/ratings/", access=LEADS_ONLY)
def led() -> ResponseReturnValue:
    """The organisations for which the actor speaks, and how each stands."""
    return render_template("ratings/led.html", found=queries.led(read()))


@area.get(ALL, access=SIGNED_IN)
def rating(slug: str) -> ResponseReturnValue:
    found = queries.rating_page(read(), slug=slug)
    return render_template("ratings/rating.html", found=found, waves=list(RatingWave), levels=dict(LEVELS))


@area.form(f"{WAVE}/complete", access=SIGNED_IN)
def complete(slug: str, wave: str) -> ResponseReturnValue:
    asked, found = _wave(wave), queries.rating_page(read(), slug=slug)
    if found.of(asked) is None:
        raise NotFound
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.complete, slug=slug, wave=asked)):
        flash(_("Thank you. The rating is complete."))
        return redirect(url_for(".rating", slug=slug))
    return form_page("ratings/complete.html", form, found=found, wave=asked, levels=dict(LEVELS))


@area.form(f"{WAVE}/reopen", access=SIGNED_IN)
def reopen(slug: str, wave: str) -> ResponseReturnValue:
    asked, found = _wave(wave), queries.rating_page(read(), slug=slug)
    if not found.is_done(asked):
        raise NotFound
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(services.reopen, slug=slug, wave=asked)):
        flash(_("You can change the rating now."))
        return redirect(url_for(".rating", slug=slug))
    return form_page("ratings/reopen.html", form, found=found, wave=asked)


@area.form(f"{WAVE}/<principle>", access=SIGNED_IN)
def principle(slug: str, wave: str, principle: str) -> ResponseReturnValue:
    """One principle; saving it leads to the next one that is not answered, and then to the whole."""
    asked, found = _wave(wave), queries.rating_page(read(), slug=slug)
    answer = _answer(found, asked, principle)
    form = RatePrinciple(data={"level": answer.level, "example": answer.example, "seen": answer.revision})
    if form.validate_on_submit():
        command = partial(services.save_level, slug=slug, wave=asked, principle=principle, **form.answers())
        if attempt(form, command):
            return redirect(_after(slug, asked, principle))
        found = queries.rating_page(read(), slug=slug)
        answer = _answer(found, asked, principle)
        form.seen.raw_data, form.seen.data = None, answer.revision
    answers = found.answers(asked)
    before = next((one for one in found.answers(RatingWave.BASELINE) if one.principle.slug == principle), None)
    return form_page(
        "ratings/principle.html",
        form,
        found=found,
        wave=asked,
        answer=answer,
        number=answers.index(answer) + 1,
        count=len(answers),
        before=before if asked is RatingWave.FOLLOW_UP else None,
        levels=dict(LEVELS),
    )


def _answer(found: queries.RatingPage, wave: RatingWave, principle: str) -> queries.Answer:
    answer = next((one for one in found.answers(wave) if one.principle.slug == principle), None)
    if answer is None:
        raise NotFound
    return answer


def _after(slug: str, wave: RatingWave, principle: str) -> str:
    if "later" in request.form:
        flash(_("It is saved."))
        return url_for(".rating", slug=slug)
    answers = queries.rating_page(read(), slug=slug).answers(wave)
    position = next(place for place, one in enumerate(answers) if one.principle.slug == principle)
    following = next((one for one in answers[position + 1 :] if one.level is None), None)
    if following is None:
        return url_for(".complete", slug=slug, wave=wave)
    return url_for(".principle", slug=slug, wave=wave, principle=following.principle.slug)
