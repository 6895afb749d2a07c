"""The accessibility statement follows from the list of issues and the days of its reviews."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from cop.core.errors import NotFound, Refusal
from cop.core.wcag import CRITERIA
from cop.models.statement import Exemption, KnownIssue
from cop.queries import known_issues as queries
from cop.queries.known_issues import PREPARED_ON, Statement, Status
from cop.services import known_issues as services
from cop.services.known_issues import Terms
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

TODAY = date(2026, 3, 2)
TERMS = Terms(
    what="The plan of the room is a picture.",
    who="People who use a screen reader cannot tell where their table is.",
    criterion="1.1.1",
    why=Exemption.NON_COMPLIANCE,
    instead="Ask us for the list of tables.",
    found_on=TODAY,
    planned_on=TODAY + timedelta(days=30),
)


def statement(issues: Sequence[tuple[str, Exemption]]) -> Statement:
    found = [KnownIssue(what="x", criterion=number, why=why, found_on=TODAY) for number, why in issues]
    return Statement(found, TODAY, TODAY, "")


@pytest.mark.parametrize(
    ("issues", "status"),
    [
        ([], Status.FULL),
        ([("", Exemption.OUT_OF_SCOPE)], Status.FULL),
        ([("1.1.1", Exemption.NON_COMPLIANCE)], Status.PARTIAL),
        ([("1.1.1", Exemption.BURDEN)], Status.PARTIAL),
        ([("1.1.1", Exemption.NON_COMPLIANCE)] * 40, Status.PARTIAL),
        ([(number, Exemption.NON_COMPLIANCE) for number in list(CRITERIA)[:27]], Status.PARTIAL),
        ([(number, Exemption.NON_COMPLIANCE) for number in list(CRITERIA)[:28]], Status.NOT),
    ],
)
def test_the_status_follows_from_the_open_issues(issues: list[tuple[str, Exemption]], status: Status) -> None:
    assert statement(issues).status is status


def test_the_standard_has_55_criteria() -> None:
    assert len(CRITERIA) == 55


def test_an_issue_stands_in_the_statement_until_it_is_mended(work: Working, make: Make, reading: Reads) -> None:
    admin = make.actor(make.admin())
    with work(admin) as unit:
        made = services.add(unit, terms=TERMS)
    with reading() as read:
        found = queries.statement(read)
        assert ([issue.what for issue in found.issues], found.status) == ([TERMS.what], Status.PARTIAL)
    with work(admin) as unit:
        services.edit(unit, issue_id=made.id, terms=replace(TERMS, mended_on=TODAY))
    with reading(admin) as read:
        assert (queries.statement(read).issues, queries.statement(read).status) == ([], Status.FULL)
        assert [issue.id for issue in queries.mended(read, offset=0, limit=10)] == [made.id]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"criterion": ""}, "criterion"),
        ({"criterion": "9.9.9"}, "criterion"),
        ({"found_on": TODAY + timedelta(days=1)}, "found_on"),
        ({"planned_on": TODAY - timedelta(days=1)}, "planned_on"),
        ({"mended_on": TODAY - timedelta(days=1)}, "mended_on"),
        ({"mended_on": TODAY + timedelta(days=1)}, "mended_on"),
    ],
)
def test_what_cannot_be_is_refused(work: Working, make: Make, change: dict[str, object], field: str) -> None:
    with work(make.actor(make.admin())) as unit, pytest.raises(Refusal) as refused:
        services.add(unit, terms=replace(TERMS, **change))  # type: ignore[arg-type]  # of many types
    assert refused.value.field == field


def test_what_is_out_of_scope_needs_no_criterion(work: Working, make: Make) -> None:
    with work(make.actor(make.admin())) as unit:
        made = services.add(unit, terms=replace(TERMS, criterion="", why=Exemption.OUT_OF_SCOPE))
    assert made.id


def test_reviews_say_when_it_was_prepared_and_how_it_was_tested_last(work: Working, make: Make, reading: Reads) -> None:
    admin = make.actor(make.admin())
    with reading() as read:
        assert queries.statement(read).prepared_on == queries.statement(read).reviewed_on == PREPARED_ON
    for on_date, tested in ((date(2026, 1, 5), "By us."), (TODAY, "By somebody else.")):
        with work(admin) as unit:
            services.review(unit, on_date=on_date, tested=tested)
    with reading() as read:
        found = queries.statement(read)
    assert (found.prepared_on, found.reviewed_on, found.tested) == (date(2026, 1, 5), TODAY, "By somebody else.")


@pytest.mark.parametrize("on_date", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_a_review_is_neither_to_come_nor_before_the_last(work: Working, make: Make, on_date: date) -> None:
    admin = make.actor(make.admin())
    with work(admin) as unit:
        services.review(unit, on_date=TODAY, tested="")
    with work(admin) as unit, pytest.raises(Refusal) as refused:
        services.review(unit, on_date=on_date, tested="")
    assert refused.value.field == "on_date"


def test_a_year_later_it_waits_on_the_desk_of_admins(
    work: Working, make: Make, reading: Reads, clock: FixedClock
) -> None:
    admin, other = make.actor(make.admin()), make.actor(make.account())
    with work(admin) as unit:
        services.review(unit, on_date=TODAY, tested="")
    clock.move(timedelta(days=364))
    with reading(admin) as read:
        assert queries.overdue(read) is None
    clock.move(timedelta(days=1))
    with reading(admin) as read:
        assert queries.overdue(read) is not None
    with reading(other) as read:
        assert queries.overdue(read) is None


def test_a_leap_day_comes_round_on_the_day_before() -> None:
    found = Statement([], TODAY, date(2028, 2, 29), "")
    assert found.review_by == date(2029, 2, 28)
    assert found.is_overdue(datetime.fromisoformat("2029-02-28T12:00:00+00:00"))


def test_the_list_is_kept_by_admins(work: Working, make: Make, reading: Reads) -> None:
    other = make.actor(make.account())
    with work(other) as unit, pytest.raises(NotFound):
        services.add(unit, terms=TERMS)
    with work(other) as unit, pytest.raises(NotFound):
        services.review(unit, on_date=TODAY, tested="")
    with reading(other) as read, pytest.raises(NotFound):
        queries.mended(read, offset=0, limit=1)
    with work(make.actor(make.admin())) as unit, pytest.raises(NotFound):
        services.edit(unit, issue_id=1, terms=TERMS)
