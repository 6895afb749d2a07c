"""The addresses by which people answer the forum by e-mail, and how things stand where an answer wants to go."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, literal, select

from cop.core import secrecy
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import Post, Space, Topic
from cop.models.forum_mail import ForumAnswer, ForumMail, MailOutcome
from cop.queries.forum.entering import gets_in, has_accepted, may_enter, who

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
WORD, NUMBER, SIGNATURE = 12, 7, 12
"""Characters of a person's random word, a topic's number and the signature. With ``+`` and a name of 32 before it they
just fit into the 64 that stand before the @; mail servers may change the case of letters, so it has one case only.
"""

NAMED = re.compile(rf"\+([a-z0-9]{{{WORD}}})([a-z0-9]{{{NUMBER}}})([a-z0-9]{{{SIGNATURE}}})@")


@dataclass(frozen=True)
class Named:
    """Whom and what an address names, if its signature holds."""

    public_id: str
    topic_id: int
    signature: str


@dataclass(frozen=True)
class Addressed:
    """The person who was given an address, and the topic that it is for."""

    person_id: int
    email: str | None
    topic_id: int


def answer_address(address: str, public_id: str, topic_id: int, generation: int) -> str:
    """Where one person answers in one topic: a sub-address that nobody else can guess."""
    name, _, domain = address.rpartition("@")
    return f"{name}+{public_id}{_digits(topic_id, NUMBER)}{_signature(public_id, topic_id, generation)}@{domain}"


def answers_named(addresses: Iterable[str]) -> Sequence[Named]:
    """What addresses of that shape name, genuine or not."""
    found = [match.groups() for address in addresses for match in NAMED.finditer(address)]
    return [Named(public_id, int(number, 36), signature) for public_id, number, signature in found]


def addressee(read: Reading, named: Sequence[Named]) -> Addressed | None:
    """To whom the first genuine one of these addresses was given; None where all are forged or have died.

    Those of a record that was merged into another are the other's.
    """
    for one in named:
        whose = func.coalesce(Person.merged_into, Person.id)
        generation = func.coalesce(ForumMail.generation, 0)
        row = read.session.execute(
            select(whose, generation)
            .select_from(Person)
            .outerjoin(ForumMail, ForumMail.person_id == whose)
            .where(Person.public_id == one.public_id)
        ).one_or_none()
        if row is None or not secrecy.same(one.signature, _signature(one.public_id, one.topic_id, row[1])):
            continue
        return Addressed(row[0], read.session.scalar(select(Person.email).where(Person.id == row[0])), one.topic_id)
    return None


def generation_of(read: Reading, *, person_id: int) -> int:
    """Of the addresses that are in force for somebody."""
    return read.session.scalar(select(ForumMail.generation).where(ForumMail.person_id == person_id)) or 0


@dataclass(frozen=True)
class Standing:
    """A topic to which somebody wants to answer. ``topic_id`` is another than asked for where that was merged."""

    topic_id: int
    is_open_to_them: bool
    has_accepted: bool
    is_locked: bool
    is_closed: bool


def standing(read: Reading, *, topic_id: int) -> Standing | None:
    """How things stand for the actor; None where there is no such topic."""
    found = select(
        Topic.id,
        may_enter() & Topic.hidden_at.is_(None),
        has_accepted(Space.programme_id),
        Topic.locked_at.is_not(None),
        Space.closed_at.is_not(None),
    ).join(Space, Space.id == Topic.space_id)
    wanted = found.where(Topic.id == _merged_into(read, topic_id))
    row = read.session.execute(wanted, who(read)).one_or_none()
    return Standing(*row) if row is not None else None


def _merged_into(read: Reading, topic_id: int) -> int:
    """Where the posts of a topic stand now."""
    seen: set[int] = set()
    while topic_id not in seen:
        seen.add(topic_id)
        topic_id = read.session.scalar(select(Topic.merged_into).where(Topic.id == topic_id)) or topic_id
    return topic_id


class Place(NamedTuple):
    """What the address of a post says."""

    space: str
    topic_id: int
    slug: str
    number: int


def place_of(read: Reading, answer: ForumAnswer) -> Place | None:
    """Where an answer stands, or was to stand; None where its author may not read that."""
    found = (
        select(Space.slug, Topic.id, Topic.slug, func.coalesce(Post.number, 1))
        .select_from(Topic)
        .join(Space, Space.id == Topic.space_id)
        .outerjoin(Post, and_(Post.id == answer.post_id, Post.topic_id == Topic.id))
        .where(Topic.id == answer.topic_id, Topic.hidden_at.is_(None), gets_in(literal(answer.person_id)))
    )
    row = read.session.execute(found, {"now": read.now}).one_or_none()
    return Place(*row) if row is not None else None


def count_answers(read: Reading, *, person_id: int, outcome: MailOutcome, since: datetime) -> int:
    """How many messages of somebody fared so since then."""
    found = select(func.count()).where(
        ForumAnswer.person_id == person_id, ForumAnswer.outcome == outcome, ForumAnswer.came_at > since
    )
    return read.session.scalar(found) or 0


def _signature(public_id: str, topic_id: int, generation: int) -> str:
    return _digits(int(secrecy.digest("forum answer", public_id, topic_id, generation), 16), SIGNATURE)


def _digits(number: int, length: int) -> str:
    """The last so many digits of a number to the base of 36."""
    found = ""
    for _ in range(length):
        number, digit = divmod(number, len(DIGITS))
        found = DIGITS[digit] + found
    return found
