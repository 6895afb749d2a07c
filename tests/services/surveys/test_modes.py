"""Whose answers they are once sent: a person’s, a key’s, or nobody’s; and that nothing links them again."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from cop.core.access import Actor
from cop.core.errors import Refusal
from cop.models.accounts import Person
from cop.models.base import Base
from cop.models.events import Event, Part, PartState
from cop.models.surveys import AnonymousResponse, Ask, Mode, Response, ResponseState, Wave
from cop.queries.surveys import results, survey_rows
from cop.services import surveys as services
from scheduled import close_surveys
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.surveys import Surveys

WORDS_OF_A_DOUBLE = "What was said twice"

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def visit(make: Make, clock: FixedClock) -> Event:
    return make.visit(slots=[clock.now() - DAY], capacity=None)


@pytest.fixture
def people(make: Make) -> Sequence[Person]:
    return [make.person(f"Guest {number:02}") for number in range(12)]


@pytest.fixture
def close(app: Flask, clock: FixedClock) -> Callable[..., str]:
    """Run the job, so long after the last day of surveys that are asked today."""

    def run(after: timedelta = 14 * DAY + HOUR) -> str:
        clock.move(after)
        with app.app_context():
            return close_surveys.run()

    return run


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


def responses(reading: Reads) -> Sequence[Response]:
    with reading() as read:
        return read.session.scalars(select(Response).order_by(Response.id)).all()


def anonymous(reading: Reads) -> Sequence[AnonymousResponse]:
    with reading() as read:
        return read.session.scalars(select(AnonymousResponse)).all()


class TestNamed:
    def test_answers_stay_with_their_ask(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads
    ) -> None:
        [ask] = surveys.put(people[:1], visit, Mode.NAMED)
        surveys.answer(ask)
        assert [(kept.ask_id, kept.panel_key) for kept in responses(reading)] == [(ask.id, None)]


class TestPanel:
    def test_what_is_sent_loses_its_ask_and_its_instant(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads
    ) -> None:
        [ask] = surveys.put(people[:1], visit, Mode.PANEL)
        surveys.answer(ask, why="Because")
        [kept] = responses(reading)
        assert (kept.ask_id, kept.subject_id, kept.wave, kept.state) == (
            *(None, visit.id, Wave.PULSE),
            ResponseState.SUBMITTED,
        )
        assert kept.submitted_at == kept.saved_at == datetime(2026, 3, 2, tzinfo=UTC)
        assert [asked.done_on for asked in surveys.asks()] == [datetime(2026, 3, 2, tzinfo=UTC).date()]

    def test_a_key_links_what_one_person_says_in_a_programme(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, reading: Reads
    ) -> None:
        elsewhere = make.visit("Elsewhere", programme=make.programme("another"), slug="elsewhere")
        for event, wave in ((visit, Wave.PULSE), (visit, Wave.REFLECTION), (elsewhere, Wave.PULSE)):
            for ask in surveys.put(people[:2], event, Mode.PANEL, wave=wave):
                surveys.answer(ask)
        keys = [kept.panel_key for kept in responses(reading)]
        assert keys[:2] == keys[2:4]
        assert len(set(keys)) == 4

    def test_a_draft_is_saved_page_by_page_as_ever(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, work: Working, reading: Reads
    ) -> None:
        [ask] = surveys.put(people[:1], visit, Mode.PANEL)
        with work(Actor(ask.person_id, via="link")) as unit:
            services.save(unit, ask_id=ask.id, answers={"sure": 3}, seen=0)
        with work(Actor(ask.person_id, via="link")) as unit:
            services.send(unit, ask_id=ask.id, seen=1)
        with work(Actor(ask.person_id, via="link")) as unit:
            services.send(unit, ask_id=ask.id, seen=1)
        assert [kept.answers for kept in responses(reading)] == [{"sure": 3}]

    def test_sending_twice_changes_nothing_and_other_answers_are_refused(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads
    ) -> None:
        [ask] = surveys.put(people[:1], visit, Mode.PANEL)
        surveys.answer(ask, sure=3)
        surveys.answer(ask, sure=3)
        with pytest.raises(Refusal, match="sent your answers already"):
            surveys.answer(ask, sure=4)
        assert [kept.answers for kept in responses(reading)] == [{"sure": 3}]


class TestAnonymous:
    def test_answers_are_with_their_ask_until_nobody_can_answer_any_more(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, close: Callable[..., str]
    ) -> None:
        first = surveys.put(people[:5], visit, Mode.ANONYMOUS)
        assert close(2 * DAY) == "0 anonymous surveys closed"
        later = surveys.put(people[5:6], visit, Mode.ANONYMOUS)
        for ask in (*first, *later):
            surveys.answer(ask)
        assert close(12 * DAY + HOUR) == "0 anonymous surveys closed"
        assert close(2 * DAY - SECOND) == "0 anonymous surveys closed"
        assert len(responses(reading)) == 6
        assert close(SECOND) == "1 anonymous surveys closed"
        assert (len(responses(reading)), len(anonymous(reading))) == (0, 6)
        assert close(SECOND) == "0 anonymous surveys closed"

    def test_nobody_reads_them_before(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, reading: Reads,
        close: Callable[..., str],
    ) -> None:  # fmt: skip
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        for ask in asked:
            surveys.answer(ask)
        programme_id = make.programme().id
        with reading() as read:
            assert results(read, round_id=asked[0].id)[1] == []
            assert list(survey_rows(read, programme_id=programme_id)) == []
        close()
        with reading() as read:
            assert [item.n for item in results(read, round_id=asked[0].id)[1][0].items] == [12, 0]
            rows = list(survey_rows(read, programme_id=programme_id))
        assert {(row.person_id, row.name, row.organisation, row.on.isoformat()) for row in rows} == {
            (None, None, None, "2026-03-16")
        }
        assert len({row.respondent for row in rows}) == 12

    def test_cannot_be_changed_or_sent_again_after_sending(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, close: Callable[..., str]
    ) -> None:
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        for ask in asked:
            surveys.answer(ask, sure=3)
        surveys.answer(asked[0], sure=3)
        with pytest.raises(Refusal, match="sent your answers already"):
            surveys.answer(asked[0], sure=4)
        close()
        with pytest.raises(Refusal, match="sent your answers already"):
            surveys.answer(asked[0], sure=3)
        assert responses(reading) == []

    def test_of_fewer_than_five_are_deleted_and_so_is_what_was_never_sent(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, work: Working, reading: Reads,
        close: Callable[..., str],
    ) -> None:  # fmt: skip
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        for ask in asked[:4]:
            surveys.answer(ask)
        with work(Actor(asked[4].person_id, via="link")) as unit:
            services.save(unit, ask_id=asked[4].id, answers={"sure": 3}, seen=0)
        close()
        assert (responses(reading), anonymous(reading)) == ([], [])

    @pytest.mark.parametrize("mode", [Mode.NAMED, Mode.ANONYMOUS])
    def test_a_merge_that_is_undone_brings_the_ask_back_and_only_named_answers(
        self, mode: Mode, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, merges: Merging
    ) -> None:
        asked = surveys.put(people[:2], visit, mode)
        for ask in asked:
            surveys.answer(ask)
        merge = merges.people(*people[:2])
        assert [ask.id for ask in surveys.asks()] == [asked[0].id]
        merges.undo(merge)
        assert [(ask.id, ask.done_on is None) for ask in surveys.asks()] == [(ask.id, False) for ask in asked]
        back = asked if mode is Mode.NAMED else asked[:1]
        assert [response.ask_id for response in responses(reading)] == [ask.id for ask in back]

    def test_named_answers_and_those_of_other_surveys_are_left_alone(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, reading: Reads, close: Callable[..., str]
    ) -> None:
        [named] = surveys.put(people[:1], visit, Mode.NAMED)
        surveys.answer(named)
        for ask in surveys.put(people, visit, Mode.ANONYMOUS):
            surveys.answer(ask)
        close(10 * DAY)
        for ask in surveys.put(people, visit, Mode.ANONYMOUS, wave=Wave.REFLECTION):
            surveys.answer(ask)
        close(4 * DAY + HOUR)
        assert len(responses(reading)) == 1 + 12
        assert {kept.wave for kept in anonymous(reading)} == {Wave.PULSE}

    def test_before_a_course_they_wait_until_it_begins(
        self, surveys: Surveys, people: Sequence[Person], clock: FixedClock, reading: Reads, close: Callable[..., str]
    ) -> None:
        course = surveys.course(clock.now() + 60 * DAY)
        for ask in surveys.put(people, course, Mode.ANONYMOUS, wave=Wave.BASELINE):
            surveys.answer(ask)
        assert close(40 * DAY) == "0 anonymous surveys closed"
        assert close(20 * DAY) == "1 anonymous surveys closed"

    @pytest.mark.parametrize(("wave", "after"), [(Wave.PULSE, 14), (Wave.REFLECTION, 28)])
    def test_of_an_event_on_several_days_they_wait_for_those_who_come_last(
        self, wave: Wave, after: int, surveys: Surveys, people: Sequence[Person], make: Make, clock: FixedClock,
        reading: Reads, close: Callable[..., str],
    ) -> None:  # fmt: skip
        """So long after the last date as anybody is asked; then until whoever was asked can answer no more."""
        event = make.visit(slots=[clock.now() - DAY, clock.now() + 30 * DAY], capacity=None)
        for ask in surveys.put(people[:6], event, wave=wave, mode=Mode.ANONYMOUS):
            surveys.answer(ask)
        last = event.parts[1].ends_at
        clock.set(last + after * DAY - SECOND)
        assert close(timedelta()) == "0 anonymous surveys closed"
        for ask in surveys.put(people[6:], event, wave=wave, mode=Mode.ANONYMOUS):
            surveys.answer(ask)
        assert close(14 * DAY + HOUR - SECOND) == "0 anonymous surveys closed"
        assert close(SECOND) == "1 anonymous surveys closed"
        assert len(anonymous(reading)) == 12

    def test_a_date_that_was_called_off_holds_nothing_up(
        self, surveys: Surveys, people: Sequence[Person], make: Make, clock: FixedClock, work: Working,
        close: Callable[..., str],
    ) -> None:  # fmt: skip
        event = make.visit(slots=[clock.now() - DAY, clock.now() + 30 * DAY], capacity=None)
        for ask in surveys.put(people, event, Mode.ANONYMOUS):
            surveys.answer(ask)
        with work() as unit:
            unit.session.get_one(Part, event.parts[1].id).state = PartState.CANCELLED
        assert close() == "1 anonymous surveys closed"

    def test_two_closing_at_once_copy_them_once(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, app: Flask, reading: Reads, clock: FixedClock
    ) -> None:
        for ask in surveys.put(people, visit, Mode.ANONYMOUS):
            surveys.answer(ask)
        clock.move(15 * DAY)
        together = Barrier(3)

        def run() -> None:
            together.wait()
            with app.app_context():
                close_surveys.run()

        runners = [Thread(target=run) for _ in range(3)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        assert len(anonymous(reading)) == 12


class TestWhoTakesTheDatabase:
    """Everything that the database holds after an anonymous survey has closed, in the hands of somebody curious."""

    @pytest.fixture
    def closed(
        self, surveys: Surveys, people: Sequence[Person], visit: Event, make: Make, work: Working, browse: Browse,
        clock: FixedClock, close: Callable[..., str], merges: Merging,
    ) -> list[Ask]:  # fmt: skip
        """Twelve people answered, each in their own words, on several days and in an order of their own, some of them
        on two days and one on the page itself; the asks in the order of answering. One of them had answered under
        another record as well, which was merged before the closing.
        """
        asked = surveys.put(people, visit, Mode.ANONYMOUS)
        [double] = surveys.put([make.person("A double")], visit, Mode.ANONYMOUS)
        surveys.answer(double, why=WORDS_OF_A_DOUBLE)
        order = [asked[(5 * number + 3) % 12] for number in range(12)]
        for number, ask in enumerate(order):
            clock.move(7 * HOUR)
            given = {"sure": number % 11, "why": f"Words of {ask.person.name}"}
            if number == 0:
                browse.get(surveys.address(ask)).submit(sure="0", why=given["why"])
            elif number % 3:
                surveys.answer(ask, **given)
            else:
                with work(Actor(ask.person_id, via="link")) as unit:
                    services.save(unit, ask_id=ask.id, answers=given, seen=0)
                clock.move(HOUR)
                with work(Actor(ask.person_id, via="link")) as unit:
                    services.send(unit, ask_id=ask.id, seen=1)
        merges.people(people[0], double.person)
        surveys.run()
        browse.sign_in(make.admin()).get(f"/surveys/{asked[0].id}/results")
        assert close() == "1 anonymous surveys closed"
        browse.get(f"/surveys/{asked[0].id}/results")
        assert "Words of Guest" in browse.text
        return order

    def dump(self, reading: Reads) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables, those of the migrations too, with what PostgreSQL knows of each row."""
        with reading() as read:
            names = read.session.scalars(
                text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
            ).all()
            assert set(Base.metadata.tables) <= set(names)
            return {
                name: [
                    dict(row._mapping)
                    for row in read.session.execute(
                        text(f'SELECT xmin::text, cmin::text, ctid::text, t::text AS row FROM "{name}" t ORDER BY ctid')  # noqa: S608
                    )
                ]
                for name in names
            }

    def test_finds_the_answers_in_one_place_alone(self, closed: list[Ask], reading: Reads) -> None:
        everywhere = self.dump(reading)
        answers = everywhere.pop("anonymous_response")
        assert len(answers) == len(closed)
        elsewhere = "\n".join(row["row"] for rows in everywhere.values() for row in rows)
        for kept in anonymous(reading):
            assert kept.key not in elsewhere
            assert kept.answers["why"] not in elsewhere
        assert WORDS_OF_A_DOUBLE not in elsewhere
        assert everywhere["response"] == []

    def test_finds_nobody_in_that_place(self, closed: list[Ask], reading: Reads) -> None:
        """No id, no random word, no day of one’s own: rows differ in their key and in the answers."""
        rows = self.dump(reading)["anonymous_response"]
        told = [{**answers.answers, "why": ""} for answers in anonymous(reading)]
        assert all(set(each) == {"sure", "why"} for each in told)
        columns = set(AnonymousResponse.__table__.columns.keys())
        kept = anonymous(reading)
        differing = {name for name in columns if len({str(getattr(row, name)) for row in kept}) > 1}
        assert differing == {"key", "answers"}
        for ask in closed:
            assert not [row for row in rows if ask.public_id in row["row"] or ask.person.public_id in row["row"]]

    def test_learns_nothing_from_transactions_and_orders(self, closed: list[Ask], reading: Reads) -> None:
        """All were written by one transaction; the chance that their order is that of anything else is 1 in 12!."""
        rows = self.dump(reading)["anonymous_response"]
        assert len({row["xmin"] for row in rows}) == 1
        names = [row["row"].partition("Words of ")[2][:8] for row in rows]
        by_key = [kept.answers["why"][9:] for kept in sorted(anonymous(reading), key=lambda kept: kept.key)]
        asked = [ask.person.name for ask in sorted(closed, key=lambda ask: ask.id)]
        answered = [ask.person.name for ask in closed]
        for order in (names, by_key):
            assert sorted(order) == asked
            assert order not in (asked, asked[::-1], answered, answered[::-1])

    def test_learns_from_the_asks_that_people_answered_and_no_more(self, closed: list[Ask], surveys: Surveys) -> None:
        assert all(ask.done_on is not None for ask in surveys.asks())
        assert set(Ask.__table__.columns.keys()) == {
            *("id", "public_id", "questionnaire_id", "person_id", "subject_kind", "subject_id", "wave"),
            *("opens_at", "closes_at", "done_on", "generation"),
        }
