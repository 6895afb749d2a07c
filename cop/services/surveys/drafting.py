"""Writing a questionnaire: item by item in a draft that nobody is asked, until publishing makes a version of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.questions import CODE, TAKEN, Item, Kind, faults, read_item, read_items, sections
from cop.core.work import Work
from cop.models.surveys import Mode, Questionnaire, QuestionnaireDraft
from cop.services.answers import newest_version, publish_questionnaire
from cop.services.surveys.asking import ROUNDS
from cop.services.surveys.templates import BY_CODE

Raw = Mapping[str, Any]

QUESTIONNAIRE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_MOST = 40
ITEMS_MOST = 150

OF_COURSES = "application-"
"""Questionnaires of this beginning belong to calls of courses, which have pages of their own."""

ONE_BY_ONE = frozenset(plan.template.code for plan in ROUNDS.values() if plan.template and plan.download)
"""What people are asked so long after something of their own, and not together after an event."""

NO_CODES = frozenset({"new"})
NO_ITEMS = TAKEN | {"start"}
"""Codes that no item of a draft can have; ``start`` is the page before the first heading."""

CHANGED = marked(
    "Somebody else has changed this draft meanwhile. What you typed is below: look at the draft, then save again."
)


def begin(work: Work, *, code: str, title: str, source: str = "") -> QuestionnaireDraft:
    """A new draft under a code of its own, empty or with the questions of a template or another questionnaire."""
    _only_for_admins(work)
    if not QUESTIONNAIRE.fullmatch(code) or len(code) > CODE_MOST or code.startswith(OF_COURSES) or code in NO_CODES:
        raise Refusal(
            marked("Use only small letters a to z, numbers and single hyphens, at most %(most)s in all"),
            field="code",
            most=CODE_MOST,
        )
    is_published = newest_version(work, code=code) is not None
    if code in BY_CODE or is_published or work.session.get(QuestionnaireDraft, code) is not None:
        raise Refusal(marked("“%(code)s” is in use already. Choose another name for exports."), field="code", code=code)
    values = _copied(work, source) if source else {"introduction": "", "items": [], "mode": Mode.NAMED}
    return _kept(work, code, {**values, "title": title})


def reopen(work: Work, *, code: str) -> QuestionnaireDraft:
    """The draft of a questionnaire: the one that is there, or one that says what is asked now."""
    _only_for_admins(work)
    if code.startswith(OF_COURSES):
        raise NotFound
    newest = newest_version(work, code=code)
    draft = work.session.get(QuestionnaireDraft, code, with_for_update=True)
    return draft or _kept(work, code, _of_version(newest) if newest is not None else _of_template(code))


def begin_with_template(work: Work, *, code: str, seen: int | None) -> QuestionnaireDraft:
    """A draft in the words of the template. It takes the place of one that is there, if that is the one which the page
    showed: ``seen`` is its revision, and None where there was none.
    """
    _only_for_admins(work)
    values = _of_template(code)
    newest_version(work, code=code)  # under its lock one is made after the other
    draft = work.session.get(QuestionnaireDraft, code, with_for_update=True)
    if draft is None:
        return _kept(work, code, values)
    if draft.revision != seen:
        raise Refusal(CHANGED)
    for name, value in values.items():
        setattr(draft, name, value)
    return _saved(work, draft)


def _copied(work: Work, source: str) -> dict[str, Any]:
    """What is asked now under another code."""
    newest = newest_version(work, code=source) if not source.startswith(OF_COURSES) else None
    return _of_version(newest) if newest is not None else _of_template(source)


def _of_version(version: Questionnaire) -> dict[str, Any]:
    return {
        "title": version.title,
        "introduction": version.introduction,
        "items": version.items,
        "mode": version.mode,
    }


def _of_template(code: str) -> dict[str, Any]:
    template = BY_CODE.get(code)
    if template is None:
        raise NotFound
    return {
        "title": template.title,
        "introduction": template.introduction,
        "items": [dict(item) for item in template.items],
        "mode": template.mode,
    }


def _kept(work: Work, code: str, values: Mapping[str, Any]) -> QuestionnaireDraft:
    """The draft with these values, unless another was quicker: then that one."""
    made = {**values, "code": code, "revision": 0, "saved_at": work.now, "saved_by": work.actor.person_id}
    work.session.execute(insert(QuestionnaireDraft).values(**made).on_conflict_do_nothing())
    return work.session.get_one(QuestionnaireDraft, code)


def describe(work: Work, *, code: str, title: str, introduction: str, mode: Mode, seen: int) -> None:
    draft = _lock(work, code, seen)
    draft.title, draft.introduction, draft.mode = title, introduction, mode
    _saved(work, draft)


def add_item(work: Work, *, code: str, item: Raw, after: str, seen: int) -> str:
    """Add an item after another, or at the end; its code, which is made from its words where none is given."""
    draft = _lock(work, code, seen)
    items = list(draft.items)
    if len(items) >= ITEMS_MOST:
        raise Refusal(marked("A questionnaire has at most %(most)s questions"), most=ITEMS_MOST)
    taken = {each["code"] for each in items} | NO_ITEMS
    wanted = str(item.get("code") or "")
    if wanted and (not CODE.fullmatch(wanted) or wanted in NO_ITEMS):
        raise Refusal(
            marked("Begin with a small letter, and use only small letters a to z, numbers and underscores"),
            field="code",
        )
    if wanted in taken:
        raise Refusal(marked("Another question has the name “%(code)s”"), field="code", code=wanted)
    made = {**item, "code": wanted or _code_from(str(item["text"]), taken)}
    read_item(made)
    place = next((number for number, each in enumerate(items, start=1) if each["code"] == after), len(items))
    items.insert(place, made)
    draft.items = items
    _saved(work, draft)
    return str(made["code"])


def _code_from(text: str, taken: frozenset[str] | set[str]) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", text.lower()))[:30].strip("_")
    stem = words if CODE.fullmatch(words) else "question"
    numbered = (f"{stem}_{number}" for number in range(2, ITEMS_MOST + 100))
    return next(code for code in (stem, *numbered) if code not in taken)


def edit_item(work: Work, *, code: str, item_code: str, item: Raw, seen: int) -> None:
    """Change the words of an item; its code, its kind and what it hangs on stay."""
    draft = _lock(work, code, seen)

    def changed(items: list[Raw], place: int) -> None:
        was = items[place]
        kept = {name: was[name] for name in ("code", "kind", "only_if") if name in was}
        read_item({**item, **kept})
        items[place] = {**item, **kept}

    _change(work, draft, item_code, changed)


def move_item(work: Work, *, code: str, item_code: str, up: bool, seen: int) -> None:
    """Let an item change places with its neighbour; at the end of the list nothing happens."""
    draft = _lock(work, code, seen)

    def moved(items: list[Raw], place: int) -> None:
        other = place - 1 if up else place + 1
        if 0 <= other < len(items):
            items[place], items[other] = items[other], items[place]

    _change(work, draft, item_code, moved)


def remove_item(work: Work, *, code: str, item_code: str, seen: int) -> None:
    """Take an item out; refused while another hangs on it."""
    draft = _lock(work, code, seen)

    def removed(items: list[Raw], place: int) -> None:
        for each in items:
            if each.get("only_if", {}).get("code") == item_code:
                raise Refusal(marked("“%(question)s” hangs on its answer. Change that first."), question=each["text"])
        del items[place]

    _change(work, draft, item_code, removed)


def ask_only_if(work: Work, *, code: str, item_code: str, on: str, values: Sequence[Any], seen: int) -> None:
    """Ask an item only of those who gave one of these answers to an earlier one; without ``on`` ask everybody."""
    draft = _lock(work, code, seen)

    def conditioned(items: list[Raw], place: int) -> None:
        kept = {name: value for name, value in items[place].items() if name != "only_if"}
        if on:
            before = next((read_item(each) for each in items[:place] if each["code"] == on), None)
            if before is None or before.kind is Kind.SECTION or not before.values or kept["kind"] == Kind.SECTION:
                raise NotFound
            if not values or not set(values) <= set(before.values):
                raise Refusal(marked("Choose at least one answer"), field="values")
            kept["only_if"] = {"code": on, "values": list(values)}
        items[place] = kept

    _change(work, draft, item_code, conditioned)


def publish(work: Work, *, code: str, seen: int) -> Questionnaire:
    """Make the draft the version that is asked from now on. Who was asked before keeps what they were asked."""
    draft = _lock(work, code, seen)
    items = read_items_of(draft)
    made = publish_questionnaire(
        work, code=code, title=draft.title, introduction=draft.introduction, items=items, mode=draft.mode
    )
    work.session.delete(draft)
    return made


def read_items_of(draft: QuestionnaireDraft) -> Sequence[Raw]:
    """The items of a draft, refused where something stands against asking them."""
    found = faults([read_item(each) for each in draft.items])
    if found:
        raise Refusal(found[0].message, **found[0].params)
    items = read_items(draft.items)
    if draft.mode is Mode.ANONYMOUS:
        _can_be_anonymous(draft.code, items)
    return draft.items


def _can_be_anonymous(code: str, items: Sequence[Item]) -> None:
    """Whether nobody leaves pages behind that they never sent, and nobody answers by themselves in their own week."""
    if len(sections(items)) > 1:
        raise Refusal(
            marked("Answers without names are sent from one page. Remove the further pages, or choose another mode.")
        )
    if code in ONE_BY_ONE:
        raise Refusal(
            marked("People are asked this one by one, so one could tell whose answers they are. Choose another mode.")
        )


def discard(work: Work, *, code: str, seen: int) -> None:
    """Throw the draft away; what was published stays."""
    work.session.delete(_lock(work, code, seen))


def _change(work: Work, draft: QuestionnaireDraft, item_code: str, change: Callable[[list[Raw], int], None]) -> None:
    items: list[Raw] = list(draft.items)
    place = next((number for number, each in enumerate(items) if each["code"] == item_code), None)
    if place is None:
        raise NotFound
    change(items, place)
    draft.items = [dict(each) for each in items]
    _saved(work, draft)


def _saved(work: Work, draft: QuestionnaireDraft) -> QuestionnaireDraft:
    draft.revision, draft.saved_at, draft.saved_by = draft.revision + 1, work.now, work.actor.person_id
    return draft


def _lock(work: Work, code: str, seen: int) -> QuestionnaireDraft:
    """The draft as the page showed it. ``seen`` is the revision of that moment."""
    _only_for_admins(work)
    found = select(QuestionnaireDraft).where(QuestionnaireDraft.code == code).with_for_update()
    draft = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if draft is None:
        raise NotFound
    if draft.revision != seen:
        raise Refusal(CHANGED)
    return draft


def _only_for_admins(work: Work) -> None:
    """Questionnaires belong to no programme: what is published is asked in all of them."""
    if not work.actor.is_admin():
        raise NotFound
