"""The breach log: 72 hours, risk, and what has to be said before an entry is closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.privacy import Breach, BreachRisk
from cop.queries import breaches as queries
from cop.services import breaches as services
from cop.services.breaches import Assessed, Told
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working

HOUR = timedelta(hours=1)

LATER = datetime(2026, 3, 2, 10, tzinfo=UTC)

Do = Callable[..., Breach]


@pytest.fixture
def admin(make: Make) -> Actor:
    return make.actor(make.admin())


@pytest.fixture
def told(clock: FixedClock) -> Told:
    return Told(noticed_at=clock.now(), what="A list of guests went to the wrong address", measures="It was deleted.")


@pytest.fixture
def do(work: Working, admin: Actor) -> Do:
    def act(what: Callable[..., Breach], **given: Any) -> Breach:
        with work(admin) as unit:
            return what(unit, **given)

    return act


@pytest.fixture
def breach(do: Do, told: Told) -> Breach:
    return do(services.enter, told=told)


def test_is_to_be_reported_within_seventy_two_hours_of_being_noticed(breach: Breach, told: Told) -> None:
    assert queries.report_by(breach) == told.noticed_at + 72 * HOUR


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"what": ""}, "what"),
        ({"noticed_at": LATER}, "noticed_at"),
        ({"happened_at": LATER}, "happened_at"),
    ],
)
def test_what_cannot_be_is_refused(do: Do, told: Told, breach: Breach, change: dict[str, Any], field: str) -> None:
    wrong = replace(told, **change)
    for act, given in ((services.enter, {}), (services.edit, {"public_id": breach.public_id})):
        with pytest.raises(Refusal) as refused:
            do(act, told=wrong, **given)
        assert refused.value.field == field


def test_is_changed_until_it_is_closed(do: Do, told: Told, breach: Breach) -> None:
    assert do(services.edit, public_id=breach.public_id, told=replace(told, people=3)).people == 3
    do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.UNLIKELY, "Deleted unread."))
    do(services.close, public_id=breach.public_id)
    for act, given in (
        (services.edit, {"told": told}),
        (services.assess, {"assessed": Assessed(BreachRisk.HIGH, "So")}),
        (services.close, {}),
    ):
        with pytest.raises(Refusal, match="is closed"):
            do(act, public_id=breach.public_id, **given)


@pytest.mark.parametrize(
    ("assessed", "missing"),
    [
        (None, "how great the risk is"),
        (Assessed(BreachRisk.RISK, "So"), "reported to the ICO"),
        (Assessed(BreachRisk.HIGH, "So", why_not_reported="Encrypted"), "the people were told"),
        (Assessed(BreachRisk.UNLIKELY, "So"), None),
        (Assessed(BreachRisk.RISK, "So", why_not_reported="Encrypted"), None),
        (Assessed(BreachRisk.HIGH, "So", why_not_reported="Encrypted", why_not_told="Encrypted"), None),
    ],
)
def test_closes_once_it_says_what_the_law_asks_for(
    do: Do, breach: Breach, assessed: Assessed | None, missing: str | None
) -> None:
    if assessed is not None:
        do(services.assess, public_id=breach.public_id, assessed=assessed)
    if missing is None:
        assert do(services.close, public_id=breach.public_id).closed_at is not None
    else:
        with pytest.raises(Refusal, match=missing):
            do(services.close, public_id=breach.public_id)


def test_closes_once_it_says_what_was_done(do: Do, told: Told) -> None:
    breach = do(services.enter, told=replace(told, measures=""))
    do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.UNLIKELY, "So"))
    with pytest.raises(Refusal, match="what was done"):
        do(services.close, public_id=breach.public_id)


@pytest.mark.parametrize("field", ["reported_at", "people_told_at"])
@pytest.mark.parametrize("hours", [-1, 1])
def test_nobody_was_told_before_it_was_noticed_or_after_now(
    do: Do, told: Told, breach: Breach, field: str, hours: int
) -> None:
    assessed = Assessed(BreachRisk.HIGH, "So", **{field: told.noticed_at + hours * HOUR})  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        do(services.assess, public_id=breach.public_id, assessed=assessed)
    assert refused.value.field == field


def test_a_risk_needs_its_reason(do: Do, breach: Breach) -> None:
    with pytest.raises(Refusal) as refused:
        do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.RISK, ""))
    assert refused.value.field == "why_risk"


def test_waits_on_the_desk_until_somebody_decided(do: Do, breach: Breach, reading: Reads, admin: Actor) -> None:
    def waiting() -> int:
        with reading(admin) as read:
            return queries.count_undecided(read)

    assert waiting() == 1
    do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.RISK, "So"))
    assert waiting() == 1
    reported = Assessed(BreachRisk.RISK, "So", reported_at=breach.noticed_at)
    do(services.assess, public_id=breach.public_id, assessed=reported)
    assert waiting() == 0
    do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.UNLIKELY, "So"))
    assert waiting() == 0


def test_open_ones_are_listed_first(do: Do, told: Told, breach: Breach, reading: Reads, admin: Actor) -> None:
    do(services.assess, public_id=breach.public_id, assessed=Assessed(BreachRisk.UNLIKELY, "So"))
    do(services.close, public_id=breach.public_id)
    older = do(services.enter, told=replace(told, noticed_at=told.noticed_at - 9 * HOUR))
    newer = do(services.enter, told=replace(told, noticed_at=told.noticed_at - HOUR))
    with reading(admin) as read:
        assert [found.id for found in queries.listed(read)] == [newer.id, older.id, breach.id]
        assert [found.id for found in queries.listed(read, offset=1, limit=1)] == [older.id, breach.id]


def test_is_for_admins_of_everything(work: Working, reading: Reads, make: Make, told: Told, breach: Breach) -> None:
    outsider = make.actor(make.account())
    for act, given in (
        (services.enter, {"told": told}),
        (services.edit, {"public_id": breach.public_id, "told": told}),
        (services.assess, {"public_id": breach.public_id, "assessed": Assessed(BreachRisk.RISK, "So")}),
        (services.close, {"public_id": breach.public_id}),
    ):
        with pytest.raises(NotFound), work(outsider) as unit:
            act(unit, **given)
    with reading(outsider) as read:
        assert queries.count_undecided(read) == 0
        with pytest.raises(NotFound):
            queries.listed(read)
        with pytest.raises(NotFound):
            queries.one(read, public_id=breach.public_id)
