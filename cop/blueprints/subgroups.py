"""Sub-groups of a course: split evenly or by hand, written to, and with a room of their own in the forum."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import EVENT_EDITORS_ONLY
from cop.forms.base import Confirm
from cop.forms.subgroups import NameGroup, SplitGroups, arrange_form
from cop.queries.cohorts import subgroups as queries
from cop.services.cohorts import subgroups as services
from cop.web import Area, attempt, form_page, read, run

area = Area("subgroups", __name__, url_prefix="/cohorts/<slug>/groups")

GROUP = "<int(max=9223372036854775807):group_id>"


@area.get("", access=EVENT_EDITORS_ONLY)
def index(slug: str) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    return render_template("subgroups/index.html", found=found, event=found.event)


@area.form("/new", access=EVENT_EDITORS_ONLY)
def new(slug: str) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    form = NameGroup()
    if form.validate_on_submit():
        if attempt(form, partial(services.add_group, event_id=found.event.id, name=form.name.data)):
            flash(_("The sub-group is added. Nobody is in it yet."))
            return redirect(url_for(".index", slug=slug))
        found = queries.groups_of(read(), slug=slug)
    return form_page("subgroups/name.html", form, event=found.event, group=None)


@area.form("/split", access=EVENT_EDITORS_ONLY)
def split(slug: str) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    form = SplitGroups(data={"number": len(found.groups) or None, "seen": found.seen})
    if form.validate_on_submit():
        command = partial(services.split, event_id=found.event.id, number=form.number.data, seen=form.seen.data or "")
        if attempt(form, command):
            flash(_("Everybody is in a sub-group."))
            return redirect(url_for(".index", slug=slug))
        found = queries.groups_of(read(), slug=slug)
        form.seen.raw_data, form.seen.data = None, found.seen
    return form_page("subgroups/split.html", form, event=found.event, found=found)


@area.form("/arrange", access=EVENT_EDITORS_ONLY)
def arrange(slug: str) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    groups = {group.name: group.id for group in found.groups}
    people = [(member.public_id, member.name, member.group) for member in found.members]
    form = arrange_form(people, groups, seen=found.seen)
    if form.validate_on_submit():
        command = partial(services.arrange, event_id=found.event.id, groups=form.groups(), seen=form.seen.data or "")
        if attempt(form, command):
            flash(_("The sub-groups are saved."))
            return redirect(url_for(".index", slug=slug))
        found = queries.groups_of(read(), slug=slug)
        form.seen.raw_data, form.seen.data = None, found.seen
    return form_page("subgroups/arrange.html", form, event=found.event, found=found)


@area.form(f"/{GROUP}", access=EVENT_EDITORS_ONLY)
def rename(slug: str, group_id: int) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    group = found.group(group_id)
    form = NameGroup(data={"name": group.name})
    if form.validate_on_submit():
        command = partial(services.rename_group, event_id=found.event.id, group_id=group_id, name=form.name.data)
        if attempt(form, command):
            flash(_("The name is saved."))
            return redirect(url_for(".index", slug=slug))
        found = queries.groups_of(read(), slug=slug)
    return form_page("subgroups/name.html", form, event=found.event, group=group)


@area.form(f"/{GROUP}/remove", access=EVENT_EDITORS_ONLY)
def remove(slug: str, group_id: int) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    group = found.group(group_id)
    form = Confirm()
    if form.validate_on_submit():
        if attempt(form, partial(services.remove_group, event_id=found.event.id, group_id=group_id)):
            flash(_("The sub-group is removed. Its people are in none."))
            return redirect(url_for(".index", slug=slug))
        found = queries.groups_of(read(), slug=slug)
    return form_page("subgroups/remove.html", form, event=found.event, group=group)


@area.post(f"/{GROUP}/space", access=EVENT_EDITORS_ONLY)
def open_space(slug: str, group_id: int) -> ResponseReturnValue:
    found = queries.groups_of(read(), slug=slug)
    run(partial(services.open_space, event_id=found.event.id, group_id=found.group(group_id).id))
    flash(_("The sub-group has a space in the forum. Only its people and the facilitators read it."))
    return redirect(url_for(".index", slug=slug))
