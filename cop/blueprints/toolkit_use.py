"""What people say of a resource of the toolkit, and how much the toolkit is used."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import PUBLIC, SIGNED_IN, SURVEY_READERS_ONLY
from cop.forms.toolkit_use import NO, YES, ChooseWishes, SayUseful, TellUse
from cop.models.toolkit import Step
from cop.queries import toolkit_use as queries
from cop.services import toolkit_use
from cop.web import Area, attempt, form_page, page_number, paged, read
from cop.web.looks import visitor

PAGE = 20
COUNCILS = 50

area = Area("toolkit_use", __name__)


@area.form("/toolkit/<slug>/useful", access=PUBLIC)
def useful(slug: str) -> ResponseReturnValue:
    """The page of a resource leads here with the answer; nothing is saved before it is sent from this page."""
    found = queries.own(read(), slug=slug)
    said = found.useful
    chosen = request.args.get("answer") or (None if said is None else YES if said.useful else NO)
    form = SayUseful(data={"useful": chosen, "words": said.words if said else ""})
    if form.validate_on_submit():
        command = partial(
            toolkit_use.say_useful,
            slug=slug,
            useful=form.useful.data == YES,
            words=form.words.data or "",
            visitor=visitor(),
        )
        if attempt(form, command):
            flash(_("Thank you. It helps to make the toolkit better."))
            return redirect(url_for("toolkit.resource", slug=slug))
    return form_page("toolkit_use/useful.html", form, resource=found.resource)


@area.form("/toolkit/<slug>/used", access=SIGNED_IN)
def used(slug: str) -> ResponseReturnValue:
    found = queries.own(read(), slug=slug)
    form = TellUse(data=_told(found))
    if form.validate_on_submit():
        command = partial(toolkit_use.tell_use, slug=slug, step=Step(form.step.data), words=form.words.data or "")
        if attempt(form, command):
            flash(_("Thank you. It is written down."))
            return redirect(url_for("toolkit.resource", slug=slug))
    return form_page("toolkit_use/used.html", form, found=found, by_link=False, is_saved=False)


@area.form("/toolkit/t/<token>", access=PUBLIC)
def by_link(token: str) -> ResponseReturnValue:
    """The mailed link: whoever has it can say what came of this resource, and nothing else."""
    found = queries.of_link(read(), token=token)
    form = TellUse(data=_told(found))
    if form.validate_on_submit():
        command = partial(
            toolkit_use.tell_use_by_link, token=token, step=Step(form.step.data), words=form.words.data or ""
        )
        if attempt(form, command):
            return redirect(url_for(".by_link", token=token, said="yes"))
    is_saved = request.method == "GET" and request.args.get("said") == "yes"
    return form_page("toolkit_use/used.html", form, found=found, by_link=True, is_saved=is_saved)


@area.form("/toolkit/<slug>/wishes", access=SIGNED_IN)
def wishes(slug: str) -> ResponseReturnValue:
    found = queries.own(read(), slug=slug)
    taken = found.taken
    form = ChooseWishes(
        data={"news": taken is not None and taken.wants_news, "ask": taken is not None and taken.ask_at is not None}
    )
    if form.validate_on_submit():
        command = partial(toolkit_use.wish, slug=slug, news=form.news.data, ask=form.ask.data)
        if attempt(form, command):
            flash(_("Your choice is saved."))
            return redirect(url_for("toolkit.resource", slug=slug))
    return form_page("toolkit_use/wishes.html", form, resource=found.resource)


@area.get("/evaluation/toolkit", access=SURVEY_READERS_ONLY)
def use() -> ResponseReturnValue:
    found = queries.use(read(), programme=request.args.get("programme"))
    lines = queries.lines(read(), found, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("toolkit_use/use.html", found=found, rungs=queries.RUNGS, pager=paged(lines, PAGE))


@area.get("/evaluation/toolkit/organisations", access=SURVEY_READERS_ONLY)
def organisations() -> ResponseReturnValue:
    found = queries.use(read(), programme=request.args.get("programme"))
    rows = queries.councils(read(), found, offset=(page_number() - 1) * COUNCILS, limit=COUNCILS)
    shown = paged(rows, COUNCILS)
    return render_template("toolkit_use/organisations.html", found=found, rungs=queries.RUNGS, pager=shown)


@area.get("/evaluation/toolkit/resources/<slug>", access=SURVEY_READERS_ONLY)
def of_resource(slug: str) -> ResponseReturnValue:
    found = queries.use_of_resource(read(), slug=slug)
    [line] = queries.lines(read(), found)
    words = queries.words(read(), found)
    return render_template("toolkit_use/of_resource.html", found=found, rungs=queries.RUNGS, line=line, words=words)


def _told(found: queries.Own) -> dict[str, str]:
    """The farthest step that was told already."""
    steps = [step for step in Step if step in found.steps]
    return {"step": steps[-1].value, "words": found.steps[steps[-1]].words} if steps else {}
