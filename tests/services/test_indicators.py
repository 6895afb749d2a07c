"""Saying what a programme is judged by, noting values by hand, and counting at night."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.evidence import IndicatorValue, Unit
from cop.queries.indicators import ALL, MEASURES
from cop.services import indicators as services
from cop.services.indicators import Noted, Terms
from scheduled import count_indicators
from tests.support.audit import lines
from tests.support.clock import FixedClock
from tests.support.indicators import SLUG, TERMS, Indicators
from tests.support.make import Make, Reads, Working

TODAY = date(2026, 3, 2)


@pytest.fixture
def indicators(app: Flask, make: Make) -> Indicators:
    return Indicators(app, make)


def terms(**more: Any) -> Terms:
    return Terms(**{**TERMS, **more})


class TestAdding:
    def test_by_hand(self, indicators: Indicators) -> None:
        made = indicators.add(baseline=Decimal(3), baseline_on=date(2025, 9, 1), target=Decimal(20))
        assert (made.code, made.measure, made.position) == ("residents-who-shaped-a-plan", None, 1)
        assert (made.baseline, made.baseline_on, made.target, made.target_on) == (
            Decimal(3),
            date(2025, 9, 1),
            Decimal(20),
            None,
        )
        assert indicators.values(made.code) == []

    def test_the_same_name_twice_has_two_codes(self, indicators: Indicators) -> None:
        indicators.add()
        assert indicators.add().code == "residents-who-shaped-a-plan-2"
        assert indicators.codes() == ["residents-who-shaped-a-plan", "residents-who-shaped-a-plan-2"]

    def test_what_the_service_counts_has_a_value_and_its_unit_at_once(self, indicators: Indicators) -> None:
        made = indicators.add("pledges-made", name="Pledges", unit=Unit.PERCENT)
        [value] = indicators.values("pledges")
        assert (made.unit, value.on_date, value.value, value.recorded_by) == (Unit.COUNT, TODAY, Decimal(0), None)

    def test_nothing_is_counted_twice(self, indicators: Indicators, work: Working) -> None:
        indicators.add("pledges-made", name="Pledges")
        with pytest.raises(Refusal, match="counts this already"), work(indicators.actor) as unit:
            services.add(unit, slug=SLUG, terms=terms(), measure="pledges-made")

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"name": "…"}, "name"),
            ({"definition": ""}, "definition"),
            ({"definition": "x" * 1_001}, "definition"),
            ({"source": ""}, "source"),
            ({"question": 15}, "question"),
            ({"question": 0}, "question"),
            ({"baseline": Decimal(1)}, "baseline_on"),
            ({"baseline_on": TODAY}, "baseline"),
            ({"target_on": TODAY}, "target"),
            ({"target": Decimal("2.5")}, "target"),
            ({"target": Decimal(-1)}, "target"),
            ({"target": Decimal("NaN")}, "target"),
            ({"target": Decimal(10**9 + 1)}, "target"),
            ({"unit": Unit.PERCENT, "target": Decimal(101)}, "target"),
            ({"unit": Unit.HOURS, "target": Decimal("-0.5")}, "target"),
            ({"unit": Unit.MEAN, "target": Decimal("0.1234567")}, "target"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, indicators: Indicators, work: Working, more: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refusal) as refused, work(indicators.actor) as unit:
            services.add(unit, slug=SLUG, terms=terms(**more))
        assert refused.value.field == field
        assert indicators.codes() == []

    def test_refuses_a_measure_that_nobody_knows(self, indicators: Indicators, work: Working) -> None:
        with pytest.raises(Refusal, match="Choose what"), work(indicators.actor) as unit:
            services.add(unit, slug=SLUG, terms=terms(), measure="happiness")

    def test_there_is_an_end(self, indicators: Indicators, work: Working, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "MOST", 1)
        indicators.add()
        with pytest.raises(Refusal, match="at most 1 "), work(indicators.actor) as unit:
            services.add(unit, slug=SLUG, terms=terms())

    @pytest.mark.parametrize("role", [Role.EVALUATOR, Role.FACILITATOR, Role.ADMIN])
    def test_is_for_admins_of_the_programme(
        self, indicators: Indicators, make: Make, work: Working, role: Role
    ) -> None:
        """The admin here is one of another programme."""
        person = make.account("Somebody")
        make.grant(person, role, programme=make.programme("another") if role is Role.ADMIN else indicators.programme)
        actor = make.actor(person)
        indicators.add()
        code = "residents-who-shaped-a-plan"
        writes: list[Callable[[Any], Any]] = [
            lambda unit: services.add(unit, slug=SLUG, terms=terms()),
            lambda unit: services.change(unit, slug=SLUG, code=code, terms=terms()),
            lambda unit: services.retire(unit, slug=SLUG, code=code),
            lambda unit: services.restore(unit, slug=SLUG, code=code),
            lambda unit: services.move(unit, slug=SLUG, code=code, up=True),
            lambda unit: services.add_ready_made(unit, slug=SLUG),
            lambda unit: services.count_again(unit, slug=SLUG),
            lambda unit: services.count(unit, programme_id=indicators.programme.id),
            lambda unit: services.note(unit, slug=SLUG, code=code, noted=Noted(TODAY, Decimal(1))),
            lambda unit: services.correct(
                unit, slug=SLUG, code=code, day=TODAY, noted=Noted(TODAY, Decimal(1)), seen=""
            ),
        ]
        for write in writes:
            with pytest.raises(NotFound), work(actor) as unit:
                write(unit)


class TestReadyMade:
    def test_are_added_once_and_counted(self, indicators: Indicators, work: Working) -> None:
        wanted = [measure for measure in ALL if measure.is_ready_made]
        with work(indicators.actor) as unit:
            assert services.add_ready_made(unit, slug=SLUG) == len(wanted)
        assert indicators.codes() == [measure.code for measure in wanted]
        assert [value.value for value in indicators.values("applied")] == [0]
        with work(indicators.actor) as unit:
            assert services.add_ready_made(unit, slug=SLUG) == 0

    def test_retired_and_renamed_ones_stay_as_they_are(self, indicators: Indicators, work: Working) -> None:
        with work(indicators.actor) as unit:
            services.add_ready_made(unit, slug=SLUG)
            services.retire(unit, slug=SLUG, code="applied")
            services.change(unit, slug=SLUG, code="completed", terms=terms(name="Finished"))
            assert services.add_ready_made(unit, slug=SLUG) == 0
        assert "applied" not in indicators.codes()

    def test_every_measure_has_a_question_and_words_that_fit(self) -> None:
        assert len(MEASURES) == len(ALL)
        for measure in ALL:
            assert 1 <= measure.question <= 13
            assert len(measure.name) <= services.NAME_MOST
            assert len(measure.definition) <= services.TEXT_MOST
        assert {measure.question for measure in ALL} == set(range(1, 14))


class TestChanging:
    def test_code_and_measure_stay(self, indicators: Indicators, work: Working) -> None:
        indicators.add("pledges-made", name="Pledges")
        with work(indicators.actor) as unit:
            made = services.change(
                unit, slug=SLUG, code="pledges", terms=terms(name="Promises", unit=Unit.HOURS, target=Decimal(9))
            )
        assert (made.code, made.measure, made.unit, made.name) == ("pledges", "pledges-made", Unit.COUNT, "Promises")

    def test_a_unit_changes_only_before_there_are_values(self, indicators: Indicators, work: Working) -> None:
        code = indicators.add().code
        with work(indicators.actor) as unit:
            services.change(unit, slug=SLUG, code=code, terms=terms(unit=Unit.PERCENT))
        indicators.note(code, 40, on=TODAY, n=10)
        with pytest.raises(Refusal, match="another unit") as refused, work(indicators.actor) as unit:
            services.change(unit, slug=SLUG, code=code, terms=terms(unit=Unit.COUNT))
        assert refused.value.field == "unit"

    def test_retired_ones_are_counted_no_more_until_they_are_restored(
        self, indicators: Indicators, work: Working, clock: FixedClock, app: Flask
    ) -> None:
        indicators.add("pledges-made", name="Pledges")
        indicators.add("applied", name="Applied")
        with work(indicators.actor) as unit:
            services.retire(unit, slug=SLUG, code="pledges")
        clock.move(timedelta(days=1))
        with app.app_context():
            assert count_indicators.run() == "1 indicators counted"
        with work(indicators.actor) as unit:
            services.restore(unit, slug=SLUG, code="pledges")
        assert [value.on_date for value in indicators.values("pledges")] == [TODAY, TODAY + timedelta(days=1)]

    def test_what_another_counts_by_now_is_not_restored(self, indicators: Indicators, work: Working) -> None:
        indicators.add("pledges-made", name="Pledges")
        with work(indicators.actor) as unit:
            services.retire(unit, slug=SLUG, code="pledges")
        indicators.add("pledges-made", name="Promises")
        with pytest.raises(Refusal, match="counts this already"), work(indicators.actor) as unit:
            services.restore(unit, slug=SLUG, code="pledges")

    def test_they_change_places(self, indicators: Indicators, work: Working) -> None:
        for name in ("One", "Two", "Three"):
            indicators.add(name=name)
        with work(indicators.actor) as unit:
            services.move(unit, slug=SLUG, code="three", up=True)
            services.move(unit, slug=SLUG, code="one", up=True)
        assert indicators.codes() == ["one", "three", "two"]
        with work(indicators.actor) as unit:
            services.move(unit, slug=SLUG, code="one", up=False)
            services.move(unit, slug=SLUG, code="two", up=False)
        assert indicators.codes() == ["three", "one", "two"]

    def test_the_audit_tells_what_it_was(self, indicators: Indicators, work: Working, reading: Reads) -> None:
        made = indicators.add(target=Decimal(10))
        with work(indicators.actor) as unit:
            services.change(unit, slug=SLUG, code=made.code, terms=terms(target=Decimal(20)))
        indicators.note(made.code, 6, on=TODAY)
        with work(indicators.actor) as unit:
            seen = indicators.values(made.code)[0].recorded_at.isoformat()
            services.correct(unit, slug=SLUG, code=made.code, day=TODAY, noted=Noted(TODAY, Decimal(7)), seen=seen)
        told = [str(line) for line in lines(reading, "indicator", made.id)]
        assert any("target" in line and "10" in line and "20" in line for line in told)
        assert any("value" in line and "6" in line and "7" in line for line in told)


class TestNoting:
    def test_values_stand_by_day(self, indicators: Indicators) -> None:
        code = indicators.add().code
        indicators.note(code, 6, on=date(2026, 1, 31), note=" From the call. ")
        indicators.note(code, 9, on=TODAY)
        first, second = indicators.values(code)
        assert (first.value, first.note, first.recorded_by) == (Decimal(6), "From the call.", indicators.admin.id)
        assert second.value == 9

    @pytest.mark.parametrize(
        ("noted", "field"),
        [
            (Noted(TODAY + timedelta(days=1), Decimal(1)), "on_date"),
            (Noted(date(2026, 2, 1), Decimal(1)), "on_date"),
            (Noted(TODAY, Decimal("1.5")), "value"),
            (Noted(TODAY, Decimal(-1)), "value"),
            (Noted(TODAY, Decimal(1), 0), "n"),
            (Noted(TODAY, Decimal(1), 10, "x" * 501), "note"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, indicators: Indicators, work: Working, noted: Noted, field: str) -> None:
        code = indicators.add().code
        indicators.note(code, 6, on=date(2026, 2, 1))
        with pytest.raises(Refusal) as refused, work(indicators.actor) as unit:
            services.note(unit, slug=SLUG, code=code, noted=noted)
        assert refused.value.field == field
        assert len(indicators.values(code)) == 1

    @pytest.mark.parametrize("unit", [Unit.PERCENT, Unit.MEDIAN, Unit.MEAN])
    def test_shares_and_middles_say_from_how_many(self, indicators: Indicators, work: Working, unit: Unit) -> None:
        code = indicators.add(unit=unit).code
        with pytest.raises(Refusal) as refused, work(indicators.actor) as opened:
            services.note(opened, slug=SLUG, code=code, noted=Noted(TODAY, Decimal(1)))
        assert refused.value.field == "n"
        assert indicators.note(code, 1.5, on=TODAY, n=12).n == 12

    def test_what_the_service_counts_nobody_notes(self, indicators: Indicators, work: Working) -> None:
        indicators.add("pledges-made", name="Pledges")
        with pytest.raises(NotFound), work(indicators.actor) as unit:
            services.note(unit, slug=SLUG, code="pledges", noted=Noted(date(2026, 1, 1), Decimal(1)))

    def test_retired_ones_are_noted_no_more(self, indicators: Indicators, work: Working) -> None:
        code = indicators.add().code
        with work(indicators.actor) as unit:
            services.retire(unit, slug=SLUG, code=code)
        with pytest.raises(NotFound), work(indicators.actor) as unit:
            services.note(unit, slug=SLUG, code=code, noted=Noted(TODAY, Decimal(1)))

    def test_a_value_is_put_right_with_its_day(self, indicators: Indicators, work: Working) -> None:
        code = indicators.add().code
        seen = indicators.note(code, 6, on=date(2026, 2, 1)).recorded_at.isoformat()
        noted = Noted(date(2026, 2, 2), Decimal(7), 30, "Counted twice.")
        with work(indicators.actor) as unit:
            services.correct(unit, slug=SLUG, code=code, day=date(2026, 2, 1), noted=noted, seen=seen)
        [value] = indicators.values(code)
        assert (value.on_date, value.value, value.n, value.note) == (date(2026, 2, 2), Decimal(7), 30, "Counted twice.")

    def test_two_who_put_it_right_do_not_overwrite_each_other(
        self, indicators: Indicators, work: Working, clock: FixedClock
    ) -> None:
        code = indicators.add().code
        day = date(2026, 2, 1)
        seen = indicators.note(code, 6, on=day).recorded_at.isoformat()
        clock.move(timedelta(minutes=1))
        with work(indicators.actor) as unit:
            services.correct(unit, slug=SLUG, code=code, day=day, noted=Noted(day, Decimal(7)), seen=seen)
        with pytest.raises(Refusal, match="Somebody else"), work(indicators.actor) as unit:
            services.correct(unit, slug=SLUG, code=code, day=day, noted=Noted(day, Decimal(8)), seen=seen)
        assert [value.value for value in indicators.values(code)] == [7]

    def test_a_day_that_has_a_value_is_not_taken(self, indicators: Indicators, work: Working) -> None:
        code = indicators.add().code
        seen = indicators.note(code, 6, on=date(2026, 2, 1)).recorded_at.isoformat()
        indicators.note(code, 7, on=TODAY)
        noted = Noted(TODAY, Decimal(6))
        with pytest.raises(Refusal) as refused, work(indicators.actor) as unit:
            services.correct(unit, slug=SLUG, code=code, day=date(2026, 2, 1), noted=noted, seen=seen)
        assert refused.value.field == "on_date"

    def test_a_day_without_a_value_is_none(self, indicators: Indicators, work: Working) -> None:
        code = indicators.add().code
        with pytest.raises(NotFound), work(indicators.actor) as unit:
            services.correct(unit, slug=SLUG, code=code, day=TODAY, noted=Noted(TODAY, Decimal(1)), seen="")


class TestCounting:
    def test_once_a_day(self, indicators: Indicators, clock: FixedClock, app: Flask) -> None:
        indicators.add("pledges-made", name="Pledges")
        with app.app_context():
            assert count_indicators.run() == "0 indicators counted"
        clock.move(timedelta(days=1))
        with app.app_context():
            assert count_indicators.run() == "1 indicators counted"
            assert count_indicators.run() == "0 indicators counted"
        assert len(indicators.values("pledges")) == 2

    def test_several_runners_count_once(self, indicators: Indicators, clock: FixedClock, app: Flask) -> None:
        indicators.add("pledges-made", name="Pledges")
        indicators.add("applied", name="Applied")
        clock.move(timedelta(days=1))

        def run(_number: int) -> str:
            with app.app_context():
                return count_indicators.run()

        with ThreadPoolExecutor(3) as pool:
            reports = sorted(pool.map(run, range(3)))
        assert reports == ["0 indicators counted", "0 indicators counted", "2 indicators counted"]
        assert len(indicators.values("pledges")) == 2

    def test_again_by_hand_takes_the_place_of_today(
        self, indicators: Indicators, work: Working, clock: FixedClock
    ) -> None:
        indicators.add("pledges-made", name="Pledges")
        indicators.counted("pledges", 7)
        clock.move(timedelta(hours=2))
        with work(indicators.actor) as unit:
            assert services.count_again(unit, slug=SLUG) == 1
        [value] = indicators.values("pledges")
        assert (value.value, value.recorded_at) == (Decimal(0), clock.now())

    def test_what_is_noted_by_hand_is_left_alone(self, indicators: Indicators, clock: FixedClock, app: Flask) -> None:
        code = indicators.add().code
        clock.move(timedelta(days=1))
        with app.app_context():
            assert count_indicators.run() == "0 indicators counted"
        assert indicators.values(code) == []

    def test_a_programme_of_long_ago_is_counted_no_more(
        self, indicators: Indicators, clock: FixedClock, app: Flask
    ) -> None:
        indicators.add("pledges-made", name="Pledges")
        clock.move(timedelta(days=400 + 400))
        with app.app_context():
            assert count_indicators.run() == "1 indicators counted"
        clock.move(timedelta(days=1))
        with app.app_context():
            assert count_indicators.run() == "0 indicators counted"

    def test_only_the_system_counts_at_night(self, indicators: Indicators, work: Working) -> None:
        with pytest.raises(NotFound), work(indicators.actor) as unit:
            services.count(unit, programme_id=indicators.programme.id)
        with pytest.raises(NotFound), work() as unit:
            services.count(unit, programme_id=10**6)

    def test_the_nights_leave_no_trace_in_the_audit(
        self, indicators: Indicators, app: Flask, clock: FixedClock, reading: Reads
    ) -> None:
        made = indicators.add("pledges-made", name="Pledges")
        before = lines(reading, "indicator", made.id)
        clock.move(timedelta(days=1))
        with app.app_context():
            assert count_indicators.run() == "1 indicators counted"
        assert lines(reading, "indicator", made.id) == before


def test_an_unknown_programme_is_none(indicators: Indicators, work: Working) -> None:
    with pytest.raises(NotFound), work(indicators.actor) as unit:
        services.add(unit, slug="unknown", terms=terms())


def test_visitors_write_nothing(indicators: Indicators, work: Working, reading: Reads) -> None:
    indicators.add()
    with pytest.raises(NotFound), work(Actor()) as unit:
        services.add_ready_made(unit, slug=SLUG)
    with reading() as read:
        assert read.session.scalars(select(IndicatorValue)).all() == []
