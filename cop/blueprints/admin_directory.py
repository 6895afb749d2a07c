"""The directory for admins: organisations, people and their roles, and importing both."""

import re
from dataclasses import asdict
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import ADMIN_ONLY
from cop.core.errors import NotFound
from cop.formats.media import clean_name
from cop.formats.tables import MOST_BYTES, Row, TableError, read_csv
from cop.forms.base import Confirm
from cop.forms.directory import (
    EditOrganisation,
    EditPerson,
    GiveRole,
    ImportTable,
    SearchOrganisations,
    SearchPeople,
)
from cop.forms.merging import ChangeAddress
from cop.forms.messages import TOPICS
from cop.models.merging import MergeKind
from cop.models.organisations import Organisation
from cop.queries import organisations as organisation_queries
from cop.queries import people as queries
from cop.queries import programmes, reach
from cop.queries.addresses import under_way
from cop.queries.merging import merges
from cop.queries.records import record
from cop.queries.succession import lineage
from cop.services import addresses, factors, imports
from cop.services import organisations as directory
from cop.services import people as services
from cop.services.imports.asking import ask_to_plan
from cop.web import Area, attempt, form_page, observe, page_number, paged, read

PAGE = 50
MOST_UPLOADED_BYTES = 1_000_000
"""Less than MAX_FORM_MEMORY_SIZE, since the preview carries the file in a field. Larger files become tasks."""

FORM_BYTES = MOST_BYTES + 1_000_000
"""What is let in, so that a file that is somewhat too large is told so on its form."""

LINE_END = re.compile(rb"\r\n?|\n")
"""A browser sends a field with CRLF, so the file is measured with them too."""

area = Area("admin_directory", __name__, url_prefix="/admin")


@area.get("/organisations/", access=ADMIN_ONLY)
def organisations() -> ResponseReturnValue:
    form = SearchOrganisations(request.args)
    asked = form.asked()
    wanted = organisation_queries.Wanted(
        words=asked.get("q", ""),
        kind=asked.get("kind"),
        membership=asked.get("membership"),
        region=asked.get("region"),
    )
    found = organisation_queries.listed(read(), wanted, offset=(page_number() - 1) * PAGE, limit=PAGE)
    total = organisation_queries.count(read(), wanted)
    return render_template(
        "admin_directory/organisations.html", form=form, asked=asked, pager=paged(found, PAGE), total=total
    )


@area.form("/organisations/new", access=ADMIN_ONLY)
def new_organisation() -> ResponseReturnValue:
    form = EditOrganisation()
    if form.validate_on_submit() and attempt(form, partial(directory.create_organisation, **form.answers())):
        flash(_("%(name)s is in the directory.", name=form.name.data))
        return redirect(url_for(".organisations"))
    return form_page("admin_directory/organisation_form.html", form, found=None)


@area.form("/organisations/<slug>", access=ADMIN_ONLY)
def edit_organisation(slug: str) -> ResponseReturnValue:
    try:
        found = organisation_queries.profile(read(), slug=slug)
    except NotFound:
        return redirect(url_for(".edit_organisation", slug=organisation_queries.kept_slug(read(), slug=slug)), 301)
    form = EditOrganisation(data=_as_typed(found.organisation))
    command = partial(directory.edit_organisation, slug=slug)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("%(name)s is saved.", name=form.name.data))
        return redirect(url_for(".organisations"))
    return form_page(
        "admin_directory/organisation_form.html",
        form,
        found=found,
        lineage=lineage(read(), organisation_id=found.organisation.id),
        merged=merges.standing(read(), kind=MergeKind.ORGANISATION, kept_id=found.organisation.id),
    )


def _as_typed(organisation: Organisation) -> dict[str, Any]:
    known = ("name", "kind", "membership", "joined_on", "region", "rural", "source", "code")
    domains = " ".join(held.domain for held in organisation.domains)
    return {name: getattr(organisation, name) for name in known} | {"domains": domains}


@area.form("/organisations/import", access=ADMIN_ONLY, most_bytes=FORM_BYTES)
def import_organisations() -> ResponseReturnValue:
    return _import(imports.ORGANISATIONS, "organisations")


@area.get("/people/", access=ADMIN_ONLY)
def people() -> ResponseReturnValue:
    form = SearchPeople(request.args)
    words = form.asked().get("q", "")
    place = request.args.get("organisation")
    found = queries.listed(read(), words=words, organisation_slug=place, offset=(page_number() - 1) * PAGE, limit=PAGE)
    at = organisation_queries.profile(read(), slug=place).organisation if place else None
    return render_template("admin_directory/people.html", form=form, words=words, at=at, pager=paged(found, PAGE))


@area.form("/people/new", access=ADMIN_ONLY)
def new_person() -> ResponseReturnValue:
    form = EditPerson()
    if form.validate_on_submit():
        done = attempt(form, partial(services.create_person, **form.answers()))
        if done:
            flash(_("%(name)s is in the directory.", name=form.name.data))
            return redirect(url_for(".person", public_id=done.result.public_id))
    return form_page("admin_directory/person_form.html", form, found=None)


@area.get("/people/<public_id>", access=ADMIN_ONLY)
def person(public_id: str) -> ResponseReturnValue:
    try:
        found = queries.profile(read(), public_id=public_id)
    except NotFound:
        return redirect(url_for(".person", public_id=merges.kept_public_id(read(), public_id=public_id)), 301)
    observe("person read", "person", found.id)
    return render_template(
        "admin_directory/person.html",
        found=found,
        places=queries.places(read(), person_id=found.id),
        grants=queries.grants(read(), person_id=found.id),
        under_way=under_way(read(), person_id=found.id),
        merged=merges.standing(read(), kind=MergeKind.PERSON, kept_id=found.id),
        record=record(read(), person_id=found.id),
        messages=queries.messages(read(), person_id=found.id),
        turned_off=[TOPICS[topic] for topic in reach.turned_off_by(read(), person_id=found.id)],
        came_back=reach.addresses_that_bounce(read(), address=found.email, limit=0) if found.email else [],
    )


