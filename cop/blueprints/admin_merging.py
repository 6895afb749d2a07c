"""Doubles in the directory, for admins: finding them, making one record of two, taking it apart, and councils that
took over from others.
"""

from contextlib import suppress
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.core.errors import NotFound, Refusal
from cop.forms.base import Confirm
from cop.forms.directory import MEMBERSHIP_NAMES, WAYS, SearchOrganisations, SearchPeople
from cop.forms.merging import RecordSuccession, merge_form
from cop.models.merging import MergeKind
from cop.queries import organisations, people
from cop.queries.merging import merges, previews, suggestions
from cop.queries.merging.previews import OrganisationSide, PersonSide
from cop.queries.succession import lineage
from cop.services import merging, succession
from cop.web import Area, attempt, form_page, page_number, paged, read

PAGE = 20

FOUND_MOST = 20

area = Area("admin_merging", __name__, url_prefix="/admin")


@area.get("/duplicates/", access=ADMIN_ONLY)
def duplicates() -> ResponseReturnValue:
    found = suggestions.people(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "admin_merging/duplicates.html", pager=paged(found, PAGE), twins=suggestions.organisations(read())
    )


@area.get("/people/<public_id>/merge", access=ADMIN_ONLY)
def find_person(public_id: str) -> ResponseReturnValue:
    kept = people.profile(read(), public_id=public_id)
    form = SearchPeople(request.args)
    words = form.asked().get("q", "")
    found = people.listed(read(), words=words, limit=FOUND_MOST) if words else ()
    others = [item for item in found if item.public_id != public_id]
    return render_template("admin_merging/find_person.html", kept=kept, form=form, words=words, others=others)


@area.form("/people/<public_id>/merge/<other_id>", access=ADMIN_ONLY)
def merge_people(public_id: str, other_id: str) -> ResponseReturnValue:
    try:
        preview = previews.people(read(), kept=public_id, gone=other_id)
    except NotFound:
        address = url_for("admin_directory.person", public_id=_person_kept(public_id, other_id))
        return _too_late(address)
    values = {name: (_of_person(preview.kept, name), _of_person(preview.gone, name)) for name in preview.choices}
    form = merge_form(values, seen=preview.seen)
    command = partial(merging.people.merge, kept=public_id, gone=other_id)
    if form.validate_on_submit() and attempt(form, partial(command, take=form.taken(), seen=form.seen.data)):
        flash(_("The two records are one now. You can undo it below."))
        return redirect(url_for("admin_directory.person", public_id=public_id))
    if form.errors:
        preview = previews.people(read(), kept=public_id, gone=other_id)
        form.seen.data = preview.seen
    return form_page("admin_merging/merge_people.html", form, preview=preview)


def _person_kept(*public_ids: str) -> str:
    """The record into which one of these was merged."""
    for public_id in public_ids:
        with suppress(NotFound):
            return merges.kept_public_id(read(), public_id=public_id)
    raise NotFound


def _too_late(address: str) -> ResponseReturnValue:
    flash(_("One of the two records has been merged already."))
    return redirect(address)


@area.get("/organisations/<slug>/merge", access=ADMIN_ONLY)
def find_organisation(slug: str) -> ResponseReturnValue:
    kept = organisations.profile(read(), slug=slug).organisation
    form = SearchOrganisations(request.args)
    words = form.asked().get("q", "")
    found = organisations.listed(read(), organisations.Wanted(words=words), limit=FOUND_MOST) if words else ()
    others = [item for item in found if item.slug != slug]
    return render_template("admin_merging/find_organisation.html", kept=kept, form=form, words=words, others=others)


@area.form("/organisations/<slug>/merge/<other_slug>", access=ADMIN_ONLY)
def merge_organisations(slug: str, other_slug: str) -> ResponseReturnValue:
    try:
        preview = previews.organisations(read(), kept=slug, gone=other_slug)
    except NotFound:
        return _too_late(url_for("admin_directory.edit_organisation", slug=_organisation_kept(slug, other_slug)))
    values = {name: (_of_place(preview.kept, name), _of_place(preview.gone, name)) for name in preview.choices}
    form = merge_form(values, seen=preview.seen)
    command = partial(merging.organisations.merge, kept=slug, gone=other_slug)
    if form.validate_on_submit() and attempt(form, partial(command, take=form.taken(), seen=form.seen.data)):
        flash(_("The two organisations are one now. You can undo it below."))
        return redirect(url_for("admin_directory.edit_organisation", slug=slug))
    if form.errors:
        preview = previews.organisations(read(), kept=slug, gone=other_slug)
        form.seen.data = preview.seen
    return form_page("admin_merging/merge_organisations.html", form, preview=preview)


