"""Sorting free answers by codes, and picking what may be quoted of them; for evaluators and admins of a programme.

What somebody may read of answers, the query decides; here it is asked again.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.evidence import AnswerCode, Quotation
from cop.models.programmes import Programme
from cop.models.tags import TagKind
from cop.queries import coding as queries
from cop.services import tags

QUOTED_MOST = 1_000


@dataclass(frozen=True)
class Which:
    """One answer: of a programme, to a question, by its key."""

    programme_id: int
    questionnaire: str
    item: str
    key: str


def give(work: Work, which: Which, *, chosen: Collection[int], seen: Collection[int]) -> None:
    """Give and take codes, by their ids. ``seen`` are those that the page showed as given: what others gave or took
    meanwhile stays as they left it.
    """
    found = _answer(work, which)
    kept = frozenset(tag.id for tag in found.codes)
    wanted = tags.chosen(work, [*chosen], kept=kept | frozenset(seen), kinds=[TagKind.CODE])
    made = [
        {
            "response_id": found.response_id,
            "anonymous_key": found.anonymous_key,
            "item": which.item,
            "tag_id": tag_id,
            "by_person_id": work.actor.person_id,
            "at": work.now,
        }
        for tag_id in sorted(wanted.difference(seen))
    ]
    if made:
        work.session.execute(insert(AnswerCode).values(made).on_conflict_do_nothing())
    taken = frozenset(seen) - wanted
    work.session.execute(delete(AnswerCode).where(_is_of(AnswerCode, found, which), AnswerCode.tag_id.in_(taken)))


def pick(work: Work, which: Which, *, words: str) -> None:
    """Pick a passage of an answer for reports, in place of the one that was picked before."""
    found = _answer(work, which)
    if not found.is_allowed:
        raise Refusal(marked("Nobody was asked whether these words may be shown to others, so they cannot be quoted."))
    words = words.strip()
    if not words or len(words) > QUOTED_MOST:
        raise Refusal(
            marked("Enter the words to quote, with at most %(most)s characters"), field="words", most=QUOTED_MOST
        )
    if not queries.is_passage(words, found.words):
        raise Refusal(
            marked("Quote only words that stand in the answer. Put […] where you leave something out."), field="words"
        )
    made = {
        "programme_id": which.programme_id,
        "response_id": found.response_id,
        "anonymous_key": found.anonymous_key,
        "item": which.item,
        "words": words,
        "picked_by": work.actor.person_id,
        "picked_at": work.now,
    }
    changed = {name: made[name] for name in ("words", "picked_by", "picked_at")}
    statement = insert(Quotation).values(made)
    work.session.execute(
        statement.on_conflict_do_update(index_elements=["response_id", "anonymous_key", "item"], set_=changed)
    )


def drop(work: Work, which: Which) -> None:
    """Quote nothing of an answer any more. Doing so again changes nothing."""
    work.session.execute(delete(Quotation).where(_is_of(Quotation, _answer(work, which), which)))


def _answer(work: Work, which: Which) -> queries.Answer:
    programme = work.session.get(Programme, which.programme_id)
    if programme is None or work.actor.person_id is None:
        raise NotFound
    return queries.answer(work, programme, questionnaire=which.questionnaire, item=which.item, key=which.key)


def _is_of(table: type[AnswerCode | Quotation], found: queries.Answer, which: Which) -> ColumnElement[bool]:
    return and_(
        table.response_id.is_not_distinct_from(found.response_id),
        table.anonymous_key.is_not_distinct_from(found.anonymous_key),
        table.item == which.item,
    )
