"""What applicants tell us for equality statistics, and what is counted of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.audit import Audit
from cop.models.cohorts import Application, Cohort, EqualityCount
from cop.models.events import Event, EventState
from cop.queries.cohorts import equality as queries
from cop.services.cohorts import applications, counting, equality
from scheduled import count_equality
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.equality import answer, count, counts, crowd, kept, open_course
from tests.support.make import Make, Reads, Working, working
from tests.support.make import reading as reading_of

DAY = timedelta(days=1)
FEMALE, MALE = {"sex": "female"}, {"sex": "male"}


@pytest.fixture
def event(make: Make) -> Event:
    return open_course(make)


class TestKeeping:
    def test_answers_lie_under_a_key_that_only_the_application_knows(self, make: Make, event: Event) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female", conditions="yes", reduce="a_little")
        (stored,) = kept(make)
        with reading_of(make._app) as read:
            key = read.session.get_one(Application, made.id).equality_key
            raw = read.session.scalar(text("SELECT equality_key FROM application"))
        assert stored.key == key
        assert key.encode() not in bytes(raw)
        assert stored.version == "2026-11"
        assert "female" in stored.answers

    def test_the_database_holds_neither_answers_nor_key_in_the_clear(
        self, make: Make, event: Event, reading: Reads
    ) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female")
        with reading() as read:
            answers = read.session.scalar(text("SELECT answers FROM equality_answer"))
            columns = read.session.scalars(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = 'equality_answer'")
            ).all()
        assert b"female" not in bytes(answers)
        assert set(columns) == {"key", "version", "answers"}

    def test_a_second_answer_joins_the_first_and_what_no_longer_follows_goes(
        self, make: Make, event: Event, reading: Reads
    ) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, conditions="yes")
        answer(make, made.person, event, reduce="a_lot")
        answer(make, made.person, event, sex="male", conditions="no")
        with reading(make.actor(made.person)) as read:
            assert queries.own_answers(read, event).answers == {"sex": "male", "conditions": "no"}
        assert len(kept(make)) == 1

    def test_what_is_no_option_is_refused(self, make: Make, event: Event, work: Working) -> None:
        made = panel.application(make, event)
        with pytest.raises(Refusal), work(make.actor(made.person)) as unit:
            equality.save(unit, event_id=event.id, answers={"sex": "forged"})
        assert kept(make) == []

    def test_gender_identity_is_asked_only_where_the_course_says_so(
        self, make: Make, event: Event, work: Working, reading: Reads
    ) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, gender="different", sex="female")
        with reading(make.actor(made.person)) as read:
            assert queries.own_answers(read, event).answers == {"sex": "female"}
        chair = panel.chair(make)
        with work(make.actor(chair)) as unit:
            equality.edit_questions(unit, event_id=event.id, asks=True)
        answer(make, made.person, event, gender="different", gender_words="Non-binary")
        with reading(make.actor(made.person)) as read:
            own = queries.own_answers(read, event)
        assert own.answers == {"sex": "female", "gender": "different", "gender_words": "Non-binary"}
        assert [item.code for item in own.asked][:3] == ["sex", "gender", "gender_words"]

    def test_only_those_who_may_alter_the_course_say_what_is_asked(
        self, make: Make, event: Event, work: Working
    ) -> None:
        for who in (panel.reviewer(make), make.account("Stranger")):
            with pytest.raises(NotFound), work(make.actor(who)) as unit:
                equality.edit_questions(unit, event_id=event.id, asks=True)

    def test_after_the_close_they_stay_as_they_are(
        self, make: Make, event: Event, work: Working, clock: FixedClock
    ) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female")
        clock.move(DAY)
        with pytest.raises(Refusal, match="closed"), work(make.actor(made.person)) as unit:
            equality.save(unit, event_id=event.id, answers={"sex": "male"})
        with pytest.raises(Refusal, match="closed"), work(make.actor(made.person)) as unit:
            equality.take_back(unit, event_id=event.id)

    def test_nobody_else_can_read_or_write_them(self, make: Make, event: Event, work: Working, reading: Reads) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female")
        for who in (panel.chair(make), panel.reviewer(make), make.admin(), make.account("Stranger")):
            with pytest.raises(NotFound), reading(make.actor(who)) as read:
                queries.own_answers(read, event)
            with pytest.raises(NotFound), work(make.actor(who)) as unit:
                equality.save(unit, event_id=event.id, answers={"sex": "male"})
            with pytest.raises(NotFound), work(make.actor(who)) as unit:
                counting.count(unit, cohort_id=event.id)

    def test_taking_them_back_removes_answers_and_key(self, make: Make, event: Event, work: Working) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female")
        with work(make.actor(made.person)) as unit:
            equality.take_back(unit, event_id=event.id)
        assert kept(make) == []
        assert keys(make, event) == [None]

    def test_withdrawing_the_application_removes_them(self, make: Make, event: Event, work: Working) -> None:
        made = panel.application(make, event)
        answer(make, made.person, event, sex="female")
        with work(make.actor(made.person)) as unit:
            applications.withdraw(unit, event_id=event.id)
        assert kept(make) == []
        assert keys(make, event) == [None]

    def test_the_audit_says_nothing_of_them(self, make: Make, event: Event, reading: Reads) -> None:
        made = panel.application(make, event)
        with reading() as read:
            before = read.session.scalar(select(func.count(Audit.id)))
        answer(make, made.person, event, sex="female")
        with reading() as read:
            assert read.session.scalar(select(func.count(Audit.id))) == before


def keys(make: Make, event: Event) -> list[Any]:
    with reading_of(make._app) as read:
        return list(read.session.scalars(select(Application.equality_key).where(Application.cohort_id == event.id)))


class TestCounting:
    def test_who_applied_is_counted_once_the_call_has_closed(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(make, event, (20, FEMALE), (12, MALE), (3, {"sex": "prefer_not"}), (1, {}))
        assert count(make, event) == 0
        clock.move(DAY)
        assert count(make, event) == 1
        assert counts(make, event, "everybody", "applied") == {"": 36}
        assert counts(make, event, "sex", "applied") == {"female": 20, "male": 12}

    def test_counting_again_and_again_changes_nothing(
        self, make: Make, event: Event, clock: FixedClock, work: Working
    ) -> None:
        made = crowd(make, event, (20, FEMALE), (12, MALE))
        clock.move(DAY)
        count(make, event)
        with work(Actor(made[0].person_id)) as unit:
            applications.withdraw(unit, event_id=event.id)
        clock.move(DAY)
        assert count(make, event) == 0
        assert counts(make, event, "sex", "applied") == {"female": 20, "male": 12}

    def test_of_fewer_than_thirty_nothing_is_stored(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(make, event, (20, FEMALE), (9, MALE))
        clock.move(DAY)
        assert count(make, event) == 0
        with reading_of(make._app) as read:
            assert read.session.scalar(select(func.count()).select_from(EqualityCount)) == 0

    def test_a_small_group_hides_the_whole_question(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(make, event, (28, FEMALE), (4, MALE), (3, {}))
        clock.move(DAY)
        count(make, event)
        assert counts(make, event, "sex", "applied") == {"female": None, "male": None}

    def test_small_groups_are_counted_together(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(
            make,
            event,
            (25, {"ethnic_group": "white"}),
            (4, {"ethnic_group": "asian"}),
            (3, {"ethnic_group": "black"}),
        )
        clock.move(DAY)
        count(make, event)
        assert counts(make, event, "ethnic_group", "applied") == {"white": 25, "minorities": 7}

    def test_disability_is_what_the_equality_act_says(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(
            make,
            event,
            (4, {"conditions": "yes", "reduce": "a_lot"}),
            (3, {"conditions": "yes", "reduce": "a_little"}),
            (2, {"conditions": "yes", "reduce": "not_at_all"}),
            (15, {"conditions": "no"}),
            (3, {"conditions": "yes"}),
            (4, {"conditions": "prefer_not"}),
        )
        clock.move(DAY)
        count(make, event)
        assert counts(make, event, "disability", "applied") == {"disabled": 7, "not_disabled": 17}

    def test_gender_identity_is_not_counted_where_it_was_not_asked(
        self, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (30, FEMALE))
        clock.move(DAY)
        count(make, event)
        assert counts(make, event, "gender", "applied") == {}

    def test_those_who_apply_after_the_counting_are_in_no_step(
        self, make: Make, event: Event, clock: FixedClock, work: Working
    ) -> None:
        crowd(make, event, (20, FEMALE), (12, MALE))
        clock.move(DAY)
        count(make, event)
        with work() as unit:
            unit.session.get_one(Event, event.id).closes_at = unit.now + DAY
        clock.move(DAY / 2)
        late = panel.application(make, event, "Late")
        clock.move(DAY)
        everybody_is_offered(make, event)
        clock.move(40 * DAY)
        count(make, event)
        assert counts(make, event, "everybody", "offered") == {"": 32}
        assert late.number == 33

    def test_the_later_steps_are_counted_when_the_course_begins_and_ends(
        self, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (20, FEMALE), (20, MALE))
        clock.move(DAY)
        chair = panel.chair(make)
        panel.decide(make, chair, event, "o" * 7 + "d" * 13 + "o" * 7 + "r" + "d" * 12)
        panel.release(make, chair, event)
        for offer in panel.offers_of(make, event):
            panel.accept(make, offer)
        assert count(make, event) == 1
        clock.move(30 * DAY)
        assert count(make, event) == 2
        assert counts(make, event, "sex", "accepted") == {"female": 7, "male": 7}
        assert counts(make, event, "sex", "completed") == {}
        assert keys(make, event) != [None] * 40
        for offer in panel.offers_of(make, event):
            panel.mark(make, event, offer.person_id, "aaaa")
        clock.move(31 * DAY)
        assert count(make, event) == 1
        assert counts(make, event, "sex", "completed") == {"female": 7, "male": 7}
        assert keys(make, event) == [None] * 40
        assert kept(make) == []

    def test_appointable_are_those_above_the_threshold(
        self, make: Make, event: Event, clock: FixedClock, work: Working
    ) -> None:
        crowd(make, event, (20, FEMALE), (20, MALE))
        clock.move(DAY)
        reviewer, chair = panel.reviewer(make), panel.chair(make)
        for number in range(1, 41):
            panel.review(make, reviewer, event, number, 4 if number % 2 else 2)
        panel.moderate(make, chair, event, 2, 4.0)
        with work() as unit:
            unit.session.get_one(Cohort, event.id).threshold = 3.0
        panel.decide(make, chair, event, "o" * 5 + "d" * 15 + "o" * 5 + "d" * 15)
        panel.release(make, chair, event)
        clock.move(30 * DAY)
        count(make, event)
        # 10 odd numbers of each twenty, number 2 by the panel, and numbers 4, 22 and 24 because they were chosen
        assert counts(make, event, "everybody", "appointable") == {"": 24}
        assert counts(make, event, "sex", "appointable") == {"female": 12, "male": 12}

    def test_a_step_before_one_that_was_counted_is_not_counted_any_more(
        self, make: Make, event: Event, clock: FixedClock, work: Working
    ) -> None:
        crowd(make, event, (20, FEMALE), (20, MALE))
        clock.move(31 * DAY)
        count(make, event)
        with work() as unit:
            unit.session.get_one(Cohort, event.id).threshold = 3.0
        assert count(make, event) == 0
        assert counts(make, event, "everybody", "appointable") == {}

    def test_a_month_after_the_course_small_rounds_are_forgotten_too(
        self, make: Make, event: Event, clock: FixedClock
    ) -> None:
        crowd(make, event, (3, FEMALE))
        clock.move(62 * DAY)
        count(make, event)
        assert keys(make, event) == [None] * 3
        assert kept(make) == []
        with reading_of(make._app) as read:
            assert read.session.get_one(Cohort, event.id).equality_closed_at is not None

    def test_answers_to_other_courses_stay(self, make: Make, event: Event, clock: FixedClock) -> None:
        crowd(make, event, (2, FEMALE))
        clock.move(50 * DAY)
        other = open_course(make, slug="other", title="Other")
        crowd(make, other, (2, MALE))
        clock.move(20 * DAY)
        count(make, event)
        assert len(kept(make)) == 2

    def test_the_job_looks_at_all_courses_and_says_what_it_did(
        self, make: Make, event: Event, clock: FixedClock, work: Working
    ) -> None:
        crowd(make, event, (20, FEMALE), (12, MALE))
        draft = open_course(make, slug="draft", title="Draft", state=EventState.DRAFT)
        clock.move(DAY)
        with make._app.app_context():
            assert count_equality.run() == "1 steps of courses counted for equality statistics"
            assert count_equality.run() == "0 steps of courses counted for equality statistics"
        assert draft.state is EventState.DRAFT


def everybody_is_offered(make: Make, event: Event) -> None:
    with reading_of(make._app) as read:
        numbers = read.session.scalar(select(func.count()).where(Application.cohort_id == event.id))
    with_places(make, event, numbers or 0)
    chair = panel.chair(make, "Another Chair")
    panel.decide(make, chair, event, "o" * (numbers or 0))
    panel.release(make, chair, event)


def with_places(make: Make, event: Event, places: int) -> None:
    with working(make._app) as unit:
        unit.session.execute(update(Event).where(Event.id == event.id).values(capacity=places))


def test_only_the_counting_and_the_applicant_open_the_answers() -> None:
    """Nothing else names the table or the key: a new reader of either has to be thought about here."""
    root = Path(__file__).parents[3]
    naming = {
        str(path.relative_to(root))
        for folder in ("cop", "scheduled")
        for path in (root / folder).rglob("*.py")
        if "EqualityAnswer" in path.read_text() or "equality_key" in path.read_text()
    }
    assert naming == {
        "cop/models/audited.py",
        "cop/models/cohorts.py",
        "cop/queries/cohorts/equality.py",
        "cop/queries/privacy/plan.py",  # takes the key away when somebody is erased, and shows it to nobody
        "cop/services/cohorts/counting.py",
        "cop/services/cohorts/equality.py",
    }
