"""The tables of a summit: who sits where in which round, worked out, moved by hand, and printed."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.access import EVENT_EDITORS_ONLY, EVENT_STAFF_ONLY
from cop.core.errors import NotFound
from cop.exporting import tables as papers
from cop.forms.seating import AddRules, FindPeople, MoveSomebody, Pin, RemoveRule, Seen, SetTables, written
from cop.models.events import EventState
from cop.models.seating import Company
from cop.queries import seating as queries
from cop.queries.seating import Seating, Sitter
from cop.services import seating as services
from cop.web import Area, attempt, form_page, observe, pdf_page, read

SHOWN = 60
"""People whom the page of rules offers at once; who looks for others searches."""

MOST_WORDS = 20

area = Area("seating", __name__, url_prefix="/admin/summits/<slug>/tables")

PLACE = "<int(max=9223372036854775807):number>/<int(max=9223372036854775807):seat_id>"


@area.get("", access=EVENT_STAFF_ONLY)
def index(slug: str) -> ResponseReturnValue:
    return _index(_found(slug), Seen())


def _found(slug: str, *, to_edit: bool = False) -> Seating:
    return queries.seating(read(), slug=slug, to_edit=to_edit)


def _index(found: Seating, form: Seen) -> ResponseReturnValue:
    asked = request.args.get("round", type=int) or 1
    number = min(max(asked, 1), max(found.rounds, 1))
    return form_page(
        "seating/index.html",
        form,
        found=found,
        event=found.event,
        number=number,
        tables=found.tables(number - 1),
        score=found.score if found.is_seated else None,
        may_prepare=_is_open(found) and queries.may_prepare(read(), found.event),
        is_open=_is_open(found),
        called=_called,
        rounds_of=lambda rule: [round_ + 1 for round_ in found.score.broken[rule.first.seat_id, rule.second.seat_id]],
    )


def _is_open(found: Seating) -> bool:
    return found.event.state is not EventState.CANCELLED


def _called(one: Sitter) -> str:
    return one.name or _("Guest of %(name)s", name=one.booker)


@area.form("/set-up", access=EVENT_EDITORS_ONLY)
def set_up(slug: str) -> ResponseReturnValue:
    found = _found(slug, to_edit=True)
    form = SetTables(data={"seen": found.seen, **_as_set(found)})
    if form.validate_on_submit():
        tables = [services.TableToSet(name, seats) for name, seats in form.named()]
        command = partial(services.set_up, tables=tables, rounds=form.rounds.data)
        if _done(found, form, command):
            flash(_("The tables are saved."))
            return redirect(url_for(".index", slug=slug))
        found = _again(slug, form, to_edit=True)
    return form_page("seating/set_up.html", form, found=found, event=found.event)


def _as_set(found: Seating) -> dict[str, Any]:
    if found.plan is None:
        return {"rounds": 1}
    return {
        "tables": written([(table["name"], table["seats"]) for table in found.plan.tables]),
        "rounds": found.plan.rounds,
    }


def _done(found: Seating, form: Seen, command: Callable[..., Any]) -> bool:
    return bool(attempt(form, partial(command, event_id=found.event.id, seen=form.seen.data)))


def _again(slug: str, form: Seen, *, to_edit: bool = False) -> Seating:
    """How it stands after a refusal, which has unloaded what the page shows; whoever sends it again has seen that."""
    found = _found(slug, to_edit=to_edit)
    form.seen.raw_data, form.seen.data = None, found.seen
    return found


@area.post("/seat", access=EVENT_EDITORS_ONLY)
def seat(slug: str) -> ResponseReturnValue:
    found, form = _found(slug, to_edit=True), Seen()
    if form.validate_on_submit():
        done = attempt(form, partial(services.ask_to_seat, event_id=found.event.id, seen=form.seen.data))
        if done:
            return redirect(url_for("tasks.task", public_id=done.result.public_id))
        found = _again(slug, form)
    return _index(found, form)


@area.post("/latecomers", access=EVENT_STAFF_ONLY)
def latecomers(slug: str) -> ResponseReturnValue:
    found, form = _found(slug), Seen()
    if form.validate_on_submit():
        done = attempt(form, partial(services.seat_latecomers, event_id=found.event.id, seen=form.seen.data))
        if done:
            count = len(done.result)
            flash(ngettext("%(num)s person has a place now.", "%(num)s people have a place now.", count))
            return redirect(url_for(".index", slug=slug))
        found = _again(slug, form)
    return _index(found, form)


@area.post("/publish", access=EVENT_EDITORS_ONLY)
def publish(slug: str) -> ResponseReturnValue:
    return _publish(slug, is_published=True)


@area.post("/unpublish", access=EVENT_EDITORS_ONLY)
def unpublish(slug: str) -> ResponseReturnValue:
    return _publish(slug, is_published=False)


def _publish(slug: str, *, is_published: bool) -> ResponseReturnValue:
    found, form = _found(slug, to_edit=True), Seen()
    if form.validate_on_submit():
        if _done(found, form, partial(services.publish, is_published=is_published)):
            said = (
                _("Those who come see their table now.") if is_published else _("Nobody but staff sees the tables now.")
            )
            flash(said)
            return redirect(url_for(".index", slug=slug))
        found = _again(slug, form)
    return _index(found, form)


@area.form("/rules", access=EVENT_EDITORS_ONLY)
def rules(slug: str) -> ResponseReturnValue:
    """Who is to sit together and who apart."""
    found = _found(slug, to_edit=True)
    form = AddRules(data={"seen": found.seen})
    form.offer([(one.seat_id, _said(one)) for one in found.sitters])
    if form.validate_on_submit():
        company = Company(form.company.data)
        if _done(found, form, partial(services.add_rules, company=company, seat_ids=form.people.data)):
            flash(_("The rule is saved. It holds when people are seated the next time."))
            return redirect(url_for(".rules", slug=slug))
        found = _again(slug, form, to_edit=True)
    return _rules(found, form)


@area.post("/rules/remove", access=EVENT_EDITORS_ONLY)
def remove_rule(slug: str) -> ResponseReturnValue:
    found, form = _found(slug, to_edit=True), RemoveRule()
    if form.validate_on_submit():
        if _done(found, form, partial(services.remove_rule, rule_id=form.rule.data)):
            flash(_("The rule is removed."))
            return redirect(url_for(".rules", slug=slug))
        found = _found(slug, to_edit=True)
    shown = AddRules(formdata=None, data={"seen": found.seen})
    shown.form_errors = [message for messages in form.errors.values() for message in messages]
    return _rules(found, shown)


def _rules(found: Seating, form: AddRules) -> ResponseReturnValue:
    search = FindPeople(request.args)
    words = str(search.asked().get("q", ""))
    ticked = set(form.people.data or ())
    shown = [one for one in found.sitters if one.seat_id in ticked or _fits(one, words)]
    if form.errors and not shown:
        shown = list(found.sitters)  # the errors lead to the fields
    form.offer([(one.seat_id, _said(one)) for one in shown[:SHOWN]])
    return form_page(
        "seating/rules.html",
        form,
        found=found,
        event=found.event,
        search=search,
        words=words,
        more=len(shown) - SHOWN,
        broken=found.score.broken if found.is_seated else {},
        called=_called,
    )


def _fits(one: Sitter, words: str) -> bool:
    """Whether one of the names that are looked for, with commas between, stands in what is known of somebody."""
    known = _said(one).casefold()
    names = [name.split() for name in words.casefold().split(",")[:MOST_WORDS] if name.strip()]
    return not names or any(all(word in known for word in name) for name in names)


def _said(one: Sitter) -> str:
    return ", ".join(filter(None, (_called(one), one.organisation)))


@area.form(f"/move/{PLACE}", access=EVENT_STAFF_ONLY)
def move(slug: str, number: int, seat_id: int) -> ResponseReturnValue:
    """Put somebody at another table in one round, which is counted from 1 here."""
    found = _found(slug)
    form = MoveSomebody(data={"seen": found.seen})
    _offer(form, found, number - 1, seat_id)
    if form.validate_on_submit():
        if form.table.data is not None:
            command: Callable[..., Any] = partial(
                services.move, round_=number - 1, seat_id=seat_id, table=form.table.data
            )
        else:
            command = partial(services.swap, round_=number - 1, seat_id=seat_id, other_id=form.other.data)
        if _done(found, form, command):
            one = _found(slug)
            name = _called(one.sitter(seat_id))
            flash(_("%(name)s sits at “%(table)s” now.", name=name, table=one.name_of_table(number - 1, seat_id)))
            return redirect(url_for(".index", slug=slug, round=number))
        found = _again(slug, form)
        _offer(form, found, number - 1, seat_id)
    return form_page(
        "seating/move.html",
        form,
        found=found,
        event=found.event,
        one=found.sitter(seat_id),
        number=number,
        sits=found.places.get((number - 1, seat_id)),
        table=found.name_of_table(number - 1, seat_id),
        called=_called,
    )


def _offer(form: MoveSomebody, found: Seating, round_: int, seat_id: int) -> None:
    found.sitter(seat_id)
    if found.plan is None or not 0 <= round_ < found.rounds or not _is_open(found):
        raise NotFound
    sits = found.places.get((round_, seat_id))
    tables = [table for table in found.tables(round_) if sits is None or table.number != sits.table]
    free = [
        (
            table.number,
            ngettext("%(name)s, %(num)s seat free", "%(name)s, %(num)s seats free", table.free, name=table.name),
        )
        for table in tables
        if table.free > 0
    ]
    others = [(one.seat_id, f"{_said(one)} ({table.name})") for table in tables for one in table.people]
    form.offer(free, sorted(others, key=lambda other: other[1].casefold()) if sits is not None else [])


@area.post(f"/pin/{PLACE}", access=EVENT_STAFF_ONLY)
def pin(slug: str, number: int, seat_id: int) -> ResponseReturnValue:
    found, form = _found(slug), Pin()
    found.sitter(seat_id)
    if form.validate_on_submit():
        pinned = form.pinned.data == "yes"
        command = partial(services.pin, round_=number - 1, seat_id=seat_id, pinned=pinned)
        if _done(found, form, command):
            flash(_("They stay there when the others are seated anew.") if pinned else _("They may be moved."))
            return redirect(url_for(".index", slug=slug, round=number))
        found = _again(slug, form)
    return _index(found, form)


@area.get("/lists.pdf", access=EVENT_STAFF_ONLY)
def lists(slug: str) -> ResponseReturnValue:
    found = _printed(slug)
    return pdf_page(papers.table_lists(found, _called), f"tables-{slug}")


@area.get("/cards.pdf", access=EVENT_STAFF_ONLY)
def cards(slug: str) -> ResponseReturnValue:
    found = _printed(slug)
    return pdf_page(papers.place_cards(found, _called), f"place-cards-{slug}")


def _printed(slug: str) -> Seating:
    found = _found(slug)
    if not found.is_seated:
        raise NotFound
    if request.method == "GET":
        observe("tables exported", "event", found.event.id)
    return found