@area.form("/people/<public_id>/edit", access=ADMIN_ONLY)
def edit_person(public_id: str) -> ResponseReturnValue:
    found = queries.profile(read(), public_id=public_id)
    form = EditPerson(data=asdict(found))
    if found.email_verified_at:
        del form.email
    if form.validate_on_submit():
        answers = {"email": found.email, **form.answers()}
        if attempt(form, partial(services.edit_person, public_id=public_id, **answers)):
            flash(_("%(name)s is saved.", name=form.name.data))
            return redirect(url_for(".person", public_id=public_id))
    return form_page("admin_directory/person_form.html", form, found=found)


@area.form("/people/<public_id>/address", access=ADMIN_ONLY, fresh=True)
def change_address(public_id: str) -> ResponseReturnValue:
    found = queries.profile(read(), public_id=public_id)
    form = ChangeAddress()
    command = partial(addresses.ask, public_id=public_id)
    if form.validate_on_submit() and attempt(form, partial(command, email=form.email.data)):
        flash(_("We have sent a message to the new address. It counts once its owner has used the link in it."))
        return redirect(url_for(".person", public_id=public_id))
    return form_page("admin_directory/address.html", form, found=found)


@area.form("/people/<public_id>/second-factor", access=ADMIN_ONLY, fresh=True)
def reset_factors(public_id: str) -> ResponseReturnValue:
    found = queries.profile(read(), public_id=public_id)
    form = Confirm()
    if form.validate_on_submit() and attempt(form, partial(factors.reset, public_id=public_id)):
        flash(_("%(name)s has no second factor any more, and is signed out everywhere.", name=found.name))
        return redirect(url_for(".person", public_id=public_id))
    return form_page("admin_directory/reset_factors.html", form, found=found)


@area.form("/people/<public_id>/grants", access=ADMIN_ONLY, fresh=True)
def give_role(public_id: str) -> ResponseReturnValue:
    found = queries.profile(read(), public_id=public_id)
    form = GiveRole()
    form.offer(programmes.listed(read()))
    command = partial(services.grant_role, public_id=public_id)
    if form.validate_on_submit() and attempt(form, partial(command, **form.answers())):
        flash(_("%(name)s holds the new role from now on.", name=found.name))
        return redirect(url_for(".person", public_id=public_id))
    return form_page("admin_directory/give_role.html", form, found=found)


@area.form("/people/<public_id>/grants/<int:grant_id>/revoke", access=ADMIN_ONLY, fresh=True)
def revoke_role(public_id: str, grant_id: int) -> ResponseReturnValue:
    found = queries.profile(read(), public_id=public_id)
    held = queries.live_grant(read(), person_id=found.id, grant_id=grant_id)
    form = Confirm()
    command = partial(services.revoke_role, public_id=public_id, grant_id=grant_id)
    if form.validate_on_submit() and attempt(form, command):
        flash(_("%(name)s no longer holds the role.", name=found.name))
        return redirect(url_for(".person", public_id=public_id))
    return form_page("admin_directory/revoke_role.html", form, found=found, held=held)


@area.form("/people/import", access=ADMIN_ONLY, most_bytes=FORM_BYTES)
def import_people() -> ResponseReturnValue:
    return _import(imports.PEOPLE, "people")


def _import(importing: imports.Importing, kind: str) -> ResponseReturnValue:
    """Show what an uploaded file would do; do it when the page that showed it sends the same file back."""
    form = ImportTable()
    table = _table(form) if form.validate_on_submit() else None
    if table is not None and len(table) > MOST_UPLOADED_BYTES and form.file.data:
        title = _("Import of %(name)s", name=clean_name(form.file.data.filename))
        asked = attempt(form, partial(ask_to_plan, kind=kind, stream=form.file.data.stream, title=title))
        if asked:
            return redirect(url_for("tasks.task", public_id=asked.result.public_id))
        return form_page("admin_directory/import.html", form, importing=importing, kind=kind)
    rows = _rows(form, table, importing) if table else []
    if table is None or not rows:
        return form_page("admin_directory/import.html", form, importing=importing, kind=kind)
    if "content" in request.form:
        done = attempt(form, lambda work: importing.carry_out(work, rows))
        if done:
            changes = done.result.changes
            flash(ngettext("%(num)s row was imported.", "%(num)s rows were imported.", changes))
            return redirect(url_for(f".{kind}"))
    plan = importing.plan(read(), rows)
    page = render_template(
        "admin_directory/import_preview.html", form=form, plan=plan, kind=kind, content=table.decode("utf-8-sig")
    )
    return page, 422 if plan.refused else 200


def _table(form: ImportTable) -> bytes | None:
    """The file that was sent, or the one that the preview carried."""
    if "content" in request.form:
        return request.form["content"].encode()
    if not form.file.data:
        form.file.errors = [_("Choose a file")]
        return None
    return LINE_END.sub(b"\r\n", form.file.data.read(MOST_UPLOADED_BYTES + 1))


def _rows(form: ImportTable, table: bytes, importing: imports.Importing) -> list[Row]:
    try:
        rows = read_csv(table, importing.required, importing.optional, most_bytes=MOST_UPLOADED_BYTES)
    except TableError as error:
        reason = _(error.reason, **error.params)
        form.file.errors = [_("Line %(line)s: %(reason)s", line=error.line, reason=reason)]
        return []
    if not rows:
        form.file.errors = [_("The file holds no rows")]
    return rows
