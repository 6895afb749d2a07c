"""The draw of a course: its steps in their order, what each refuses, and the record that nobody can change."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from cop.algorithms.lottery import draw as draw_again
from cop.algorithms.lottery.reports import fault_of, seed_of
from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.core.secrecy import random_word
from cop.models.accounts import Affiliation, Person
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Decision,
    DecisionOutcome,
    Selection,
    SelectionPolicy,
    SelectionStep,
)
from cop.models.events import Event
from cop.models.tasks import Task, TaskState
from cop.queries.cohorts import draw_report
from cop.queries.cohorts import drawing as queries
from cop.queries.cohorts.drawing import Fixed, Reach, commitment_to, pool_of, record_of
from cop.queries.cohorts.panel import course_of_chair
from cop.queries.soundness import unsound
from cop.services.cohorts import choice, drawing, editing, offers
from cop.services.cohorts.choice import Verdict
from scheduled import replace_dropouts, run_tasks
from tests.support import drawing as draws
from tests.support import panel
from tests.support.make import Make, Reads, Working, working
from tests.support.queries import count_queries

OFFER, RESERVE, DECLINE = DecisionOutcome.OFFER, DecisionOutcome.RESERVE, DecisionOutcome.DECLINE
Ready = tuple[Event, Person]


@pytest.fixture
def ready(make: Make) -> Ready:
    return draws.course(make)


def outcomes(reading: Reads, event: Event) -> dict[int | None, DecisionOutcome]:
    with reading() as read:
        rows = read.session.execute(
            select(Application.number, Decision.outcome)
            .join(Decision, Decision.application_id == Application.id)
            .where(Application.cohort_id == event.id)
        )
        return {row.number: row.outcome for row in rows}


def kept_secret(reading: Reads, event: Event) -> str | None:
    with reading() as read:
        return read.session.get_one(Cohort, event.id).sealed_seed


def withdraw(work: Working, event: Event, number: int) -> None:
    with work() as opened:
        of_number = (Application.cohort_id == event.id, Application.number == number)
        gone = {"state": ApplicationState.WITHDRAWN, "withdrawn_at": opened.now}
        opened.session.execute(update(Application).where(*of_number).values(gone))


class TestFreezing:
    def test_records_numbers_scores_and_groups_and_no_name(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.freeze(make, chair, event, Fixed({2: "Promised"}, {3: "Cannot come"}))
        chain = draws.chain(make, event)
        assert chain.frozen is not None
        assert chain.reach is Reach.FROZEN
        body = chain.frozen.body
        assert body["people"][0] == {
            "number": 1,
            "score": 4.0,
            "organisation": "o1",
            "features": {"sector": "VCSE", "membership": "full"},
        }
        assert (body["threshold"], body["places"], body["policy"]) == (3.0, 3, "lottery")
        assert (body["fixed_in"], body["fixed_out"]) == ({"2": "Promised"}, {"3": "Cannot come"})
        assert body["pool"] == pool_of(body).digest()
        assert "Applicant" not in chain.frozen.text
        assert chain.frozen.by_person_id == chair.id

    def test_colleagues_share_an_alias(self, make: Make) -> None:
        event, chair = draws.course(make, people=5, places=2, below=0, targets=())
        place = make.organisation()
        for _ in range(2):
            panel.application(make, event, organisation=place)
        reviewer = panel.reviewer(make, "Ruth")
        for number in (6, 7):
            panel.review(make, reviewer, event, number, 4)
        draws.rules(make, chair, event, per_organisation=1)
        draws.freeze(make, chair, event)
        frozen = draws.chain(make, event).frozen
        assert frozen is not None
        aliases = [told["organisation"] for told in frozen.body["people"]]
        assert aliases[-2] == aliases[-1] == "o6"
        assert frozen.body["per_organisation"] == 1

    def test_colleagues_whose_organisation_was_only_typed_share_one_too(
        self, make: Make, ready: Ready, work: Working
    ) -> None:
        event, chair = ready
        for number, typed in ((10, "Damp Action "), (11, "damp action"), (12, "Dry Rooms"), (13, " "), (14, None)):
            applicant = panel.application(make, event)
            with work() as opened:
                mine = update(Affiliation).where(Affiliation.person_id == applicant.person_id)
                opened.session.execute(mine.values(organisation_text=typed))
            panel.review(make, panel.reviewer(make), event, number, 4)
        draws.rules(make, chair, event, per_organisation=1)
        draws.freeze(make, chair, event)
        frozen = draws.chain(make, event).frozen
        assert frozen is not None
        assert [told["organisation"] for told in frozen.body["people"][9:]] == ["o10", "o10", "o11", None, None]
        assert "amp" not in frozen.text

    @pytest.mark.parametrize(
        ("fixed", "sentence"),
        [
            (Fixed({2: "a"}, {2: "b"}), "cannot be in and out"),
            (Fixed({77: "a"}, {}), "no application 77 that you could fix"),
        ],
    )
    def test_refuses_who_cannot_be_fixed(self, make: Make, ready: Ready, fixed: Fixed, sentence: str) -> None:
        event, chair = ready
        with pytest.raises(Refusal, match=sentence) as refused:
            draws.freeze(make, chair, event, fixed)
        assert refused.value.field == "fixed"

    def test_refuses_to_fix_somebody_whom_the_chair_may_not_see_in_the_same_words(
        self, make: Make, ready: Ready
    ) -> None:
        event, chair = ready
        panel.declare(make, chair, event, 2)
        with pytest.raises(Refusal, match="no application 2 that you could fix"):
            draws.freeze(make, chair, event, Fixed({2: "Promised"}, {}))

    def test_needs_a_threshold_scores_for_all_and_enough_people(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.rules(make, chair, event, threshold=None)
        with pytest.raises(Refusal, match="from which score"):
            draws.freeze(make, chair, event)
        draws.rules(make, chair, event, threshold=5.0)
        with pytest.raises(Refusal, match="3 places, and 0 people are good enough"):
            draws.freeze(make, chair, event)
        draws.rules(make, chair, event)
        panel.application(make, event, "Unread")
        with pytest.raises(Refusal, match="Without a score: 1"):
            draws.freeze(make, chair, event)
        draws.freeze(make, chair, event, Fixed({}, {10: "Came by mistake"}))

    def test_refuses_targets_that_contradict_one_another_and_says_what_would_help(
        self, make: Make, reading: Reads
    ) -> None:
        targets = [{"attribute": "sector", "value": "resident", "minimum": 2, "maximum": None}, *draws.TARGETS[1:]]
        targets.append({"attribute": "sector", "value": "VCSE", "minimum": 2, "maximum": None})
        event, chair = draws.course(make, targets=targets)
        with pytest.raises(Refusal, match="No choice of people keeps all targets"):
            draws.freeze(make, chair, event)
        with reading(make.actor(chair)) as read:
            found = queries.standing(read, course_of_chair(read, slug=event.slug))
        assert found.trouble is not None
        assert {(wish.demand.value, wish.position) for wish in found.trouble.conflict} == {("resident", 0), ("VCSE", 2)}
        assert next([(wish.demand.value, wish.becomes) for wish in way] for way in found.trouble.ways) in (
            [("resident", 1)],
            [("VCSE", 1)],
        )

    def test_only_between_the_close_and_the_release_and_only_for_the_chair(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        with pytest.raises(NotFound):
            draws.freeze(make, panel.reviewer(make, "Another"), event)
        panel.decide(make, chair, event, "oooddddd" + "d")
        panel.release(make, chair, event)
        with pytest.raises(Refusal, match="released"):
            draws.freeze(make, chair, event)


class TestSealing:
    def test_the_chances_go_on_record_with_the_hash_of_a_secret_that_is_made_only_now(
        self, make: Make, ready: Ready, reading: Reads
    ) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        assert kept_secret(reading, event) is None
        draws.seal(make, chair, event, source="Saturday’s numbers")
        chain, secret = draws.chain(make, event), kept_secret(reading, event)
        assert chain.sealed is not None
        assert chain.frozen is not None
        assert secret is not None
        body = chain.sealed.body
        assert (body["commitment"], body["source"]) == (commitment_to(secret), "Saturday’s numbers")
        assert secret not in chain.sealed.text
        assert record_of(body["lottery"]).digest() == body["digest"]
        assert body["lottery"]["pool"] == chain.frozen.body["pool"]
        assert (body["stage"], body["unreachable"]) == ("finished", [])
        assert body["smallest"] > 0.2

    def test_the_task_does_it_with_the_rights_of_whoever_asked(
        self, app: Flask, make: Make, ready: Ready, work: Working, reading: Reads
    ) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        with work(make.actor(chair)) as opened:
            task = drawing.ask_to_seal(opened, cohort_id=event.id, source="dice", seen=draws.seen(make, event))
        with app.app_context():
            assert run_tasks.run() == "1 tasks carried out"
        with reading() as read:
            assert read.session.get_one(Task, task.id).state is TaskState.DONE
        chain = draws.chain(make, event)
        assert chain.sealed is not None
        assert (chain.sealed.body["source"], chain.sealed.by_person_id) == ("dice", chair.id)

    def test_is_refused_once_the_pool_is_another(self, make: Make, ready: Ready, work: Working) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        withdraw(work, event, 4)
        with pytest.raises(Refusal, match="have changed since the pool was frozen"):
            draws.seal(make, chair, event)

    def test_chances_of_a_pool_that_was_set_aside_meanwhile_are_not_sealed(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        computed = drawing.compute(draws.chain(make, event), stop=draws.never)
        draws.set_aside(make, chair, event)
        draws.freeze(make, chair, event)
        with pytest.raises(Refusal, match="a step further"), working(make._app, make.actor(chair)) as work:
            drawing.seal(work, cohort_id=event.id, computed=computed, source="")


class TestDrawing:
    def test_the_seed_draws_the_panel_from_the_record_and_the_decisions_say_so(
        self, make: Make, ready: Ready, reading: Reads
    ) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        draws.seal(make, chair, event)
        secret = kept_secret(reading, event)
        done = draws.draw(make, chair, event, "4 8 15")
        chain = draws.chain(make, event)
        assert chain.frozen is not None
        assert chain.sealed is not None
        assert chain.drawn is not None
        body = chain.drawn.body
        assert body["seed"] == f"{chain.frozen.body['pool']}/{secret}/4 8 15"
        again = draw_again(record_of(chain.sealed.body["lottery"]), seed_of(body["seed"]))
        assert [str(number) for number in body["panel"]] == list(again)
        assert (done.offers, done.reserves, done.declined) == (3, 5, 1)
        found = outcomes(reading, event)
        assert {number for number, outcome in found.items() if outcome is OFFER} == set(body["panel"])
        assert found[9] is DECLINE
        assert {number for number, outcome in found.items() if outcome is RESERVE} == set(body["reserves"])
        assert (kept_secret(reading, event), panel.revision(make, event)) == (None, 1)

    def test_decides_for_those_whom_the_chair_may_not_see(self, make: Make, ready: Ready, reading: Reads) -> None:
        event, chair = ready
        panel.declare(make, chair, event, 1)
        draws.drawn(make, chair, event)
        assert len(outcomes(reading, event)) == 9

    def test_fixed_people_are_in_and_out(self, make: Make, ready: Ready, reading: Reads) -> None:
        event, chair = ready
        chain = draws.drawn(make, chair, event, Fixed({9: "Promised"}, {1: "Cannot come"}))
        assert chain.drawn is not None
        found = outcomes(reading, event)
        assert (found[9], found[1]) == (OFFER, DECLINE)

    def test_highest_scores(self, make: Make, ready: Ready, reading: Reads) -> None:
        event, chair = ready
        reviewer = panel.reviewer(make, "Second")
        for number in (3, 6):  # the best residents
            panel.review(make, reviewer, event, number, 5)
        draws.rules(make, chair, event, policy=SelectionPolicy.HIGHEST_SCORES)
        chain = draws.drawn(make, chair, event)
        assert chain.drawn is not None
        assert chain.sealed is not None
        assert chain.sealed.body["lottery"] is None
        assert {3, 6} < set(chain.drawn.body["panel"])
        with reading(make.actor(chair)) as read:
            told = draw_report.report_of(read, slug=event.slug).told
        assert fault_of(told) is None
        assert set(told["chances"].values()) == {0.0, 1.0}

    def test_needs_the_secret_that_was_sealed(self, make: Make, ready: Ready, work: Working) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        draws.seal(make, chair, event)
        with work() as opened:
            opened.session.get_one(Cohort, event.id).sealed_seed = random_word()
        with pytest.raises(Refusal, match="not the one that was sealed"):
            draws.draw(make, chair, event)

    def test_steps_are_taken_in_their_order(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        early: list[Callable[..., object]] = [draws.draw, draws.set_aside, draws.seal]
        for step in early:
            with pytest.raises(Refusal, match="a step further"):
                step(make, chair, event)
        draws.freeze(make, chair, event)
        early = [draws.draw, draws.freeze]
        for step in early:
            with pytest.raises(Refusal, match="a step further"):
                step(make, chair, event)

    def test_two_chairs_cannot_overrun_each_other(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        draws.seal(make, chair, event)
        page = draws.seen(make, event)
        draws.draw(make, panel.chair(make, "Second"), event)
        with (
            pytest.raises(Refusal, match="Somebody else went a step further"),
            working(make._app, make.actor(chair)) as work,
        ):
            drawing.draw_panel(work, cohort_id=event.id, words="", seen=page)

    def test_nothing_is_released_in_the_middle_of_a_draw(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        panel.decide(make, chair, event, "oooddddd" + "d")
        draws.freeze(make, chair, event)
        with pytest.raises(Refusal, match="A draw is begun"):
            panel.release(make, chair, event)
        draws.set_aside(make, chair, event)
        panel.release(make, chair, event)

    def test_once_a_panel_was_drawn_nothing_is_released_before_another_is(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        draws.set_aside(make, chair, event)
        with pytest.raises(Refusal, match="A panel was drawn and set aside"):
            panel.release(make, chair, event)
        draws.freeze(make, chair, event)
        with pytest.raises(Refusal, match="A panel was drawn and set aside"):
            panel.release(make, chair, event)
        draws.seal(make, chair, event)
        draws.draw(make, chair, event)
        assert panel.release(make, chair, event).offers == 3

    @pytest.mark.parametrize("closes_in", [None, timedelta(days=1)])
    def test_applications_are_not_opened_again_while_it_is_begun(
        self, make: Make, ready: Ready, work: Working, closes_in: timedelta | None
    ) -> None:
        event, chair = ready

        def close(when: timedelta | None) -> None:
            with work(make.actor(chair)) as opened:
                closes_at = opened.now + when if when is not None else None
                editing.edit_window(opened, event_id=event.id, opens_at=event.opens_at, closes_at=closes_at)

        for step in (draws.freeze, draws.seal, draws.draw):
            step(make, chair, event)
            with pytest.raises(Refusal, match="A draw is begun") as refused:
                close(closes_in)
            assert refused.value.field == "closes_at"
            close(timedelta(hours=-2))
        draws.set_aside(make, chair, event)
        close(timedelta(days=1))


class TestOverriding:
    def choose(self, make: Make, chair: Person, event: Event, verdicts: dict[int, Verdict], reason: str = "") -> int:
        with working(make._app, make.actor(chair)) as work:
            revision = work.session.get_one(Cohort, event.id).choice_revision
            return choice.choose(work, cohort_id=event.id, verdicts=verdicts, seen=revision, reason=reason)

    def test_who_has_an_offer_changes_only_with_a_reason_which_goes_on_record(
        self, make: Make, ready: Ready, reading: Reads
    ) -> None:
        event, chair = ready
        chain = draws.drawn(make, chair, event)
        assert chain.drawn is not None
        out, come = chain.drawn.body["panel"][0], chain.drawn.body["reserves"][0]
        verdicts = {out: Verdict(DECLINE), come: Verdict(OFFER)}
        with pytest.raises(Refusal, match="These places were drawn") as refused:
            self.choose(make, chair, event, verdicts)
        assert refused.value.field == "reason"
        assert outcomes(reading, event)[out] is OFFER
        self.choose(make, chair, event, verdicts, "Cannot come on the second day")
        (override,) = draws.chain(make, event).overrides
        assert override.body == {
            "kind": "choice",
            "reason": "Cannot come on the second day",
            "changes": sorted(
                [
                    {"number": out, "from": "offer", "to": "decline"},
                    {"number": come, "from": "reserve", "to": "offer"},
                ],
                key=lambda change: change["number"],
            ),
        }

    def test_so_does_who_is_a_reserve(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        chain = draws.drawn(make, chair, event)
        assert chain.drawn is not None
        out = chain.drawn.body["reserves"][0]
        for number, verdict in ((out, Verdict(DECLINE)), (out, Verdict(None)), (9, Verdict(RESERVE))):
            with pytest.raises(Refusal, match="These places were drawn"):
                self.choose(make, chair, event, {number: verdict})
        self.choose(make, chair, event, {out: Verdict(DECLINE), 9: Verdict(RESERVE)}, "A score was read wrongly")
        (override,) = draws.chain(make, event).overrides
        assert override.body["changes"] == [
            {"number": out, "from": "reserve", "to": "decline"},
            {"number": 9, "from": "decline", "to": "reserve"},
        ]

    def test_so_does_a_rank_where_the_highest_scores_decide(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.rules(make, chair, event, policy=SelectionPolicy.HIGHEST_SCORES)
        chain = draws.drawn(make, chair, event)
        assert chain.drawn is not None
        first = chain.drawn.body["reserves"][0]
        with pytest.raises(Refusal, match="These places were drawn"):
            self.choose(make, chair, event, {first: Verdict(RESERVE, 40)})
        self.choose(make, chair, event, {first: Verdict(RESERVE, 40)}, "Asked to come last")
        (override,) = draws.chain(make, event).overrides
        assert override.body["changes"] == [
            {"number": first, "from": "reserve", "from_rank": 1, "to": "reserve", "to_rank": 40}
        ]

    def test_whoever_has_no_chance_before_and_after_needs_none(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        self.choose(make, chair, event, {9: Verdict(None)})
        assert not draws.chain(make, event).overrides

    def test_ranks_of_reserves_need_none(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        chain = draws.drawn(make, chair, event)
        assert chain.drawn is not None
        self.choose(make, chair, event, {chain.drawn.body["reserves"][0]: Verdict(RESERVE, 40)})
        assert not draws.chain(make, event).overrides

    def test_where_nothing_was_drawn_no_reason_is_asked_for(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        assert self.choose(make, chair, event, {1: Verdict(OFFER)}) == 1
        assert not draws.chain(make, event).steps

    def test_another_draw_needs_the_first_to_be_set_aside(self, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        with pytest.raises(Refusal, match="a step further"):
            draws.freeze(make, chair, event)
        draws.set_aside(make, chair, event, "A score was wrong")
        chain = draws.drawn(make, chair, event)
        assert [step.step for step in chain.steps] == [
            *(SelectionStep.FROZEN, SelectionStep.SEALED, SelectionStep.DRAWN),
            SelectionStep.OVERRIDDEN,
            *(SelectionStep.FROZEN, SelectionStep.SEALED, SelectionStep.DRAWN),
        ]
        assert chain.fault is None


class TestReplacing:
    @pytest.fixture
    def released(self, make: Make, ready: Ready) -> Ready:
        event, chair = ready
        draws.drawn(make, chair, event)
        panel.release(make, chair, event)
        return ready

    @pytest.fixture
    def job(self, app: Flask) -> Callable[[], str]:
        def run() -> str:
            with app.app_context():
                return replace_dropouts.run()

        return run

    def test_the_job_draws_one_who_keeps_the_targets_and_offers_the_place(
        self, make: Make, released: Ready, job: Callable[[], str], reading: Reads
    ) -> None:
        event, chair = released
        assert job() == "0 reserves offered a place"
        first = panel.offers_of(make, event)[0]
        panel.decline(make, first)
        assert job() == "1 reserves offered a place"
        assert job() == "0 reserves offered a place"
        (step,) = draws.chain(make, event).replacements
        assert (step.by_person_id, step.body["changes"], len(step.body["kept"])) == (None, [], 2)
        assert step.body["seed"].startswith(step.previous)
        latest = panel.offers_of(make, event)[-1]
        chosen = step.body["joined"]
        assert latest.person_id == panel.application_of(make, event, chosen[0]).person_id
        with reading() as read:
            decision = read.session.get_one(Decision, panel.application_of(make, event, chosen[0]).id)
            assert (decision.outcome, decision.decided_by) == (OFFER, chair.id)
        sectors = [draws.SECTORS[number % 3] for number in [*step.body["kept"], *chosen]]
        assert 1 <= sectors.count(draws.SECTORS[0]) <= 2
        assert sectors.count(draws.SECTORS[2]) <= 1

    def test_several_places_are_drawn_together(self, make: Make, released: Ready, job: Callable[[], str]) -> None:
        event, _chair = released
        for offer in panel.offers_of(make, event)[:2]:
            panel.decline(make, offer)
        assert job() == "2 reserves offered a place"
        assert len(draws.chain(make, event).replacements) == 1

    def test_whoever_is_left_comes_in_where_nobody_keeps_the_targets_and_it_is_said(
        self, make: Make, job: Callable[[], str]
    ) -> None:
        targets = [{"attribute": "sector", "value": "resident", "minimum": 1, "maximum": None}]
        event, chair = draws.course(make, people=5, places=2, below=0, targets=targets)
        chain = draws.drawn(make, chair, event, Fixed({}, {}))
        panel.release(make, chair, event)
        assert chain.drawn is not None
        residents = {
            offer.person_id
            for offer in panel.offers_of(make, event)
            if panel.application_of(make, event, 3).person_id == offer.person_id
        }
        assert residents  # the only resident of five is certain
        for offer in panel.offers_of(make, event):
            if offer.person_id in residents:
                panel.decline(make, offer)
        assert job() == "1 reserves offered a place"
        (step,) = draws.chain(make, event).replacements
        assert [(each["value"], each["side"], each["becomes"]) for each in step.body["changes"]] == [
            ("resident", "minimum", 0)
        ]

    def test_the_chair_may_draw_at_once_and_nobody_moves_up_by_hand(
        self, make: Make, released: Ready, work: Working
    ) -> None:
        event, chair = released
        panel.decline(make, panel.offers_of(make, event)[0])
        chain = draws.chain(make, event)
        assert chain.drawn is not None
        with pytest.raises(Refusal, match="were drawn"), work(make.actor(chair)) as opened:
            offers.move_up(
                opened,
                cohort_id=event.id,
                number=chain.drawn.body["reserves"][0],
                seen=panel.revision(make, event),
            )
        assert len(draws.replaced(make, event, make.actor(chair))) == 1
        with pytest.raises(Refusal, match="No place is free"):
            draws.replaced(make, event, SYSTEM)

    def test_nor_does_anybody_where_the_record_was_changed(self, make: Make, released: Ready, work: Working) -> None:
        event, chair = released
        panel.decline(make, panel.offers_of(make, event)[0])
        chain = draws.chain(make, event)
        assert chain.drawn is not None
        with work() as opened:
            opened.session.execute(text("ALTER TABLE selection DISABLE TRIGGER USER"))
            opened.session.execute(text("UPDATE selection SET body = '{}' WHERE number = 3"))
            opened.session.execute(text("ALTER TABLE selection ENABLE TRIGGER USER"))
        first, seen = chain.drawn.body["reserves"][0], panel.revision(make, event)
        with pytest.raises(Refusal, match="were drawn"), work(make.actor(chair)) as opened:
            offers.move_up(opened, cohort_id=event.id, number=first, seen=seen)
        with pytest.raises(drawing.NoReplacementError, match="is not what was recorded"):
            draws.replaced(make, event, make.actor(chair))

    def test_courses_chosen_by_hand_are_left_to_the_chair(
        self, make: Make, ready: Ready, job: Callable[[], str]
    ) -> None:
        event, chair = ready
        panel.decide(make, chair, event, "ooorrrrrd")
        panel.release(make, chair, event)
        panel.decline(make, panel.offers_of(make, event)[0])
        assert job() == "0 reserves offered a place"
        with pytest.raises(Refusal, match="were not drawn"):
            draws.replaced(make, event, SYSTEM)

    def test_the_highest_reserve_who_fits_comes_next_where_scores_decide(
        self, make: Make, ready: Ready, job: Callable[[], str]
    ) -> None:
        event, chair = ready
        draws.rules(make, chair, event, policy=SelectionPolicy.HIGHEST_SCORES)
        draws.drawn(make, chair, event)
        panel.release(make, chair, event)
        panel.decline(make, panel.offers_of(make, event)[0])
        assert job() == "1 reserves offered a place"
        (step,) = draws.chain(make, event).replacements
        assert step.body["lottery"] is None

    def test_a_review_that_changes_a_decision_is_an_override(self, make: Make, released: Ready) -> None:
        event, chair = released
        panel.decline(make, panel.offers_of(make, event)[0])
        declined = panel.application_of(make, event, 9)
        panel.ask_review(make, declined)
        panel.answer_review(make, chair, event, 9, changed=True)
        (override,) = draws.chain(make, event).overrides
        assert override.body["changes"] == [{"number": 9, "from": "decline", "to": "offer"}]

    def test_so_is_one_that_comes_to_a_place_among_the_reserves(self, make: Make, released: Ready) -> None:
        event, chair = released
        panel.ask_review(make, panel.application_of(make, event, 9))
        panel.answer_review(make, chair, event, 9, changed=True, words="We read it badly")
        (override,) = draws.chain(make, event).overrides
        assert override.body == {
            "kind": "choice",
            "reason": "The decision was changed after a review of it",
            "changes": [{"number": 9, "from": "decline", "to": "reserve"}],
        }

    def test_so_is_an_offer_that_is_taken_back_and_the_words_stay_with_the_person(
        self, make: Make, released: Ready, work: Working
    ) -> None:
        event, chair = released
        chain = draws.chain(make, event)
        assert chain.drawn is not None
        number = chain.drawn.body["panel"][0]
        with work(make.actor(chair)) as opened:
            offers.withdraw_offer(opened, cohort_id=event.id, number=number, reason="You told us of a new job")
        (override,) = draws.chain(make, event).overrides
        assert override.body == {
            "kind": "choice",
            "reason": "The offer was taken back",
            "changes": [{"number": number, "from": "offer", "to": "withdrawn"}],
        }

    def test_reads_the_record_and_the_applications_once(self, make: Make, released: Ready) -> None:
        event, chair = released
        panel.decline(make, panel.offers_of(make, event)[0])
        with count_queries() as statements:
            draws.replaced(make, event, make.actor(chair))
        assert [sum(words in each for each in statements) for words in ("selection.body", "is_talked_over")] == [1, 1]

    def test_everybody_is_told_what_a_replacement_needs_to_be_checked_and_no_more(
        self, make: Make, released: Ready, reading: Reads
    ) -> None:
        event, chair = released
        panel.decline(make, panel.offers_of(make, event)[0])
        draws.replaced(make, event, make.actor(chair))
        with reading(Actor()) as read:
            told = draw_report.report_of(read, slug=event.slug).told
        (replacement,) = told["replacements"]
        assert replacement.keys() == {"at", "seed", "joined", "lottery", "changes"}
        (step,) = draws.chain(make, event).replacements
        assert [int(name) for name in draw_again(record_of(replacement["lottery"]), seed_of(replacement["seed"]))] == (
            sorted([*step.body["kept"], *replacement["joined"]])
        )


class TestTheRecord:
    def test_the_database_refuses_every_change(self, make: Make, ready: Ready, work: Working) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        for statement in ("UPDATE selection SET body = '{}'", "DELETE FROM selection"):
            with pytest.raises(DBAPIError, match="only ever added to"), work() as opened:
                opened.session.execute(text(statement))

    @pytest.mark.parametrize(
        "tamper",
        [
            "UPDATE selection SET body = replace(body, '\"threshold\":3.0', '\"threshold\":2.0') WHERE number = 1",
            "UPDATE selection SET body = 'nonsense' WHERE number = 1",
            "UPDATE selection SET at = at + interval '1 second' WHERE number = 1",
            "DELETE FROM selection WHERE number = 1",
        ],
    )
    def test_whoever_gets_round_that_is_noticed_and_nothing_is_added(
        self, make: Make, ready: Ready, work: Working, reading: Reads, tamper: str
    ) -> None:
        event, chair = ready
        draws.freeze(make, chair, event)
        draws.seal(make, chair, event)
        with reading() as read:
            assert unsound(read) == []
        with work() as opened:
            opened.session.execute(text("ALTER TABLE selection DISABLE TRIGGER USER"))
            opened.session.connection().exec_driver_sql(tamper)
            opened.session.execute(text("ALTER TABLE selection ENABLE TRIGGER USER"))
        with reading() as read:
            assert unsound(read) == [f"step 1 of the selection of course {event.id} is not what was recorded"]
        with pytest.raises(Refusal, match="a step further"):
            draws.draw(make, chair, event)
        verdicts = {1: Verdict(OFFER)}
        with pytest.raises(Refusal, match="is not what was recorded"), work(make.actor(chair)) as opened:
            choice.choose(opened, cohort_id=event.id, verdicts=verdicts, seen=0, reason="r")
        with pytest.raises(Refusal, match="is not what was recorded"):
            panel.release(make, chair, event)

    def test_the_chance_of_an_applicant_is_what_the_record_says(self, make: Make, ready: Ready, reading: Reads) -> None:
        event, chair = ready
        chain = draws.drawn(make, chair, event)
        with reading(Actor()) as read, pytest.raises(NotFound):
            draw_report.report_of(read, slug=event.slug)
        panel.release(make, chair, event)
        assert chain.sealed is not None
        tickets = record_of(chain.sealed.body["lottery"]).tickets()
        with reading(Actor()) as read:
            cohort = read.session.get_one(Cohort, event.id)
            here = read.session.get_one(Event, event.id)
            found = draw_report.chance_of(read, event=here, cohort=cohort, number=1)
            below = draw_report.chance_of(read, event=here, cohort=cohort, number=9)
        assert found is not None
        assert below is not None
        assert (found.percent, found.people, found.places) == (round(tickets["1"] / 10**7, 1), 8, 3)
        assert below.percent is None


def test_the_rules_are_refused_when_somebody_else_changed_them(make: Make, ready: Ready, work: Working) -> None:
    event, chair = ready
    with pytest.raises(Refusal, match="Somebody else changed this"), work(make.actor(chair)) as opened:
        drawing.edit_selecting(
            opened,
            event_id=event.id,
            policy=SelectionPolicy.LOTTERY,
            threshold=2.0,
            per_organisation=None,
            seen="something older",
        )


def test_a_programme_s_facilitator_is_needed(make: Make, ready: Ready) -> None:
    event, _chair = ready
    host = make.account("Host")
    make.grant(host, Role.HOST, event=event)
    with pytest.raises(NotFound):
        draws.freeze(make, host, event)
    assert not draws.chain(make, event).steps


def test_steps_keep_who_took_them(make: Make, ready: Ready, reading: Reads) -> None:
    event, chair = ready
    draws.drawn(make, chair, event)
    with reading() as read:
        assert set(read.session.scalars(select(Selection.by_person_id))) == {chair.id}
