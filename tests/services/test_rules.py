"""Writing rules: who may, what makes sense, and two people at one rule."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.access import SYSTEM, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event, EventKind, EventState
from cop.models.telling import Anchor, MessageRule, RuleAudience
from cop.queries.rules import AUDIENCES
from cop.services import rules as services
from cop.services.ready_made_rules import READY_MADE
from tests.support import panel
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.rules import DAY, Rules, terms


@pytest.fixture
def rules(app: Flask, clock: FixedClock) -> Rules:
    return Rules(app, clock)


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit()


class TestWhoMay:
    def test_a_facilitator_of_the_programme_may(self, make: Make, rules: Rules, visit: Event, work: Working) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, programme=make.programme())
        actor = make.actor(person)
        rule = rules.add(visit, actor=actor)
        with work(actor) as unit:
            services.remove_rule(unit, rule_id=rule.id, seen=1)
        with work() as unit:
            assert unit.session.scalar(select(func.count()).select_from(MessageRule)) == 0

    @pytest.mark.parametrize("role", [Role.HOST, Role.REVIEWER, Role.EVALUATOR, None])
    def test_others_may_not(self, make: Make, rules: Rules, visit: Event, work: Working, role: Role | None) -> None:
        rule = rules.add(visit)
        person = make.account()
        if role:
            make.grant(person, role, programme=make.programme())
        actor = make.actor(person)
        with pytest.raises(NotFound), work(actor) as unit:
            services.add_rule(unit, event_id=visit.id, terms=terms())
        with pytest.raises(NotFound), work(actor) as unit:
            services.switch_rule(unit, rule_id=rule.id, seen=1, active=False)
        with pytest.raises(NotFound), work(actor) as unit:
            services.edit_rule(unit, rule_id=rule.id, seen=1, terms=terms())
        with pytest.raises(NotFound), work(actor) as unit:
            services.remove_rule(unit, rule_id=rule.id, seen=1)
        with pytest.raises(NotFound), work(actor) as unit:
            services.post_due(unit, rule_id=rule.id)

    def test_facilitators_of_another_programme_may_not(self, make: Make, visit: Event, work: Working) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, programme=make.programme("another"))
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            services.add_rule(unit, event_id=visit.id, terms=terms())


class TestWhatMakesSense:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            (terms(RuleAudience.DRAFTING, anchor=Anchor.DEADLINE), "audience"),
            (terms(RuleAudience.ACCEPTED), "audience"),
            (terms(RuleAudience.ATTENDED), "anchor"),
            (terms(RuleAudience.NO_SHOW, DAY, Anchor.DEADLINE), "anchor"),
            (terms(RuleAudience.SILENT, DAY, Anchor.DEADLINE), "anchor"),
            (terms(after=timedelta(days=400)), "number"),
            (terms(subject="For {nme}"), "subject"),
            (terms(body="Dear {name}, {{wen}}"), "body"),
        ],
    )
    def test_what_makes_none_is_refused_at_its_field(
        self, rules: Rules, visit: Event, said: services.Terms, field: str
    ) -> None:
        with pytest.raises(Refusal) as refused:
            rules.add(visit, said)
        assert refused.value.field == field

    def test_a_cancelled_event_sends_nothing(self, make: Make, rules: Rules) -> None:
        with pytest.raises(Refusal, match="cancelled"):
            rules.add(make.visit(state=EventState.CANCELLED))

    @pytest.mark.parametrize("one", READY_MADE, ids=lambda one: one.code)
    def test_what_is_ready_made_makes_sense_for_each_of_its_kinds(
        self, make: Make, rules: Rules, one: services.Terms
    ) -> None:
        for kind in one.kinds:  # type: ignore[attr-defined]
            event = make.visit(kind=kind, slug=f"of-{kind}")
            assert rules.add(event, one.terms).id  # type: ignore[attr-defined]

    def test_every_audience_belongs_to_some_kind_of_event(self) -> None:
        assert set().union(*AUDIENCES.values()) == set(RuleAudience)
        assert set(AUDIENCES) == set(EventKind)


class TestTwoAtOneRule:
    def test_a_new_rule_is_off(self, rules: Rules, visit: Event) -> None:
        assert not rules.add(visit, active=False).active

    def test_what_somebody_else_changed_is_not_overwritten(self, rules: Rules, visit: Event, work: Working) -> None:
        rule = rules.add(visit, active=False)
        with work() as unit:
            services.edit_rule(unit, rule_id=rule.id, seen=0, terms=terms(subject="First"))
        for act in (
            lambda unit: services.edit_rule(unit, rule_id=rule.id, seen=0, terms=terms(subject="Second")),
            lambda unit: services.switch_rule(unit, rule_id=rule.id, seen=0, active=True),
            lambda unit: services.remove_rule(unit, rule_id=rule.id, seen=0),
        ):
            with pytest.raises(Refusal, match="Somebody else"), work() as unit:
                act(unit)
        with work() as unit:
            assert unit.session.get_one(MessageRule, rule.id).subject == "First"

    def test_what_was_sent_cannot_be_removed(self, make: Make, rules: Rules, visit: Event, work: Working) -> None:
        make.booking(make.person(), visit)
        rule = rules.add(visit)
        assert rules.at(visit.parts[0].starts_at - DAY)
        with pytest.raises(Refusal, match="gone out"), work() as unit:
            services.remove_rule(unit, rule_id=rule.id, seen=1)

    def test_what_was_sent_goes_to_no_other_people(self, make: Make, rules: Rules, visit: Event, work: Working) -> None:
        make.booking(make.person(), visit)
        rule = rules.add(visit)
        assert rules.at(visit.parts[0].starts_at - DAY)
        with pytest.raises(Refusal, match="gone out") as refused, work() as unit:
            services.edit_rule(unit, rule_id=rule.id, seen=1, terms=terms(RuleAudience.WAITING))
        assert refused.value.field == "audience"
        with work() as unit:
            assert services.edit_rule(unit, rule_id=rule.id, seen=1, terms=terms(subject="Soon")).subject == "Soon"

    def test_what_was_removed_before_its_turn_came_posts_nothing(
        self, rules: Rules, visit: Event, work: Working
    ) -> None:
        rule = rules.add(visit)
        with work() as unit:
            services.remove_rule(unit, rule_id=rule.id, seen=1)
        with work(SYSTEM) as unit:
            assert services.post_due(unit, rule_id=rule.id) == 0

    def test_no_third_message_goes_to_the_silent(self, make: Make, rules: Rules, work: Working) -> None:
        course = panel.course(make)
        silent = [terms(RuleAudience.SILENT, -days * DAY, Anchor.DEADLINE) for days in (3, 2, 1)]
        for said in silent[:2]:
            rules.add(course, said)
        with pytest.raises(Refusal, match="Two messages"):
            rules.add(course, silent[2])
        other = rules.add(course, terms(RuleAudience.ACCEPTED))
        with pytest.raises(Refusal, match="Two messages"), work() as unit:
            services.edit_rule(unit, rule_id=other.id, seen=1, terms=silent[2])
