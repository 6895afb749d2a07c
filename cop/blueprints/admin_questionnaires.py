"""Writing questionnaires: versions, a draft built item by item, a preview, and publishing. For admins."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.core.errors import NotFound
from cop.core.questions import Kind, Section
from cop.core.work import Work
from cop.forms.answers import answers_form
from cop.forms.base import Confirm, choices
from cop.forms.questionnaires import (
    KIND_HINTS,
    KIND_NAMES,
    MODE_NAMES,
    BeginAnew,
    Describe,
    MoveItem,
    NewQuestionnaire,
    Seen,
    item_form,
    only_if_form,
)
from cop.forms.surveys import SEND
from cop.queries import questionnaires as queries
from cop.queries.questionnaires import Draft, Preview, Version
from cop.services.surveys import drafting, templates
from cop.web import Area, attempt, form_page, read

VERSION = "<int(max=1000000):number>"

area = Area("admin_questionnaires", __name__, url_prefix="/admin/questionnaires")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    listed = queries.listed(read())
    known = {each.code for each in listed}
    return render_template(
        "admin_questionnaires/index.html",
        listed=listed,
        templates=[each for each in templates.ALL if each.code not in known],
        modes=MODE_NAMES,
    )


@area.form("/new", access=ADMIN_ONLY)
def new() -> ResponseReturnValue:
    form = NewQuestionnaire(source=request.args.get("source"))
    listed = queries.listed(read())
    published = [(each.code, each.title) for each in listed if each.version]
    known = {code for code, _title in published}
    plans = [(each.code, f"{each.name}: {each.title}") for each in templates.ALL if each.code not in known]
    form.source.choices = choices([("", _("Nothing")), *published, *plans])
    if form.validate_on_submit():
        done = attempt(form, partial(drafting.begin, **form.answers()))
        if done:
            return redirect(url_for(".draft", code=done.result.code))
    return form_page("admin_questionnaires/new.html", form)


@area.get("/<code>", access=ADMIN_ONLY)
def questionnaire(code: str) -> ResponseReturnValue:
    versions, draft = queries.versions(read(), code=code), queries.draft(read(), code=code)
    template = templates.BY_CODE.get(code)
    shown = (versions[0] if versions else None) or draft or template
    if shown is None:
        raise NotFound
    return render_template(
        "admin_questionnaires/questionnaire.html",
        code=code,
        shown=shown,
        versions=versions,
        draft=draft,
        template=template,
        modes=MODE_NAMES,
    )


@area.post("/<code>/draft/open", access=ADMIN_ONLY)
def reopen(code: str) -> ResponseReturnValue:
    attempt(Confirm(), partial(drafting.reopen, code=code))
    return redirect(url_for(".draft", code=code))


@area.form("/<code>/draft/from-template", access=ADMIN_ONLY)
def from_template(code: str) -> ResponseReturnValue:
    template = templates.BY_CODE.get(code)
    if template is None:
        raise NotFound
    draft = queries.draft(read(), code=code)
    form = BeginAnew(seen=draft.revision if draft else None)
    if form.validate_on_submit():
        if attempt(form, partial(drafting.begin_with_template, code=code, seen=form.seen.data)):
            flash(_("The draft has the words of the template."))
            return redirect(url_for(".draft", code=code))
        draft = queries.draft(read(), code=code)
        form.seen.raw_data, form.seen.data = None, draft.revision if draft else None
    return form_page("admin_questionnaires/from_template.html", form, code=code, plan=template, draft=draft)


@area.get("/<code>/draft", access=ADMIN_ONLY)
def draft(code: str) -> ResponseReturnValue:
    return _draft_page(code, Seen())


def _draft_page(code: str, form: Seen) -> ResponseReturnValue:
    found = _draft(code)
    _show_again(form, found)
    return form_page(
        "admin_questionnaires/draft.html",
        form,
        draft=found,
        kinds=KIND_NAMES,
        modes=MODE_NAMES,
        is_section=Kind.SECTION,
        versions=queries.versions(read(), code=code),
    )


@area.form("/<code>/draft/describe", access=ADMIN_ONLY)
def describe(code: str) -> ResponseReturnValue:
    found = _draft(code)
    form = Describe(
        data={"title": found.title, "introduction": found.introduction, "mode": found.mode, "seen": found.revision}
    )
    if form.validate_on_submit() and _save(form, code, partial(drafting.describe, code=code, **form.answers())):
        return redirect(url_for(".draft", code=code))
    return form_page("admin_questionnaires/describe.html", form, draft=_draft(code))


@area.form("/<code>/draft/add", access=ADMIN_ONLY)
def add(code: str) -> ResponseReturnValue:
    """First which kind, then what it says."""
    found = _draft(code)
    after = request.args.get("after", "")
    kind = next((each for each in Kind if each.value == request.args.get("kind")), None)
    if kind is None:
        return render_template(
            "admin_questionnaires/kinds.html", draft=found, after=after, names=KIND_NAMES, hints=KIND_HINTS
        )
    before = found.question(after)
    labels = before.labels if before is not None and kind is Kind.RATING else ()
    form = item_form(kind, labels=labels or (templates.AGREE if kind is Kind.RATING else ()), seen=found.revision)
    if form.validate_on_submit():
        command = partial(drafting.add_item, code=code, item=form.item(), after=after, seen=form.seen.data)
        if _save(form, code, command):
            return redirect(url_for(".draft", code=code, _anchor="items"))
    return form_page(
        "admin_questionnaires/item.html", form, draft=_draft(code), kind=KIND_NAMES[kind], after=before, item=None
    )


@area.form("/<code>/draft/items/<item_code>", access=ADMIN_ONLY)
def edit(code: str, item_code: str) -> ResponseReturnValue:
    found = _draft(code)
    item = found.item(item_code)
    form = item_form(item.kind, item, seen=found.revision)
    if form.validate_on_submit():
        command = partial(drafting.edit_item, code=code, item_code=item_code, item=form.item(), seen=form.seen.data)
        if _save(form, code, command):
            return redirect(url_for(".draft", code=code, _anchor=item_code))
    return form_page(
        "admin_questionnaires/item.html", form, draft=_draft(code), kind=KIND_NAMES[item.kind], after=None, item=item
    )


@area.form("/<code>/draft/items/<item_code>/only-if", access=ADMIN_ONLY)
def only_if(code: str, item_code: str) -> ResponseReturnValue:
    """First on which question it hangs, then on which answers to it."""
    found = _draft(code)
    item = found.item(item_code)
    before = found.may_hang_on(item)
    wanted = request.args.get("on", item.only_if.code if item.only_if else "")
    on = next((each for each in before if each.code == wanted), None)
    if on is None:
        return render_template("admin_questionnaires/only_if.html", draft=found, item=item, before=before)
    has = item.only_if is not None and item.only_if.code == on.code
    form = only_if_form(on, item.only_if.values if has and item.only_if else (), seen=found.revision)
    if form.validate_on_submit():
        ticked = set(form["values"].data or ())
        values = [value for value in on.values if str(value) in ticked]
        command = partial(
            drafting.ask_only_if, code=code, item_code=item_code, on=on.code, values=values, seen=form.seen.data
        )
        if _save(form, code, command):
            return redirect(url_for(".draft", code=code, _anchor=item_code))
    return form_page("admin_questionnaires/only_if_answers.html", form, draft=_draft(code), item=item, on=on)


@area.post("/<code>/draft/items/<item_code>/ask-all", access=ADMIN_ONLY)
def ask_all(code: str, item_code: str) -> ResponseReturnValue:
    _draft(code).item(item_code)
    form = Seen()
    command = partial(drafting.ask_only_if, code=code, item_code=item_code, on="", values=(), seen=form.seen.data)
    if form.validate_on_submit() and _save(form, code, command):
        return redirect(url_for(".draft", code=code, _anchor=item_code))
    return _draft_page(code, form)


@area.post("/<code>/draft/items/<item_code>/move", access=ADMIN_ONLY)
def move(code: str, item_code: str) -> ResponseReturnValue:
    _draft(code).item(item_code)
    form = MoveItem()
    up = form.way.data == "up"
    command = partial(drafting.move_item, code=code, item_code=item_code, up=up, seen=form.seen.data)
    if form.validate_on_submit() and _save(form, code, command):
        return redirect(url_for(".draft", code=code, _anchor=item_code))
    return _draft_page(code, form)


@area.form("/<code>/draft/items/<item_code>/remove", access=ADMIN_ONLY)
def remove(code: str, item_code: str) -> ResponseReturnValue:
    found = _draft(code)
    item = found.item(item_code)
    form = Seen(seen=found.revision)
    command = partial(drafting.remove_item, code=code, item_code=item_code, seen=form.seen.data)
    if form.validate_on_submit() and _save(form, code, command):
        flash(_("“%(question)s” is removed.", question=item.text))
        return redirect(url_for(".draft", code=code, _anchor="items"))
    return form_page("admin_questionnaires/remove.html", form, draft=found, item=item)


@area.form("/<code>/draft/publish", access=ADMIN_ONLY)
def publish(code: str) -> ResponseReturnValue:
    found = _draft(code)
    form = Seen(seen=found.revision)
    versions = queries.versions(read(), code=code)
    if form.validate_on_submit():
        done = attempt(form, partial(drafting.publish, code=code, seen=form.seen.data))
        if done:
            flash(
                _("Version %(number)s is published. Whoever is asked from now on gets it.", number=done.result.version)
            )
            return redirect(url_for(".questionnaire", code=code))
        found = _draft(code)
        _show_again(form, found)
    changes = queries.changes(versions[0].items, found.items) if versions else ()
    return form_page(
        "admin_questionnaires/publish.html", form, draft=found, versions=versions, changes=changes, modes=MODE_NAMES
    )


@area.form("/<code>/draft/discard", access=ADMIN_ONLY)
def discard(code: str) -> ResponseReturnValue:
    found = _draft(code)
    form = Seen(seen=found.revision)
    if form.validate_on_submit() and _save(form, code, partial(drafting.discard, code=code, seen=form.seen.data)):
        flash(_("The draft is gone."))
        return redirect(url_for(".index"))
    versions = queries.versions(read(), code=code)
    return form_page("admin_questionnaires/discard.html", form, draft=_draft(code), versions=versions)


@area.form("/<code>/draft/preview", access=ADMIN_ONLY)
def preview(code: str) -> ResponseReturnValue:
    found = _draft(code)
    return _preview(found, url_for(".draft", code=code), partial(url_for, ".preview", code=code))


@area.form(f"/<code>/versions/{VERSION}", access=ADMIN_ONLY)
def version(code: str, number: int) -> ResponseReturnValue:
    found = next((each for each in queries.versions(read(), code=code) if each.number == number), None)
    if found is None:
        raise NotFound
    here = partial(url_for, ".version", code=code, number=number)
    return _preview(found, url_for(".questionnaire", code=code), here)


def _preview(found: Draft | Version, back: str, here: Callable[..., str]) -> ResponseReturnValue:
    """The pages as people see them. They can be tried out, and keep nothing."""
    survey = queries.preview(read(), found, event=_("The name of the event"))

    if not survey.pages:
        return render_template("admin_questionnaires/preview_empty.html", back_to=back, survey=survey)
    page = survey.page(request.args.get("section", "")) or (survey.pages[0] if survey.is_short else None)
    if page is None:
        return render_template("admin_questionnaires/preview_start.html", survey=survey, address=here, back_to=back)
    return _preview_page(survey, page, back, here)


def _preview_page(survey: Preview, page: Section, back: str, address: Callable[..., str]) -> ResponseReturnValue:
    form = answers_form(page.items, {}, revision=0, button=SEND if survey.is_short else None, whole=True)
    if form.validate_on_submit():
        following = survey.next_page(page)
        if following is not None:
            return redirect(address(section=following.code))
        flash(_("That was the last page of the preview. Nothing was kept."))
        return redirect(back)
    return form_page(
        "admin_questionnaires/preview.html", form, survey=survey, page=page, address=address, back_to=back, meanwhile=()
    )


def _draft(code: str) -> Draft:
    found = queries.draft(read(), code=code)
    if found is None:
        raise NotFound
    return found


def _save(form: Seen, code: str, command: Callable[[Work], Any]) -> bool:
    """Carry the command out. Whoever was refused because another was quicker may press again with all they typed."""
    done = bool(attempt(form, command))
    if not done:
        _show_again(form, _draft(code))
    return done


def _show_again(form: Seen, found: Draft) -> None:
    form.seen.raw_data, form.seen.data = None, found.revision
