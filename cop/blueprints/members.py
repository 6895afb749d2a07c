"""The directory of members, for members; and the letters that the service carries between them."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY, SIGNED_IN
from cop.forms.base import Confirm
from cop.forms.members import EditEntry, ReportLetter, SearchDirectory, WriteLetter
from cop.models.tags import TagKind
from cop.models.telling import Purpose
from cop.queries import members as queries
from cop.queries import relays, tags
from cop.queries.consents import WORDING
from cop.queries.forum import memberships
from cop.queries.retention import kept
from cop.services import members as services
from cop.services import relays as letters
from cop.web import Area, attempt, form_page, observe, page_number, paged, read, run

PAGE = 20

area = Area("members", __name__)


@area.get("/members/people/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    if not queries.may_look(read()):
        return render_template("members/about.html")
    form = SearchDirectory(request.args)
    words = tags.offered(read(), *queries.HELP_KINDS)
    form.offer([(tag.slug, tag.name) for kind in words.values() for tag in kind], queries.places(read()))
    asked = form.asked()
    wanted = queries.Wanted(
        words=asked.get("q", ""),
        tag=asked.get("tag", ""),
        organisation=asked.get("organisation", ""),
        region=asked.get("region"),
    )
    found = queries.listed(read(), wanted, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "members/index.html",
        form=form,
        asked=asked,
        total=queries.count(read(), wanted),
        own=queries.own(read()),
        in_forum=bool(memberships(read())),
        pager=paged(found, PAGE),
    )


@area.form("/members/people/me", access=SIGNED_IN)
def me() -> ResponseReturnValue:
    own = queries.own(read())
    form = _entry(own)
    if form.validate_on_submit():
        if attempt(form, partial(services.save, **form.answers())):
            flash(_("This is what members see of you now."))
            return redirect(url_for(".member", public_id=own.public_id))
        own = queries.own(read())
        form.revision.raw_data, form.revision.data = None, own.profile.revision if own.profile else 0
    return form_page("members/me.html", form, own=own, wording=WORDING[Purpose.DIRECTORY])


def _entry(own: queries.Own) -> EditEntry:
    """What stands in the directory; who is new begins with everything shown that they can take out."""
    profile = own.profile
    form = EditEntry(
        about=profile.about if profile else "",
        shows_organisation=profile.shows_organisation if profile else True,
        shows_role=profile.shows_role if profile else True,
        takes_letters=profile.takes_letters if profile else True,
        offers=own.offers,
        seeks=own.seeks,
        revision=profile.revision if profile else 0,
    )
    words = tags.offered(read(), *queries.HELP_KINDS, kept=[*own.offers, *own.seeks])
    form.offer((tag.id, tag.name) for kind in (TagKind.SKILL, TagKind.THEME) for tag in words.get(kind, ()))
    return form


@area.post("/members/people/leave", access=SIGNED_IN)
def leave() -> ResponseReturnValue:
    run(services.leave)
    flash(_("You are out of the directory, and what you showed there is forgotten."))
    return redirect(url_for(".index"))


@area.get("/members/people/<public_id>", access=SIGNED_IN)
def member(public_id: str) -> ResponseReturnValue:
    found = queries.member(read(), public_id=public_id)
    return render_template("members/member.html", found=found, is_self=found.id == read().actor.person_id)


@area.form("/members/people/<public_id>/write", access=SIGNED_IN)
def write(public_id: str) -> ResponseReturnValue:
    found = queries.member(read(), public_id=public_id)
    form = WriteLetter()
    if form.validate_on_submit():
        done = attempt(form, partial(letters.write, public_id=public_id, **form.answers()))
        if done:
            flash(_("Your letter is on its way to %(name)s.", name=found.name))
            return redirect(url_for(".letter", public_id=done.result.public_id))
    return form_page("members/write.html", form, found=found)


@area.get("/members/letters/", access=SIGNED_IN)
def letter_list() -> ResponseReturnValue:
    found = relays.letters(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("members/letters.html", pager=paged(found, PAGE), keep=kept(read(), "letters").days)


@area.form("/members/letters/<public_id>", access=SIGNED_IN)
def letter(public_id: str) -> ResponseReturnValue:
    found = relays.letter(read(), public_id=public_id)
    form = WriteLetter()
    if form.validate_on_submit():
        done = attempt(form, partial(letters.answer, public_id=public_id, **form.answers()))
        if done:
            flash(_("Your answer is on its way to %(name)s.", name=found.other))
            return redirect(url_for(".letter", public_id=done.result.public_id))
    return form_page("members/letter.html", form, found=found, keep=kept(read(), "letters").days)


@area.form("/members/letters/<public_id>/report", access=SIGNED_IN)
def report(public_id: str) -> ResponseReturnValue:
    found = relays.letter(read(), public_id=public_id)
    form = ReportLetter()
    if form.validate_on_submit() and attempt(form, partial(letters.report, public_id=public_id, **form.answers())):
        flash(_("Thank you. The secretariat looks at the letter, and its sender can write to you no more."))
        return redirect(url_for(".letter_list"))
    return form_page("members/report.html", form, found=found)


@area.get("/admin/letters-reported", access=ADMIN_ONLY)
def reported() -> ResponseReturnValue:
    found = relays.reported(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("members/reported.html", pager=paged(found, PAGE))


@area.form("/admin/letters-reported/<public_id>", access=ADMIN_ONLY)
def reported_letter(public_id: str) -> ResponseReturnValue:
    found = relays.one_reported(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(letters.handle, public_id=public_id)):
        flash(_("Noted: this report is settled."))
        return redirect(url_for(".reported"))
    observe("letter read", "relay", found.id)
    return form_page("members/reported_letter.html", form, found=found)
