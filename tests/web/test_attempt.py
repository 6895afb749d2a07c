"""A command from a form: its value, or a refusal on the field that a person can mend, and nothing saved."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from wtforms import IntegerField

from cop.core.access import SYSTEM
from cop.core.errors import Refusal, marked
from cop.core.work import Work
from cop.forms.base import Form
from cop.models.base import Base
from cop.models.merging import MergeKind
from cop.models.organisations import Organisation, OrganisationKind
from cop.models.service import Setting
from cop.services.promises import MESSAGES
from cop.web import Outcome, attempt, db, form_page, page_number, paged, run


class Book(Form):
    party_size = IntegerField("How many are you?")


@pytest.fixture
def form(app: Flask) -> Iterator[Form]:
    with app.test_request_context("/trial", method="POST", data={"party_size": "3"}):
        yield Book()


def note(work: Work) -> int:
    work.session.add(Setting(name="a", value=1))
    work.session.flush()
    return 7


def refuse(**where: str) -> Callable[[Work], int]:
    def command(work: Work) -> int:
        note(work)
        raise Refusal(marked("Only %(left)s places are left"), left=2, **where)

    return command


def add_twice(work: Work) -> None:
    values = {"name": "Stevenage", "kind": OrganisationKind.COUNCIL}
    work.session.execute(insert(Organisation).values(slug="a", **values))
    work.session.execute(insert(Organisation).values(slug="b", **values))


def break_something_else(work: Work) -> None:
    work.session.execute(insert(Setting).values(name="a", value=1))
    work.session.execute(insert(Setting).values(name="a", value=1))


def saved() -> list[str]:
    return list(db.session.scalars(select(Setting.name)))


def test_a_command_is_carried_out_and_its_value_returned(form: Form) -> None:
    done = attempt(form, note, SYSTEM)
    assert (bool(done), done.result, form.errors) == (True, 7, {})
    assert saved() == ["a"]


def test_a_command_may_return_nothing(form: Form) -> None:
    done = attempt(form, lambda _work: None, SYSTEM)
    assert done
    assert done.result is None


def test_a_refusal_lands_on_its_field_and_nothing_is_saved(form: Form) -> None:
    done = attempt(form, refuse(field="party_size"), SYSTEM)
    assert not done
    assert form.errors == {"party_size": ["Only 2 places are left"]}
    assert form["party_size"].data == 3
    assert saved() == []
    with pytest.raises(RuntimeError, match="refused"):
        _ = done.result


@pytest.mark.parametrize("where", [{}, {"field": "no_such_field"}])
def test_a_refusal_without_a_field_lands_on_the_form(where: dict[str, str], form: Form) -> None:
    assert not attempt(form, refuse(**where), SYSTEM)
    assert form.form_errors == ["Only 2 places are left"]
    assert not form["party_size"].errors


def test_a_refusal_comes_after_what_the_field_said_already(form: Form) -> None:
    form["party_size"].errors = ["Enter a number"]
    attempt(form, refuse(field="party_size"), SYSTEM)
    assert form.errors == {"party_size": ["Enter a number", "Only 2 places are left"]}


def test_a_broken_promise_of_the_database_is_a_refusal(form: Form) -> None:
    assert not attempt(form, add_twice, SYSTEM)
    assert form.form_errors == [MESSAGES["uq_organisation_name"]]
    assert db.session.scalars(select(Organisation)).all() == []


def test_a_broken_constraint_that_nobody_expects_is_a_fault_of_ours(form: Form) -> None:
    with pytest.raises(IntegrityError):
        attempt(form, break_something_else, SYSTEM)
    assert saved() == []


def test_run_raises_the_refusal(app: Flask) -> None:
    with app.app_context(), pytest.raises(Refusal, match="already an organisation"):
        run(add_twice, SYSTEM)


def test_every_promise_names_a_constraint_that_exists() -> None:
    tables = Base.metadata.tables.values()
    constraints = {str(item.name) for table in tables for item in table.constraints}
    names = constraints | {str(item.name) for table in tables for item in table.indexes}
    by_triggers = {f"merged_{kind}" for kind in MergeKind}
    assert set(MESSAGES) - names - by_triggers == set()


def test_an_outcome_without_refusal_is_true_even_for_nothing() -> None:
    assert Outcome(None)
    assert Outcome(0)
    assert not Outcome[int](refused=True)


def test_a_form_page_answers_422_once_something_was_refused(app: Flask) -> None:
    with app.test_request_context("/trial"):
        form = Book()
        assert form_page("errors/404.html", form)[1] == 200  # type: ignore[index]
        form.form_errors.append("No")
        assert form_page("errors/404.html", form)[1] == 422  # type: ignore[index]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("", 1),
        ("page=2", 2),
        ("page=0", 1),
        ("page=-1", 1),
        ("page=x", 1),
        ("page=²", 1),
        ("page=" + "9" * 30, 1),
    ],
)
def test_the_page_asked_for(asked: str, number: int, app: Flask) -> None:
    with app.test_request_context(f"/?{asked}"):
        assert page_number() == number


def test_a_page_knows_its_neighbours(app: Flask) -> None:
    with app.test_request_context("/?page=2"):
        pager = paged([1, 2, 3], 2)
        assert (pager.items, pager.number, pager.has_next) == ([1, 2], 2, True)
        assert not paged([1, 2], 2).has_next
