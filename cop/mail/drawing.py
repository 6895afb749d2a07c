"""Draws a message as its recipient reads it; also without the keys in it, for those who only look."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.mail.kinds import Kind, Values
from cop.models.accounts import Person
from cop.models.outbox import TOPICS, Outbox
from cop.queries import subscriptions
from cop.web import address, languages

SIGNED = re.compile(r"(?<=[/=])[\w-]{8,}\.[\w-]{20,}")
"""A token in an address, as ``secrecy.sign`` makes them."""

ANSWERS_TO = re.compile(r"(?<=\+)[a-z0-9]{31}(?=@|%40)")
"""What is secret in an address at which somebody answers the forum."""

HIDDEN = "…"


@dataclass(frozen=True)
class Drawn:
    """``values`` is what the templates were given by the kind of message; ``stop_link`` ends mail of its topic."""

    subject: str
    text: str
    html: str
    values: Values
    stop_link: str | None


def draw(read: Reading, row: Outbox, kind: Kind) -> Drawn | None:
    """The words of a message, in English, or None where it has become pointless.

    Links and codes are made here from signatures, so neither lies in a table.
    """
    with languages.in_english():
        return _draw(read, row, kind)


def _draw(read: Reading, row: Outbox, kind: Kind) -> Drawn | None:
    person = read.session.get(Person, row.person_id) if row.person_id is not None else None
    try:
        values = kind.load(read, row)
    except NotFound:
        return None
    if values is None:
        return None
    context = {"name": name_of(person), "why": _(kind.why), "now": read.now, **_footer(row, person), **values}
    folder = f"mail/{row.template}"
    return Drawn(
        subject=" ".join(render_template(f"{folder}/subject.txt", **context).split()),
        text=render_template(f"{folder}/text.txt", **context),
        html=render_template(f"{folder}/html.html", **context),
        values=values,
        stop_link=context["stop_link"],
    )


def name_of(person: Person | None) -> str:
    return " ".join(person.name.split()) if person is not None else ""


def _footer(row: Outbox, person: Person | None) -> Mapping[str, Any]:
    """Where the recipient ends such messages, if they can be ended, and where all that can be chosen is."""
    if person is None:
        return {"stop_link": None, "choose_link": None}
    topic = TOPICS.get(row.template)
    token = subscriptions.token_for(person, topic) if topic else None
    stop = address("messages.unsubscribe", token=token) if token else None
    return {"stop_link": stop, "choose_link": address("messages.index")}


def redacted(drawn: Drawn) -> Drawn:
    """The same without the keys in it: nobody can act in the recipient's name with what is left."""
    code = str(drawn.values.get("code", ""))

    def without(text: str) -> str:
        hidden = ANSWERS_TO.sub(HIDDEN, SIGNED.sub(HIDDEN, text))
        return hidden.replace(code, HIDDEN) if code else hidden

    return replace(drawn, subject=without(drawn.subject), text=without(drawn.text), html=without(drawn.html))
