"""The lists of words that topics, resources, stories and people's offers are sorted by; for admins."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import ADMIN_ONLY
from cop.forms.tags import LISTS, AddWord, NameWord
from cop.queries import tags as queries
from cop.services import tags as services
from cop.web import Area, attempt, form_page, read, run

area = Area("admin_tags", __name__, url_prefix="/admin/words")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    return render_template("admin_tags/index.html", listed=queries.listed(read()), names=LISTS)


@area.post("/ready-made", access=ADMIN_ONLY)
def ready_made() -> ResponseReturnValue:
    added = run(services.ensure)
    flash(
        ngettext("%(num)s word is added.", "%(num)s words are added.", added)
        if added
        else _("All ready-made words are there already.")
    )
    return redirect(url_for(".index"))


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    form = AddWord()
    if form.validate_on_submit():
        done = attempt(form, partial(services.add, kind=form.kind.data, name=form.name.data))
        if done:
            flash(_("“%(name)s” is added.", name=done.result.name))
            return redirect(url_for(".index"))
    return form_page("admin_tags/form.html", form, tag=None)


@area.form("/<slug>", access=ADMIN_ONLY)
def edit(slug: str) -> ResponseReturnValue:
    tag = queries.one(read(), slug=slug)
    form = NameWord(name=tag.name)
    if form.validate_on_submit() and attempt(form, partial(services.rename, slug=slug, name=form.name.data)):
        flash(_("The word is saved."))
        return redirect(url_for(".index"))
    return form_page("admin_tags/form.html", form, tag=tag)


@area.post("/<slug>/retire", access=ADMIN_ONLY)
def retire(slug: str) -> ResponseReturnValue:
    name = run(partial(services.retire, slug=slug)).name
    flash(_("“%(name)s” is offered no more. It stays wherever it was given.", name=name))
    return redirect(url_for(".index"))


@area.post("/<slug>/offer", access=ADMIN_ONLY)
def offer(slug: str) -> ResponseReturnValue:
    name = run(partial(services.offer_again, slug=slug)).name
    flash(_("“%(name)s” is offered again.", name=name))
    return redirect(url_for(".index"))
