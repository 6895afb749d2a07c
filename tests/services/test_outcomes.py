"""What a summit led to: reports and decisions, which follows from which, and nothing that follows from itself."""

from datetime import date
from typing import Any

import pytest

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event
from cop.models.summits import Outcome, OutcomeKind
from cop.queries import outcomes as queries
from cop.queries.events import revision
from cop.queries.outcomes import Shown
from cop.services import outcomes as services
from tests.support.make import Make, Reads, Working
from tests.support.summits import make_summit


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work)


def said(title: str = "The report", kind: OutcomeKind = OutcomeKind.REPORT, **other: Any) -> services.Said:
    return services.Said(kind=kind, title=title, **other)


def add(make: Make, work: Working, summit: Event, what: services.Said, actor: Actor | None = None) -> Outcome:
    seen = revision(make.event(summit.id))
    with work(*([actor] if actor else [])) as opened:
        return services.add_outcome(opened, event_id=summit.id, seen=seen, said=what)


def edit(make: Make, work: Working, summit: Event, outcome: Outcome, what: services.Said) -> Outcome:
    seen = revision(make.event(summit.id))
    with work() as opened:
        return services.edit_outcome(opened, event_id=summit.id, outcome_id=outcome.id, seen=seen, said=what)


def shown(reading: Reads, summit: Event) -> list[Shown]:
    with reading() as read:
        return list(queries.outcomes_of(read, summit))


def test_stand_after_what_they_follow_from(make: Make, work: Working, reading: Reads, summit: Event) -> None:
    brent = make.organisation("Brent Council")
    decision = OutcomeKind.DECISION
    report = add(make, work, summit, said(on_date=date(2026, 2, 1), url="https://cop.example/report"))
    add(make, work, summit, said("Another report"))
    first = add(make, work, summit, said("A fund", decision, follows=report.id, organisation=" brent  council "))
    add(make, work, summit, said("Who gets it", decision, follows=first.id))
    assert [(one.outcome.title, one.number, one.depth, one.row, one.after) for one in shown(reading, summit)] == [
        ("The report", 1, 1, 1, 0),
        ("A fund", 1, 2, 2, 1),
        ("Who gets it", 2, 3, 3, 2),
        ("Another report", 2, 1, 4, 0),
    ]
    assert (first.organisation_id, shown(reading, summit)[1].organisation) == (brent.id, "Brent Council")


def test_follow_neither_from_themselves_nor_from_what_follows_from_them(
    make: Make, work: Working, reading: Reads, summit: Event
) -> None:
    report = add(make, work, summit, said())
    fund = add(make, work, summit, said("A fund", follows=report.id))
    elsewhere = add(make, work, other := make_summit(make, work, title="Another summit"), said())
    for follows in (report.id, fund.id, elsewhere.id):
        with pytest.raises(Refusal, match="Choose one from the list"):
            edit(make, work, summit, report, said(follows=follows))
    edit(make, work, summit, fund, said("A fund", follows=None))
    edit(make, work, summit, report, said(follows=fund.id))
    assert [one.outcome.title for one in shown(reading, summit)] == ["A fund", "The report"]
    with pytest.raises(NotFound):
        edit(make, work, other, report, said())


def test_what_followed_from_one_that_goes_follows_from_what_was_before(
    make: Make, work: Working, reading: Reads, summit: Event
) -> None:
    report = add(make, work, summit, said())
    fund = add(make, work, summit, said("A fund", follows=report.id))
    add(make, work, summit, said("Who gets it", follows=fund.id))
    with work() as opened:
        services.remove_outcome(
            opened, event_id=summit.id, outcome_id=fund.id, seen=revision(opened.session.get_one(Event, summit.id))
        )
    assert [(one.outcome.title, one.depth) for one in shown(reading, summit)] == [("The report", 1), ("Who gets it", 2)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://cop.example/"}, "begins with https://"),
        ({"organisation": "Nowhere Council"}, "The directory knows no organisation of this name"),
        ({"on_date": date(2026, 3, 3)}, "today or earlier"),
    ],
)
def test_are_refused_with_what_is_wrong(
    make: Make, work: Working, summit: Event, wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        add(make, work, summit, said(**wrong))


def test_are_for_those_who_prepare_the_summit_as_they_saw_it(make: Make, work: Working, summit: Event) -> None:
    host = make.account()
    make.grant(host, Role.HOST, event=summit)
    for actor in (make.actor(host), Actor()):
        with pytest.raises(NotFound):
            add(make, work, summit, said(), actor)
    with pytest.raises(NotFound):
        add(make, work, make.visit(), said())
    seen = revision(make.event(summit.id))
    with pytest.raises(Refusal, match="Somebody else changed"), work() as opened:
        services.add_outcome(opened, event_id=summit.id, seen=seen - 1, said=said())


def test_are_fifty_at_most(make: Make, work: Working, summit: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    add(make, work, summit, said())
    with pytest.raises(Refusal, match="at most"):
        add(make, work, summit, said("Another"))
