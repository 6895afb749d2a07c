"""What people answered in their own words: to be sorted by codes, counted, and quoted at the consent given.

Shown is what the results of surveys show too: words that at least five people of one survey wrote, without names, and
where people were asked for permission, those alone of who gave it. Applications, answers about equality and anonymous
surveys that are still open are never among them.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Row,
    Select,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by

from cop.core import secrecy
from cop.core.access import Role
from cop.core.errors import NotFound
from cop.core.questions import Kind
from cop.core.small_numbers import LEAST, Figure
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.evidence import AnswerCode, Quotation
from cop.models.organisations import Organisation
from cop.models.programmes import Programme
from cop.models.surveys import Questionnaire, Wave
from cop.models.tags import Tag
from cop.queries.evaluation.figures import alone
from cop.queries.surveys.results import PERMISSION, Use
from cop.queries.surveys.sheets import sent_about

READERS = (Role.ADMIN, Role.EVALUATOR)

KEY_CHARACTERS = 16

NOT_CODED = "-"
"""Stands in the place of a code for the answers that have none yet; no word has such a slug."""

LEFT_OUT = "[…]"

ASKS_PERMISSION = cast(
    f'$[*] ? (@.code == "{PERMISSION}" && @.kind == "{Kind.CHOICE}").options[*][0] ? ('
    + " || ".join(f'@ == "{use}"' for use in Use)
    + ")",
    JSONPATH,
)
"""Finds something among the items of a questionnaire that asks how words may be used."""


@dataclass(frozen=True)
class Question:
    """A question for free text, over all versions, events and waves in which it was asked; with its latest words."""

    questionnaire: str
    item: str
    title: str
    text: str
    answers: int
    coded: int


@dataclass(frozen=True)
class Answer:
    """Words of one person. ``key`` tells the answer from others and is no name.

    ``is_allowed`` says whether people were asked how their words may be used, and these may be shown.
    """

    key: str
    event: str
    wave: Wave
    words: str
    codes: Sequence[Tag]
    is_allowed: bool
    quoted: str | None
    response_id: int | None
    anonymous_key: str | None


@dataclass(frozen=True)
class CodeCount:
    """How many answers have a code."""

    tag: Tag
    answers: Figure


@dataclass(frozen=True)
class Quoted:
    """Words that may be shown today. ``by`` is a name or an organisation as far as that was allowed, else empty;
    ``from_what`` is the event that they are about. ``id`` is that of the Quotation, and ``use`` what was allowed.
    """

    words: str
    by: str
    from_what: str
    wave: Wave
    id: int
    use: Use
    organisation: str


def questions(read: Reading, programme: Programme) -> Sequence[Question]:
    """The questions to which there are answers to read, questionnaire by questionnaire in their order."""
    _check(read, programme)
    given = _readable(programme.id)
    is_coded = _codes_of(given).exists()

    def latest(column: Any) -> Any:
        return func.array_agg(aggregate_order_by(column, given.c.version.desc()))[1]

    found = (
        select(
            given.c.questionnaire,
            given.c.item,
            latest(given.c.title),
            latest(given.c.question),
            func.count(),
            func.count().filter(is_coded),
        )
        .group_by(given.c.questionnaire, given.c.item)
        .order_by(given.c.questionnaire, latest(given.c.position), given.c.item)
    )
    return [Question(*row) for row in read.session.execute(found)]


def question(read: Reading, programme: Programme, *, questionnaire: str, item: str) -> Question:
    for found in questions(read, programme):
        if (found.questionnaire, found.item) == (questionnaire, item):
            return found
    raise NotFound


def events_of(read: Reading, programme: Programme, *, questionnaire: str, item: str) -> Sequence[tuple[str, str]]:
    """Slug and title of the events about which something was answered to this question, by title."""
    _check(read, programme)
    given = _readable(programme.id, questionnaire, item)
    found = select(given.c.slug, given.c.event).distinct().order_by(given.c.event, given.c.slug)
    return [(slug, title) for slug, title in read.session.execute(found)]


@dataclass(frozen=True)
class Wanted:
    """What a list of answers is narrowed to: those about one event; those with one code, or with none."""

    event: str = ""
    code: str = ""


EVERYTHING = Wanted()


def answers(
    read: Reading,
    programme: Programme,
    *,
    questionnaire: str,
    item: str,
    wanted: Wanted = EVERYTHING,
    offset: int = 0,
    limit: int = 20,
) -> Sequence[Answer]:
    """In an order that tells nothing and stays, ``limit`` + 1 of them."""
    _check(read, programme)
    given = _readable(programme.id, questionnaire, item)
    conditions = [_has(given, wanted.code)] if wanted.code else []
    if wanted.event:
        conditions.append(given.c.slug == wanted.event)
    of_whom = select(given.c.response_id, given.c.anonymous_key).where(*conditions)
    rows = [tuple(row) for row in read.session.execute(of_whom)]
    secret = _secret(read, programme)
    ordered = sorted(rows, key=lambda row: _key(secret, item, *row))[offset : offset + limit + 1]
    return _loaded(read, programme, questionnaire, item, ordered)


def answer(read: Reading, programme: Programme, *, questionnaire: str, item: str, key: str) -> Answer:
    """One answer by its key; NotFound where there is none that may be read."""
    _check(read, programme)
    given = _readable(programme.id, questionnaire, item)
    secret = _secret(read, programme)
    for row in read.session.execute(select(given.c.response_id, given.c.anonymous_key)):
        if secrecy.same(_key(secret, item, *row), key):
            return _loaded(read, programme, questionnaire, item, [tuple(row)])[0]
    raise NotFound


def code_counts(
    read: Reading,
    programme: Programme,
    *,
    hide: bool,
    questionnaire: str | None = None,
    item: str | None = None,
) -> Sequence[CodeCount]:
    """How many answers have each code, the most frequent first; over all questions, or of one.

    ``hide`` is for those who do not read the answers themselves: counts below five are hidden then.
    """
    _check(read, programme)
    given = _readable(programme.id, questionnaire, item)
    found = (
        select(Tag, func.count())
        .select_from(given)
        .join(AnswerCode, _is_of(AnswerCode, given))
        .join(Tag, Tag.id == AnswerCode.tag_id)
        .group_by(Tag.id)
        .order_by(func.count().desc(), Tag.position, Tag.id)
    )
    return [CodeCount(tag, alone(count, hide=hide)) for tag, count in read.session.execute(found)]


def quotations(read: Reading, programme: Programme) -> Sequence[Quoted]:
    """What was picked and may be shown now, by event: each answer is asked anew whether and how it may be.

    Words that do not stand in their answer any more are left out.
    """
    _check(read, programme)
    given = sent_about(programme.id)
    of_answer = and_(
        Quotation.response_id.is_not_distinct_from(given.c.response_id),
        Quotation.anonymous_key.is_not_distinct_from(given.c.anonymous_key),
    )
    said = given.c.answers[Quotation.item].astext
    found = (
        select(
            Quotation.words,
            said.label("said"),
            given.c.answers[PERMISSION].astext.label("use"),
            Person.name,
            Organisation.name.label("organisation"),
            Event.title.label("event"),
            given.c.wave,
            Quotation.id,
        )
        .select_from(Quotation)
        .join(given, of_answer)
        .join(Event, Event.id == given.c.event_id)
        .join(Questionnaire, Questionnaire.id == given.c.questionnaire_id)
        .outerjoin(Person, and_(Person.id == given.c.person_id, Person.erased_at.is_(None)))
        .outerjoin(Organisation, Organisation.id == given.c.organisation_id)
        .where(Quotation.programme_id == programme.id, _is_allowed(given.c.answers))
        .order_by(Event.title, Event.id, Quotation.picked_at, Quotation.id)
    )
    return [
        Quoted(row.words, _by(row), row.event, row.wave, row.id, Use(row.use), row.organisation or "")
        for row in read.session.execute(found)
        if is_passage(row.words, row.said or "")
    ]


def is_passage(words: str, said: str) -> bool:
    """Whether whole words stand so in what somebody said. “[…]” is for what is left out; blanks are all alike."""
    said, position = " ".join(said.split()), 0
    pieces = [" ".join(piece.split()) for piece in words.split(LEFT_OUT)]
    for piece in filter(None, pieces):
        found = re.compile(rf"(?<!\w){re.escape(piece)}(?!\w)").search(said, position)
        if found is None:
            return False
        position = found.end()
    return any(pieces)


def _by(row: Row[*tuple[Any, ...]]) -> str:
    """Nothing of whoever allowed their name and is not known by one any more."""
    if row.use == Use.NAME:
        return ", ".join(filter(None, [row.name, row.organisation])) if row.name else ""
    return row.organisation or "" if row.use == Use.COUNCIL else ""


def _check(read: Reading, programme: Programme) -> None:
    if not read.actor.may(*READERS, programme_id=programme.id):
        raise NotFound


def _secret(read: Reading, programme: Programme) -> str:
    return read.session.scalars(select(Programme.pseudonym_key).where(Programme.id == programme.id)).one()


def _key(secret: str, item: str, response_id: int | None, anonymous_key: str | None) -> str:
    return secrecy.digest("answer in words", item, response_id, anonymous_key, key=secret)[:KEY_CHARACTERS]


def _is_allowed(answers: Any) -> ColumnElement[bool]:
    """Whether the answers to a Questionnaire say that its words may be shown; without the question nobody said so."""
    return and_(func.jsonb_path_exists(Questionnaire.items, ASKS_PERMISSION), answers[PERMISSION].astext.in_([*Use]))


def _readable(programme_id: int, questionnaire: str | None = None, item: str | None = None) -> CTE:
    """A row for each answer in words that may be read, with its question.

    What was put to those only who answered something else, and had to be answered, is left out: how many wrote
    something would tell how many gave that answer.
    """
    sheets = sent_about(programme_id)
    items = (
        func.jsonb_array_elements(Questionnaire.items)
        .table_valued("value", with_ordinality="position")
        .render_derived("asked")
    )
    asked = cast(items.c.value, JSONB)
    code = asked["code"].astext
    survey = (sheets.c.event_id, sheets.c.wave, sheets.c.questionnaire_id, code)
    given = (
        select(
            sheets.c.response_id,
            sheets.c.anonymous_key,
            Event.slug,
            Event.title.label("event"),
            sheets.c.wave,
            Questionnaire.code.label("questionnaire"),
            Questionnaire.version,
            Questionnaire.title,
            code.label("item"),
            asked["text"].astext.label("question"),
            items.c.position,
            sheets.c.answers[code].astext.label("words"),
            _is_allowed(sheets.c.answers).label("is_allowed"),
            or_(
                not_(func.jsonb_path_exists(Questionnaire.items, ASKS_PERMISSION)), _is_allowed(sheets.c.answers)
            ).label("may_be_read"),
            func.count().over(partition_by=survey).label("n"),
        )
        .select_from(sheets)
        .join(Questionnaire, Questionnaire.id == sheets.c.questionnaire_id)
        .join(Event, Event.id == sheets.c.event_id)
        .join(items, true())
        .where(
            asked["kind"].astext.in_([Kind.LINE, Kind.TEXT]),
            sheets.c.answers.has_key(code),
            not_(and_(asked.has_key("only_if"), asked["required"].astext == "true")),
        )
    )
    if questionnaire is not None:
        given = given.where(Questionnaire.code == questionnaire)
    if item is not None:
        given = given.where(code == item)
    found = given.subquery("given")
    return select(found).where(found.c.n >= LEAST, found.c.may_be_read).cte("readable")


def _is_of(table: type[AnswerCode | Quotation], given: CTE) -> ColumnElement[bool]:
    return and_(
        or_(table.response_id == given.c.response_id, table.anonymous_key == given.c.anonymous_key),
        table.item == given.c.item,
    )


def _codes_of(given: CTE) -> Select[Any]:
    return select(literal(1)).select_from(AnswerCode).where(_is_of(AnswerCode, given)).correlate(given)


def _has(given: CTE, code: str) -> ColumnElement[bool]:
    if code == NOT_CODED:
        return ~_codes_of(given).exists()
    of_tag = select(Tag.id).where(Tag.slug == code).scalar_subquery()
    return _codes_of(given).where(AnswerCode.tag_id == of_tag).exists()


Whose = tuple[int | None, str | None]


def _loaded(
    read: Reading, programme: Programme, questionnaire: str, item: str, whose: Collection[Whose]
) -> Sequence[Answer]:
    """The answers of these, in their order."""
    given = _readable(programme.id, questionnaire, item)
    responses = [response_id for response_id, _ in whose if response_id is not None]
    keys = [key for _, key in whose if key is not None]
    is_wanted = or_(given.c.response_id.in_(responses), given.c.anonymous_key.in_(keys))
    picked = select(Quotation.words).where(_is_of(Quotation, given)).correlate(given).scalar_subquery()
    rows = {
        (row.response_id, row.anonymous_key): row
        for row in read.session.execute(select(given, picked.label("quoted")).where(is_wanted))
    }
    codes, secret = _codes(read, item, responses, keys), _secret(read, programme)
    return [
        Answer(
            _key(secret, item, *one),
            rows[one].event,
            Wave(rows[one].wave),
            rows[one].words,
            codes.get(one, ()),
            rows[one].is_allowed,
            rows[one].quoted,
            *one,
        )
        for one in whose
    ]


def _codes(read: Reading, item: str, responses: Sequence[int], keys: Sequence[str]) -> Mapping[Whose, Sequence[Tag]]:
    found = (
        select(AnswerCode.response_id, AnswerCode.anonymous_key, Tag)
        .join(Tag, Tag.id == AnswerCode.tag_id)
        .where(
            AnswerCode.item == item,
            or_(AnswerCode.response_id.in_(responses), AnswerCode.anonymous_key.in_(keys)),
        )
        .order_by(AnswerCode.response_id, AnswerCode.anonymous_key, Tag.position, Tag.id)
    )
    rows = read.session.execute(found).all()
    return {whose: [row[2] for row in of_one] for whose, of_one in groupby(rows, lambda row: (row[0], row[1]))}
