"""The page about how the community does."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.community import ForumMonth
from tests.support.browse import Browse
from tests.support.forum import MakeForum
from tests.support.make import Make, Working

PATH = "/forum/health"

FIGURES: dict[str, Any] = {
    "posts": 61,
    "writers": 12,
    "replies": 40,
    "topics": 14,
    "replied": 11,
    "reply_hours": 5.4,
    "questions": 9,
    "answered": 7,
    "organisations": 8,
    "across": 31,
    "ties": 17,
    "helped": 23,
    "me_too": 6,
    "readers": 44,
    "began": 3,
    "by_staff": 19,
}


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


def count(make: Make, work: Working, month: date = date(2026, 2, 1), **figures: Any) -> None:
    with work() as unit:
        unit.session.add(
            ForumMonth(
                programme_id=make.programme().id, month=month, figures={**FIGURES, **figures}, counted_at=unit.now
            )
        )


def cells(page: Browse) -> list[str]:
    """The words of the row of the latest month."""
    table = page.soup.select_one("#all ~ div table")
    assert table is not None
    return [cell.get_text(" ", strip=True) for cell in table.select("tbody tr")[-1].select("th, td")]


def test_facilitators_see_all_of_it(browse: Browse, make: Make, work: Working) -> None:
    person = make.account("Femi Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    count(make, work)
    page = browse.sign_in(person).get(PATH)
    row = ["February 2026", "44", "12", "3", "61", "14", "3", "5 hours", "9", "7", "8", "17", "31", "19", "23", "6"]
    assert cells(page) == row
    assert "fewer than 5" not in page.text


def test_evaluators_see_no_small_numbers(browse: Browse, make: Make, work: Working) -> None:
    person = make.account("Eve Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    count(make, work)
    row = cells(browse.sign_in(person).get(PATH))
    assert row[1:4] == ["44", "12", "fewer than 5"]
    assert row[4] == "61"


def test_evaluators_see_nothing_of_a_month_in_which_few_wrote(browse: Browse, make: Make, work: Working) -> None:
    person = make.account("Eve Evaluator")
    make.grant(person, Role.EVALUATOR, programme=make.programme())
    count(make, work, writers=4, readers=30)
    row = cells(browse.sign_in(person).get(PATH))
    assert set(row[1:]) == {"not shown", "fewer than 5", "–"}


def test_the_facilitator_of_one_course_sees_the_forum_of_its_programme(
    browse: Browse, forum: MakeForum, make: Make, work: Working
) -> None:
    person = make.account("Chair")
    make.grant(person, Role.FACILITATOR, event=forum.course())
    count(make, work)
    assert cells(browse.sign_in(person).get(PATH))[1] == "44"


def test_others_do_not_see_it(browse: Browse, forum: MakeForum, make: Make) -> None:
    assert "/sign-in" in browse.get(PATH, follow=False).location
    assert browse.sign_in(forum.alumna()).get(PATH).status == 404
    stranger: Person = make.account("Elsewhere")
    make.grant(stranger, Role.EVALUATOR, programme=make.programme("Another"))
    assert browse.sign_in(stranger).get(f"{PATH}?programme={make.programme().slug}").status == 404


def test_an_empty_forum_says_so(browse: Browse, make: Make) -> None:
    make.programme()
    page = browse.sign_in(make.admin()).get(PATH)
    assert "Nobody has written in the forum yet" in page.text


def test_it_leads_to_no_space(browse: Browse, forum: MakeForum, make: Make) -> None:
    forum.alumna()
    page = browse.sign_in(make.admin()).get("/forum/spaces/new")
    page.submit("Add the space", name="Health", about="How we are")
    assert "in use already" in page.text
