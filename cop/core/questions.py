"""Questions as data, and what counts as an answer: the same for applications, pulses and follow-ups.

An item is JSON: ``{"code": "se1", "kind": "scale", "text": "How confident are you …?", "required": true}``. Answers are
JSON too, by code: text for ``line`` and ``text``, a whole number for ``number``, ``scale`` and ``rating``, the value of
an option for ``choice``, a list of such values for ``choices``. A ``section`` is a heading and takes no answer.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from cop.core.errors import marked

Answers = Mapping[str, Any]

LINE_MOST = 200
TEXT_MOST = 10_000
NUMBER_MOST = 1_000_000
SCALE_MOST = 10

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = frozenset(
    {
        *("answers", "csrf_token", "data", "errors", "form_errors", "hidden_tag", "is_submitted", "meta"),
        *("populate_obj", "post_process", "process", "revision", "submit", "validate", "validate_on_submit"),
    }
)
"""Codes that no item can have, because a form that asks for answers has such names for itself."""


class Kind(StrEnum):
    """``scale`` runs from 0 to 10; ``rating`` from 1 to as many labels as it has, in order."""

    SECTION = "section"
    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    SCALE = "scale"
    RATING = "rating"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True)
class Condition:
    """The item is asked only where the answer to ``code`` is one of ``values``."""

    code: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Item:
    code: str
    kind: Kind
    text: str
    hint: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    labels: tuple[str, ...] = ()
    words: int | None = None
    characters: int | None = None
    only_if: Condition | None = None

    @property
    def values(self) -> Sequence[Any]:
        """All that can be answered, in order; empty where the answer is free."""
        match self.kind:
            case Kind.SCALE:
                return range(SCALE_MOST + 1)
            case Kind.RATING:
                return range(1, len(self.labels) + 1)
            case _:
                return [option.value for option in self.options]

    def label_of(self, value: Any) -> str:
        """The words that stand for an answer."""
        if self.kind is Kind.RATING and value in self.values:
            return self.labels[int(value) - 1]
        labels = {option.value: option.label for option in self.options}
        return labels.get(value, str(value))

    def in_words(self, answer: Any) -> str:
        """An answer as a reader sees it; several choices are joined by semicolons, and no answer is empty."""
        if answer is None:
            return ""
        if isinstance(answer, list):
            return "; ".join(self.label_of(value) for value in answer)
        return self.label_of(answer)


@dataclass(frozen=True)
class Problem:
    """What stands against the answer to one item; ``message`` is marked for translation and takes ``params``."""

    code: str
    message: str
    params: Mapping[str, Any]


def read_items(raw: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """The items of a questionnaire; ValueError, with the code, where one has the wrong shape."""
    items = tuple(read_item(each) for each in raw)
    codes = [item.code for item in items]
    if len(set(codes)) != len(codes):
        raise ValueError("two items have the same code")
    for position, item in enumerate(items):
        if item.only_if is not None and item.only_if.code not in codes[:position]:
            raise ValueError(f"{item.code}: its condition names no earlier item")
    return items


def read_item(raw: Mapping[str, Any]) -> Item:
    """One item by itself, whatever stands around it; ValueError where it has the wrong shape."""
    code = str(raw.get("code", ""))
    if not CODE.fullmatch(code) or code in TAKEN:
        raise ValueError(f"“{code}” is not a code")
    try:
        condition = raw.get("only_if")
        item = Item(
            code=code,
            kind=Kind(raw["kind"]),
            text=str(raw["text"]),
            hint=str(raw.get("hint", "")),
            required=bool(raw.get("required", False)),
            options=tuple(Option(str(value), str(label)) for value, label in raw.get("options", ())),
            labels=tuple(str(label) for label in raw.get("labels", ())),
            words=int(raw["words"]) if raw.get("words") else None,
            characters=int(raw["characters"]) if raw.get("characters") else None,
            only_if=Condition(condition["code"], tuple(condition["values"])) if condition else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{code}: {error}") from error
    if item.kind in {Kind.CHOICE, Kind.CHOICES} and not item.options:
        raise ValueError(f"{code}: a choice needs options")
    if item.kind is Kind.RATING and len(item.labels) < 2:  # noqa: PLR2004
        raise ValueError(f"{code}: a rating needs labels")
    return item


def asked(items: Sequence[Item], answers: Answers) -> Sequence[Item]:
    """The items that take an answer, given the answers so far; sections and unmet conditions are left out."""
    shown: dict[str, Item] = {}
    for item in items:
        if item.kind is Kind.SECTION:
            continue
        condition = item.only_if
        if condition is not None and (condition.code not in shown or not _meets(condition, answers)):
            continue
        shown[item.code] = item
    return list(shown.values())


def _meets(condition: Condition, answers: Answers) -> bool:
    given = answers.get(condition.code)
    return any(value in condition.values for value in (given if isinstance(given, list) else [given]))


@dataclass(frozen=True)
class Section:
    """A heading with the items under it; items before the first heading have an empty one."""

    code: str
    title: str
    hint: str
    items: tuple[Item, ...]

    @property
    def runs(self) -> Sequence[Sequence[Item]]:
        """The items in order; ratings that follow one another with the same labels stand together, as one grid."""
        together = groupby(self.items, lambda item: item.labels or item.code)
        return [tuple(members) for _, members in together]


def sections(items: Sequence[Item]) -> Sequence[Section]:
    found: list[tuple[Item | None, list[Item]]] = []
    for item in items:
        if item.kind is Kind.SECTION:
            found.append((item, []))
        else:
            if not found:
                found.append((None, []))
            found[-1][1].append(item)
    return [
        Section(head.code if head else "start", head.text if head else "", head.hint if head else "", tuple(members))
        for head, members in found
        if members
    ]


def faults(items: Sequence[Item]) -> Sequence[Problem]:
    """What stands against asking these items, each of which is sound by itself.

    What hangs on an answer has to stand on a later page, since a page cannot grow while somebody fills it in.
    """
    pages = sections(items)
    page_of = {item.code: number for number, page in enumerate(pages) for item in page.items}
    known = {item.code: item for item in items}
    found = [] if pages else [Problem("", marked("Add a question: there is none yet"), {})]
    for item in items:
        if item.kind is Kind.SECTION and item.code not in {page.code for page in pages}:
            found.append(
                Problem(item.code, marked("Add a question to the page “%(title)s”, or remove it"), {"title": item.text})
            )
        condition = item.only_if
        if condition is None:
            continue
        params = {"question": item.text}
        before = known.get(condition.code)
        if before is None or page_of[before.code] >= page_of[item.code]:
            found.append(
                Problem(item.code, marked("Move “%(question)s” to a page after the question it hangs on"), params)
            )
        elif not set(condition.values) <= set(before.values):
            found.append(
                Problem(item.code, marked("“%(question)s” hangs on an answer that nobody can give any more"), params)
            )
    return found


def check(items: Sequence[Item], answers: Answers, *, whole: bool) -> tuple[dict[str, Any], Sequence[Problem]]:
    """Clean answers by code, and what stands against them; unknown codes and what was not asked are left out.

    ``whole`` asks for all that is required, as at the moment of submitting.
    """
    clean: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in items:
        if item.kind is Kind.SECTION:
            continue
        value, message, params = _clean(item, answers.get(item.code))
        if value is not None:
            clean[item.code] = value
        if message:
            problems.append(Problem(item.code, message, params))
    shown = {item.code for item in asked(items, clean)}
    problems = [problem for problem in problems if problem.code in shown]
    clean = {code: value for code, value in clean.items() if code in shown}
    if whole:
        wrong = {problem.code for problem in problems}
        problems += [
            Problem(item.code, NEEDED, {})
            for item in asked(items, clean)
            if item.required and item.code not in clean and item.code not in wrong
        ]
    return clean, problems


NEEDED = marked("Answer this question")


Cleaned = tuple[Any, str, Mapping[str, Any]]
"""An answer as it is kept, or None; and the message with its parameters where it cannot be."""


def _clean(item: Item, given: Any) -> Cleaned:
    if given is None or (isinstance(given, str) and not given.strip()) or given == []:
        return None, "", {}
    match item.kind:
        case Kind.LINE | Kind.TEXT:
            return _clean_text(item, given)
        case Kind.CHOICE | Kind.CHOICES:
            return _clean_choice(item, given)
        case Kind.NUMBER:
            return _clean_number(given, 0, NUMBER_MOST)
        case _:
            return _clean_number(given, item.values[0], item.values[-1])


def _clean_choice(item: Item, given: Any) -> Cleaned:
    chosen = given if isinstance(given, list) else [given]
    if any(value not in item.values for value in chosen) or (item.kind is Kind.CHOICE and len(chosen) > 1):
        return None, marked("Choose from the list"), {}
    return (chosen[0] if item.kind is Kind.CHOICE else [value for value in item.values if value in chosen]), "", {}


def _clean_text(item: Item, given: Any) -> Cleaned:
    if not isinstance(given, str):
        return None, marked("Enter words"), {}
    kept = given.strip().replace("\r\n", "\n")
    allowed = "\n\t" if item.kind is Kind.TEXT else ""
    most = item.characters or (TEXT_MOST if item.kind is Kind.TEXT else LINE_MOST)
    if any(character < " " and character not in allowed for character in kept):
        return None, marked("Remove the invisible control characters from this answer"), {}
    if len(kept) > most:
        return None, marked("Use %(most)s characters or fewer"), {"most": most}
    count = len(kept.split())
    if item.words is not None and count > item.words:
        return (
            kept,
            marked("Use %(most)s words or fewer; you have used %(count)s"),
            {"most": item.words, "count": count},
        )
    return kept, "", {}


def _clean_number(given: Any, least: int, most: int) -> Cleaned:
    text = str(given).strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    number = int(text) if is_number else least - 1
    if not least <= number <= most:
        return None, marked("Enter a whole number from %(least)s to %(most)s"), {"least": least, "most": most}
    return number, "", {}