def _organisation_kept(*slugs: str) -> str:
    for slug in slugs:
        with suppress(NotFound):
            return organisations.kept_slug(read(), slug=slug)
    raise NotFound


def _of_person(side: PersonSide, name: str) -> str:
    """One field of a record, in words. Access needs are not read here, so it is only said whose they are."""
    match name:
        case "needs":
            return str(_("Those of this record (nobody sees them here)"))
        case "place":
            known = (side.organisation, side.sector, side.role_title)
            return ", ".join(str(item) for item in known if item) or str(_("Not known"))
        case "prefers":
            return str(dict(WAYS)[side.prefers.value])
        case "timezone":
            return side.timezone.replace("_", " ")
    return str(getattr(side, name) or _("None"))


def _of_place(side: OrganisationSide, name: str) -> str:
    value = getattr(side, name)
    match name:
        case "membership":
            return str(dict(MEMBERSHIP_NAMES)[value])
        case "rural":
            return str(_("Mostly rural") if value else _("Mostly urban"))
        case "joined_on" | "ended_on":
            return str(format_date(value, "d MMMM y"))
        case "kind":
            return str(value).capitalize()
    return str(value)


@area.get("/merges/", access=ADMIN_ONLY)
def merges_list() -> ResponseReturnValue:
    found = merges.listed(read(), offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template("admin_merging/merges.html", pager=paged(found, PAGE))


@area.form("/merges/<int(max=9223372036854775807):merge_id>/undo", access=ADMIN_ONLY)
def undo(merge_id: int) -> ResponseReturnValue:
    found = merges.one(read(), merge_id=merge_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(merging.undo, merge_id=merge_id)):
        flash(_("The two records are apart again, as they were."))
        if found.kind is MergeKind.PERSON:
            return redirect(url_for("admin_directory.person", public_id=found.address))
        return redirect(url_for("admin_directory.edit_organisation", slug=found.address))
    return form_page("admin_merging/undo.html", form, found=found)


@area.form("/organisations/<slug>/succession", access=ADMIN_ONLY)
def record_succession(slug: str) -> ResponseReturnValue:
    organisation = organisations.profile(read(), slug=slug).organisation
    form = RecordSuccession(data={"predecessors": organisation.name, "moves_domains": True})
    plan = None
    if form.validate_on_submit():
        plan = _planned(form)
        if plan and form.act.data == "record":
            command = partial(succession.record_succession, **form.asked(), seen=form.seen.data)
            if attempt(form, command):
                flash(_("It is recorded."))
                return redirect(url_for("admin_directory.edit_organisation", slug=slug))
            plan = _planned(form)
    if plan:
        form.seen.data = plan.seen
    return form_page("admin_merging/succession.html", form, organisation=organisation, plan=plan)


def _planned(form: RecordSuccession) -> succession.Plan | None:
    """What it would do; None where it cannot be, with the reason at its field."""
    try:
        return succession.plan_succession(read(), **form.asked())
    except Refusal as refusal:
        form[refusal.field].errors = [_(refusal.message, **refusal.params)]
        return None


@area.form("/organisations/<slug>/succession/take-back", access=ADMIN_ONLY)
def take_back(slug: str) -> ResponseReturnValue:
    organisation = organisations.profile(read(), slug=slug).organisation
    found = lineage(read(), organisation_id=organisation.id)
    if not found.may_be_taken_back:
        raise NotFound
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(succession.take_back, slug=slug)):
        flash(_("%(name)s is not to be taken over any more.", name=organisation.name))
        return redirect(url_for("admin_directory.edit_organisation", slug=slug))
    return form_page("admin_merging/take_back.html", form, organisation=organisation, found=found)
