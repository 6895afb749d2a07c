"""How organisations rate themselves: by their lead or the secretariat, saved one by one, and once more later."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from cop.core.access import VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.adoption import RatingWave
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxClass, OutboxState
from cop.queries import ratings as queries
from cop.services import ratings as services
from cop.services import tags
from tests.support.adoption import PRINCIPLES, lead_of, principles, rate
from tests.support.clock import FixedClock
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

FIRST, SECOND = RatingWave.BASELINE, RatingWave.FOLLOW_UP


@pytest.fixture(autouse=True)
def _words(make: Make, work: Working) -> None:
    principles(make, work)


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Brent Council")


@pytest.fixture
def lea(make: Make, council: Organisation) -> Actor:
    return make.actor(lead_of(make, council))


def save(work: Working, actor: Actor, council: Organisation, **other: object) -> None:
    about = {"wave": FIRST, "principle": "learning", "level": 2, "example": "A book club.", "seen": 0, **other}
    with work(actor) as opened:
        services.save_level(opened, slug=council.slug, **about)  # type: ignore[arg-type]


def page(reading: Reads, actor: Actor, council: Organisation) -> queries.RatingPage:
    with reading(actor) as read:
        return queries.rating_page(read, slug=council.slug)


def said(reading: Reads, actor: Actor, council: Organisation, slug: str = "learning") -> tuple[int | None, str]:
    [answer] = [one for one in page(reading, actor, council).answers(FIRST) if one.principle.slug == slug]
    return answer.level, answer.example


class TestRating:
    def test_is_saved_principle_by_principle(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        found = page(reading, lea, council)
        assert ([one.principle.slug for one in found.answers(FIRST)], found.baseline) == (PRINCIPLES, None)
        save(work, lea, council)
        found = page(reading, lea, council)
        assert said(reading, lea, council) == (2, "A book club.")
        assert len(found.missing(FIRST)) == 9
        assert not found.is_done(FIRST)

    def test_two_principles_at_once_are_not_in_each_others_way_and_one_twice_is(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        save(work, lea, council, principle="innovation")
        save(work, lea, council, principle="learning")
        save(work, lea, council, principle="learning")
        with pytest.raises(Refusal, match="answered this meanwhile"):
            save(work, lea, council, principle="learning", level=4)
        assert said(reading, lea, council) == (2, "A book club.")
        save(work, lea, council, principle="learning", level=4, seen=2)
        assert said(reading, lea, council) == (4, "A book club.")

    def test_of_two_who_answer_one_question_together_one_is_kept_and_one_is_told(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        save(work, lea, council)
        both = Barrier(2)

        def answer(level: int) -> int | None:
            both.wait(timeout=30)
            try:
                save(work, lea, council, level=level, seen=1)
            except Refusal:
                return None
            return level

        with ThreadPoolExecutor(2) as pool:
            [kept] = [level for level in pool.map(answer, (3, 4)) if level is not None]
        assert said(reading, lea, council) == (kept, "A book club.")

    @pytest.mark.parametrize("level", [0, 6, -1])
    def test_knows_five_levels(self, work: Working, council: Organisation, lea: Actor, level: int) -> None:
        with pytest.raises(Refusal, match="five levels"):
            save(work, lea, council, level=level)

    def test_refuses_too_long_an_example_and_an_unknown_principle(
        self, work: Working, council: Organisation, lea: Actor
    ) -> None:
        save(work, lea, council, example="x" * 1_000)
        with pytest.raises(Refusal, match="1000 characters"):
            save(work, lea, council, example="x" * 1_001, seen=1)
        for principle in ("housing", "nothing", ""):
            with pytest.raises(NotFound):
                save(work, lea, council, principle=principle)

    def test_is_complete_with_a_level_and_an_example_for_each(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        rate(work, lea, council, level=1, done=False)
        save(work, lea, council, level=2, example="", seen=9)
        with pytest.raises(Refusal, match="example for each level from 2"), work(lea) as opened:
            services.complete(opened, slug=council.slug, wave=FIRST)
        save(work, lea, council, level=1, example="", seen=11)
        with work(lea) as opened:
            services.complete(opened, slug=council.slug, wave=FIRST)
        assert page(reading, lea, council).is_done(FIRST)
        with pytest.raises(Refusal, match="Open it again"):
            save(work, lea, council, level=5, seen=12)

    def test_what_is_not_begun_cannot_be_completed_or_opened(
        self, work: Working, council: Organisation, lea: Actor
    ) -> None:
        for command in (services.complete, services.reopen):
            with pytest.raises(NotFound), work(lea) as opened:
                command(opened, slug=council.slug, wave=FIRST)

    def test_a_principle_that_is_offered_no_more_keeps_its_answer_and_is_not_asked_for(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        save(work, lea, council)
        with work() as opened:
            tags.retire(opened, slug="learning")
            tags.retire(opened, slug="innovation")
        found = page(reading, lea, council)
        assert [one.principle.slug for one in found.answers(FIRST)] == [s for s in PRINCIPLES if s != "innovation"]
        assert {"learning", "innovation"}.isdisjoint(one.principle.slug for one in found.missing(FIRST))


class TestOnceMore:
    def test_begins_three_months_after_the_first_is_complete_and_shows_it(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor, clock: FixedClock
    ) -> None:
        with pytest.raises(Refusal, match="three months after"):
            save(work, lea, council, wave=SECOND)
        rate(work, lea, council)
        clock.move(timedelta(days=90, seconds=-1))
        assert not page(reading, lea, council).is_open(SECOND)
        with pytest.raises(Refusal, match="three months after"):
            save(work, lea, council, wave=SECOND)
        clock.move(timedelta(seconds=1))
        save(work, lea, council, wave=SECOND, level=4)
        found = page(reading, lea, council)
        assert {one.level for one in found.answers(FIRST)} == {3}
        assert [one.level for one in found.answers(SECOND) if one.level] == [4]

    def test_the_first_is_opened_again_only_before_the_second_begins(
        self, work: Working, reading: Reads, council: Organisation, lea: Actor, clock: FixedClock
    ) -> None:
        rate(work, lea, council)
        with work(lea) as opened:
            services.reopen(opened, slug=council.slug, wave=FIRST)
        assert not page(reading, lea, council).is_done(FIRST)
        with work(lea) as opened:
            services.complete(opened, slug=council.slug, wave=FIRST)
        clock.move(timedelta(days=91))
        rate(work, lea, council, SECOND, 4)
        with pytest.raises(Refusal, match="first one stays"), work(lea) as opened:
            services.reopen(opened, slug=council.slug, wave=FIRST)
        with work(lea) as opened:
            services.reopen(opened, slug=council.slug, wave=SECOND)
        assert not page(reading, lea, council).is_done(SECOND)


class TestWhoRates:
    def test_the_lead_and_the_secretariat_and_nobody_else(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        save(work, lea, council)
        secretariat = make.account("Ada")
        make.grant(secretariat, Role.ADMIN, programme=make.programme())
        save(work, make.actor(secretariat), council, principle="innovation")
        elsewhere = make.account("Else")
        make.grant(elsewhere, Role.ADMIN, programme=make.programme("another"))
        facilitator = make.account("Femi")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        evaluator = make.account("Eli")
        make.grant(evaluator, Role.EVALUATOR, programme=make.programme())
        others = [
            VISITOR,
            Actor(lea.person_id, lea.grants, via="link"),
            make.actor(lead_of(make, make.organisation(), "Other Lead")),
            *(make.actor(one) for one in (elsewhere, facilitator, evaluator)),
            make.actor(make.account("Colleague", organisation=council)),
        ]
        for actor in others:
            with pytest.raises(NotFound):
                page(reading, actor, council)
            with pytest.raises(NotFound):
                save(work, actor, council, principle="co-production")

    def test_there_is_none_for_an_organisation_that_is_unknown_or_was_a_double(
        self, make: Make, work: Working, reading: Reads, council: Organisation
    ) -> None:
        admin = make.actor(make.admin())
        double = make.organisation("Brent", merged_into=council.id)
        for slug in (double.slug, "nowhere"):
            with pytest.raises(NotFound), reading(admin) as read:
                queries.rating_page(read, slug=slug)


class TestInviting:
    def test_posts_one_letter_a_day_to_each_lead_who_has_not_finished(
        self, make: Make, work: Working, council: Organisation, lea: Actor, outbox: Posted, clock: FixedClock
    ) -> None:
        done, guest = make.organisation("Done Council"), make.organisation("No Member", membership=None)
        rate(work, make.actor(lead_of(make, done, "Dora Done")), done)
        lead_of(make, guest, "Gus Guest")
        admin = make.actor(make.admin())

        def invite(wave: RatingWave = FIRST) -> int:
            with work(admin) as opened:
                return services.invite(opened, programme_id=make.programme().id, wave=wave)

        assert [invite(), invite(), invite(SECOND)] == [1, 0, 0]
        [letter] = outbox("rating_invitation")
        assert (letter.person_id, letter.urgency) == (lea.person_id, OutboxClass.ROUTINE)
        assert letter.params == {"organisation_id": council.id, "wave": "baseline"}
        clock.move(timedelta(days=90))
        assert [invite(), invite(SECOND)] == [1, 1]

    def test_is_for_the_secretariat(self, make: Make, work: Working, reading: Reads, lea: Actor) -> None:
        programme_id = make.programme().id
        with pytest.raises(NotFound), work(lea) as opened:
            services.invite(opened, programme_id=programme_id, wave=FIRST)
        with reading(lea) as read:
            with pytest.raises(NotFound):
                queries.count_to_invite(read, programme_id=programme_id, wave=FIRST)
            with pytest.raises(NotFound):
                queries.listed(read, programme_id=programme_id)

    def test_is_dropped_when_it_is_complete_by_then(
        self, make: Make, work: Working, council: Organisation, lea: Actor, mailbox: Mailbox, outbox: Posted
    ) -> None:
        with work(make.actor(make.admin())) as opened:
            services.invite(opened, programme_id=make.programme().id, wave=FIRST)
        rate(work, lea, council)
        assert mailbox.deliver() == []
        assert outbox("rating_invitation")[0].state is OutboxState.DROPPED


class TestListing:
    def test_names_members_and_whoever_has_rated(
        self, make: Make, work: Working, reading: Reads, council: Organisation, lea: Actor
    ) -> None:
        make.organisation("A Partner", membership=None)
        make.organisation("Zeta Council")
        save(work, lea, council)
        with reading(make.actor(make.admin())) as read:
            found = queries.listed(read, programme_id=make.programme().id)
            assert [(one.name, one.has_lead, one.baseline_begun) for one in found] == [
                ("Brent Council", True, True),
                ("Zeta Council", False, False),
            ]
            assert len(queries.listed(read, programme_id=make.programme().id, limit=1)) == 2
