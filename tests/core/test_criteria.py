from typing import Any

import pytest

from cop.core.criteria import SCORES, Score, read_criteria, read_scores, total_of

RAW: list[dict[str, Any]] = [
    {"code": "c1", "title": "First", "weight": 2, "levels": ["poor", "fair"]},
    {"code": "c2", "title": "Second"},
]


def test_each_score_has_a_description_be_it_empty() -> None:
    first, second = read_criteria(RAW)
    assert first.levels == ("poor", "fair", "", "", "")
    assert (second.weight, second.about, len(second.levels)) == (1, "", len(SCORES))


@pytest.mark.parametrize(("scores", "total"), [((5, 5), 5.0), ((1, 1), 1.0), ((5, 2), 4.0), ((4, 2), 3.33)])
def test_the_total_is_the_mean_by_weight(scores: tuple[int, int], total: float) -> None:
    said = {code: Score(score) for code, score in zip(("c1", "c2"), scores, strict=True)}
    assert total_of(read_criteria(RAW), said) == total


def test_what_a_review_keeps_may_be_half_said() -> None:
    assert read_scores({"c1": {"reason": "Because"}}) == {"c1": Score(None, "Because")}
