"""What the templates are made of: kinds of questions, scales with their words, and questions that several share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cop.models.surveys import Mode

Raw = Mapping[str, Any]

AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
SATISFIED = (
    "Very dissatisfied",
    "Dissatisfied",
    "Neither satisfied nor dissatisfied",
    "Satisfied",
    "Very satisfied",
)
RELEVANT = ("Not at all relevant", "Slightly relevant", "Fairly relevant", "Very relevant", "Essential")
KNOWLEDGE = ("Very little", "A little", "A fair amount", "A good deal", "I could teach it")

YES_NO = (("yes", "Yes"), ("no", "No"))
YES_NO_UNSURE = (*YES_NO, ("unsure", "I am not sure"))


@dataclass(frozen=True)
class Template:
    """A questionnaire before it is published under its ``code``; ``name`` is what the evaluation plan calls it."""

    code: str
    title: str
    introduction: str
    items: tuple[Raw, ...]
    name: str = ""
    mode: Mode = Mode.NAMED


def section(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "section", "text": text, "hint": hint}


def scale(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "scale", "text": text, "hint": hint, "required": True}


def rating(code: str, text: str, labels: Sequence[str]) -> Raw:
    return {"code": code, "kind": "rating", "text": text, "labels": list(labels), "required": True}


def choice(code: str, text: str, *options: tuple[str, str], required: bool = True) -> Raw:
    return {"code": code, "kind": "choice", "text": text, "options": _listed(options), "required": required}


def choices(code: str, text: str, *options: tuple[str, str]) -> Raw:
    return {"code": code, "kind": "choices", "text": text, "options": _listed(options), "required": False}


def _listed(options: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [list(option) for option in options]


def number(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "number", "text": text, "hint": hint}


def line(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "line", "text": text, "hint": hint}


def words(code: str, text: str, hint: str = "") -> Raw:
    return {"code": code, "kind": "text", "text": text, "hint": hint}


def only_if(item: Raw, code: str, *values: Any) -> Raw:
    """Asked of those only whose answer to ``code`` is one of ``values``; it has to stand on a later page."""
    return {**item, "only_if": {"code": code, "values": list(values)}}


USED = (
    ("not yet", "Not yet"),
    ("once", "Once"),
    ("several", "Several times"),
    ("how we work", "It is now how we work"),
)

PERMISSION = choice(
    "permission",
    "May we tell others what you did, as a case study?",
    ("name", "Yes, with my name"),
    ("council", "Yes, with the name of my council or organisation only"),
    ("anonymous", "Yes, without any names"),
    ("no", "No"),
)
