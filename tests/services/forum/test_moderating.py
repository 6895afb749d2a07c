"""Reports, hiding, locking and spaces: who may, and what happens when two do at once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.forum import Post, Report, ReportState, Space, Topic
from cop.queries import forum as queries
from cop.services import forum as services
from tests.support.clock import START
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working


@pytest.fixture
def topic(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space)


@pytest.fixture
def post(topic: Topic, reading: Reads) -> Callable[[], Post]:
    def found() -> Post:
        with reading() as read:
            return read.session.scalars(select(Post)).one()

    return found


@pytest.fixture
def reports(reading: Reads) -> Callable[[], list[Report]]:
    def found() -> list[Report]:
        with reading() as read:
            return list(read.session.scalars(select(Report).order_by(Report.id)))

    return found


def act(work: Working, actor: Actor, command: Callable[..., Any], **what: Any) -> Any:
    with work(actor) as unit:
        return command(unit, **what)


class TestAReport:
    def test_waits_for_a_facilitator(
        self, forum: MakeForum, make: Make, reading: Reads, ben: Person, facilitator: Person, post: Callable[[], Post]
    ) -> None:
        forum.report(ben, post().id, "It names a patient.")
        with reading(make.actor(facilitator)) as read:
            (row,) = queries.open_reports(read)
            assert queries.count_open_reports(read) == 1
        assert (row.reason, row.reporter, row.author, row.number) == (
            "It names a patient.",
            "Ben Birkett",
            "Alma Ashdown",
            1,
        )

    def test_is_made_once_by_each(self, forum: MakeForum, ben: Person, post: Callable[[], Post]) -> None:
        forum.report(ben, post().id)
        with pytest.raises(Refusal, match="already"):
            forum.report(ben, post().id)

    def test_of_what_is_gone_is_refused(self, forum: MakeForum, ben: Person, post: Callable[[], Post]) -> None:
        forum.hide_post(post().id)
        with pytest.raises(Refusal, match="deleted or hidden"):
            forum.report(ben, post().id)

    def test_by_a_stranger_finds_nothing(self, forum: MakeForum, make: Make, post: Callable[[], Post]) -> None:
        with pytest.raises(NotFound):
            forum.report(make.account(), post().id)

    def test_that_is_upheld_hides_the_post_and_settles_the_others(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        ben: Person,
        facilitator: Person,
        post: Callable[[], Post],
        reports: Callable[[], list[Report]],
    ) -> None:
        first = forum.report(ben, post().id)
        forum.report(facilitator, post().id)
        act(work, make.actor(facilitator), services.uphold_report, report_id=first.id, reason="It names a patient")
        assert (post().hidden_at, post().hidden_by, post().hidden_why) == (
            START,
            facilitator.id,
            "It names a patient",
        )
        assert [(report.state, report.handled_by, report.note) for report in reports()] == [
            (ReportState.UPHELD, facilitator.id, "It names a patient")
        ] * 2

    def test_that_is_dismissed_leaves_everything_else(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        ben: Person,
        facilitator: Person,
        post: Callable[[], Post],
        reports: Callable[[], list[Report]],
    ) -> None:
        first = forum.report(ben, post().id)
        forum.report(facilitator, post().id)
        act(work, make.actor(facilitator), services.dismiss_report, report_id=first.id, reason="No name in it")
        assert post().hidden_at is None
        assert [report.state for report in reports()] == [ReportState.DISMISSED, ReportState.OPEN]

    @pytest.mark.parametrize("first", [services.uphold_report, services.dismiss_report])
    @pytest.mark.parametrize("second", [services.uphold_report, services.dismiss_report])
    def test_is_settled_once(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        ben: Person,
        facilitator: Person,
        post: Callable[[], Post],
        first: Callable[..., None],
        second: Callable[..., None],
    ) -> None:
        report = forum.report(ben, post().id)
        act(work, make.actor(facilitator), first, report_id=report.id, reason="One")
        with pytest.raises(Refusal, match="Another facilitator"):
            act(work, make.actor(facilitator), second, report_id=report.id, reason="Two")
        assert post().hidden_why in {"One", ""}

    def test_is_settled_by_nobody_else(
        self, forum: MakeForum, make: Make, work: Working, ben: Person, post: Callable[[], Post]
    ) -> None:
        report = forum.report(ben, post().id)
        elsewhere = make.account()
        make.grant(elsewhere, Role.FACILITATOR, programme=make.programme("elsewhere"))
        for person in (ben, elsewhere):
            for command in (services.uphold_report, services.dismiss_report):
                with pytest.raises(NotFound):
                    act(work, make.actor(person), command, report_id=report.id, reason="Mine")
        with pytest.raises(NotFound):
            act(work, make.actor(make.admin()), services.uphold_report, report_id=99, reason="None")


class TestHidingAndLocking:
    def test_can_be_taken_back(
        self, make: Make, work: Working, reading: Reads, facilitator: Person, topic: Topic, post: Callable[[], Post]
    ) -> None:
        actor = make.actor(facilitator)

        def stands() -> tuple[Any, ...]:
            with reading() as read:
                found = read.session.get_one(Topic, topic.id)
            return found.hidden_at, found.hidden_by, found.hidden_why, found.locked_at

        act(work, actor, services.hide_topic, topic_id=topic.id, reason="For now")
        act(work, actor, services.lock_topic, topic_id=topic.id)
        act(work, actor, services.hide_post, post_id=post().id, reason="For now")
        assert stands() == (START, facilitator.id, "For now", START)
        act(work, actor, services.unhide_topic, topic_id=topic.id)
        act(work, actor, services.unlock_topic, topic_id=topic.id)
        act(work, actor, services.unhide_post, post_id=post().id)
        assert stands() == (None, None, "", None)
        assert (post().hidden_at, post().hidden_by, post().hidden_why) == (None, None, "")

    def test_keeps_the_first_reason(
        self, make: Make, work: Working, facilitator: Person, topic: Topic, post: Callable[[], Post]
    ) -> None:
        for reason in ("One", "Two"):
            act(work, make.actor(facilitator), services.hide_post, post_id=post().id, reason=reason)
        assert post().hidden_why == "One"

    @pytest.mark.parametrize("somebody", ["member", "author", "elsewhere", "of another course", "host", "evaluator"])
    def test_is_for_facilitators_of_the_programme(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        alma: Person,
        ben: Person,
        topic: Topic,
        post: Callable[[], Post],
        somebody: str,
    ) -> None:
        others = {"member": ben, "author": alma}
        person = others.get(somebody) or forum.alumna("Somebody")
        if somebody == "elsewhere":
            make.grant(person, Role.FACILITATOR, programme=make.programme("elsewhere"))
        elif somebody == "of another course":
            make.grant(person, Role.FACILITATOR, event=forum.course())
        elif somebody in {"host", "evaluator"}:
            make.grant(person, Role(somebody), programme=make.programme())
        actor = make.actor(person)
        the_post, the_topic = {"post_id": post().id}, {"topic_id": topic.id}
        tries: list[tuple[Callable[..., None], dict[str, Any]]] = [
            (services.hide_post, {**the_post, "reason": "Mine"}),
            (services.unhide_post, the_post),
            (services.hide_topic, {**the_topic, "reason": "Mine"}),
            (services.unhide_topic, the_topic),
            (services.lock_topic, the_topic),
            (services.unlock_topic, the_topic),
        ]
        for command, what in tries:
            with pytest.raises(NotFound):
                act(work, actor, command, **what)

    def test_stands_in_the_log(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        reading: Reads,
        ben: Person,
        facilitator: Person,
        topic: Topic,
        post: Callable[[], Post],
    ) -> None:
        report = forum.report(ben, post().id)
        actor = make.actor(facilitator)
        act(work, actor, services.uphold_report, report_id=report.id, reason="It names a patient")
        act(work, actor, services.lock_topic, topic_id=topic.id)
        act(work, actor, services.hide_topic, topic_id=topic.id, reason="All of it")
        with reading(actor) as read:
            rows = queries.log(read)
        assert sorted((row.what, row.why, row.by, row.number) for row in rows if row.number) == [
            ("post hidden", "It names a patient", "Femi Facilitator", 1),
            ("upheld", "It names a patient", "Femi Facilitator", 1),
        ]
        assert sorted((row.what, row.why, row.by) for row in rows if not row.number) == [
            ("topic hidden", "All of it", "Femi Facilitator"),
            ("topic locked", "", "Femi Facilitator"),
        ]
        elsewhere = make.account()
        make.grant(elsewhere, Role.FACILITATOR, programme=make.programme("elsewhere"))
        with reading(make.actor(elsewhere)) as read:
            assert queries.log(read) == []


class TestASpace:
    def test_stands_at_the_end_of_the_list(self, forum: MakeForum) -> None:
        assert [forum.space(name).position for name in ("One", "Two", "Three")] == [1, 2, 3]

    @pytest.mark.parametrize("slug", ["rules", "reports", "log", "spaces", "new", "project-updates", "Ü", "a--b"])
    def test_cannot_have_every_address(self, forum: MakeForum, space: Space, slug: str) -> None:
        with pytest.raises(Refusal) as refused:
            forum.space("Another", slug=slug)
        assert refused.value.field == "slug"

    def test_is_added_by_facilitators(self, forum: MakeForum, make: Make, work: Working, alma: Person) -> None:
        programme, course = make.programme(), forum.course()
        of_the_course = make.account()
        make.grant(of_the_course, Role.FACILITATOR, event=course)
        what = {"name": "Mine", "about": "For me."}
        for person in (alma, make.account(), of_the_course):
            with pytest.raises(NotFound):
                act(work, make.actor(person), services.create_space, programme_id=programme.id, **what)
        made = act(
            work,
            make.actor(of_the_course),
            services.create_space,
            programme_id=programme.id,
            cohort_id=course.id,
            **what,
        )
        assert made.cohort_id == course.id

    def test_of_a_course_is_made_once(self, forum: MakeForum, make: Make, work: Working) -> None:
        course = forum.course()
        with work() as unit:
            made = services.ensure_cohort_space(unit, course.id)
        with work() as unit:
            assert services.ensure_cohort_space(unit, course.id).id == made.id
        assert (made.slug, made.name, made.cohort_id) == (course.slug, course.title, course.id)
        with pytest.raises(Refusal, match="already"):
            forum.space("Second", course=course)
        with pytest.raises(NotFound):
            act(work, make.actor(make.account()), lambda unit: services.ensure_cohort_space(unit, course.id))

    def test_of_no_course_or_of_another_programme_is_not_made(
        self, forum: MakeForum, make: Make, work: Working
    ) -> None:
        visit, elsewhere = make.visit(), make.programme("elsewhere")
        for event, programme in ((visit, make.programme()), (forum.course(), elsewhere)):
            with pytest.raises(NotFound), work() as unit:
                services.create_space(unit, programme_id=programme.id, cohort_id=event.id, name="Wrong", about="Wrong.")

    def test_is_changed_by_those_who_moderate_it(
        self, make: Make, work: Working, alma: Person, facilitator: Person, space: Space
    ) -> None:
        what = {"space_id": space.id, "name": "News from home", "about": "How it goes.", "position": 7}
        changed = act(work, make.actor(facilitator), services.edit_space, **what)
        assert (changed.name, changed.slug, changed.position) == ("News from home", "project-updates", 7)
        with pytest.raises(NotFound):
            act(work, make.actor(alma), services.edit_space, **what)
        with pytest.raises(NotFound):
            act(work, make.actor(facilitator), services.edit_space, **{**what, "space_id": 99})
