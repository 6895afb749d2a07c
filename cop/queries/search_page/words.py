"""Words that are spelt right, for whoever mistyped one and found nothing."""

import re
from collections.abc import Sequence

from sqlalchemy import func, or_, select

from cop.core.work import Reading
from cop.models.search import SearchWord
from cop.queries.forum import is_member, who
from cop.queries.forum.entering import PERSON

SHORTEST, LONGEST = 4, 30
"""Letters of a word that is worth correcting."""

MOST_CORRECTED = 8
LIKE_ENOUGH = 0.7
"""Three of ten letters may be wrong, missing, too many or swapped."""

LETTERS_APART = 2
TYPED = re.compile(r"[^\W\d_]+")


def corrected(read: Reading, words: str) -> str:
    """The same question with the likeliest word for each that nobody uses here; empty where there is nothing better.

    Whether the new question finds anything that the reader may see is for the caller to ask.
    """
    typed = [word.lower() for word in TYPED.findall(words)]
    typed = [word for word in typed if SHORTEST <= len(word) <= LONGEST][:MOST_CORRECTED]
    if not typed:
        return ""
    letters = func.length(SearchWord.word)
    shortest, longest = min(map(len, typed)) - LETTERS_APART, max(map(len, typed)) + LETTERS_APART
    known = read.session.scalars(
        select(SearchWord.word)
        .where(letters.between(shortest, longest), or_(SearchWord.is_public, is_member(PERSON)))
        .order_by(SearchWord.uses.desc(), SearchWord.word),
        who(read),
    ).all()
    better = {word: _likeliest(word, known) for word in set(typed).difference(known)}

    def spelt_right(typed_word: re.Match[str]) -> str:
        return better.get(typed_word[0].lower()) or typed_word[0]

    instead = TYPED.sub(spelt_right, words)
    return instead if instead != words else ""


def _likeliest(word: str, known: Sequence[str]) -> str | None:
    """The first of the words that are nearest to it."""
    from rapidfuzz import process  # noqa: PLC0415  4 MB that most workers never need
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415  as above

    nearest = process.extractOne(word, known, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=LIKE_ENOUGH)
    return nearest[0] if nearest else None
