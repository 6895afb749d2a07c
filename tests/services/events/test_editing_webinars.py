"""Staff make a webinar, move it, and add speakers and what it leaves behind."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Choice, Entry, Event, EventKind, EventState, Part, Visibility
from cop.models.outbox import Outbox
from cop.models.webinars import EventLink, LinkKind, Speaker
from cop.queries.events import revision
from cop.services.events import editing as shared
from cop.services.events.editing import webinars as editing
from tests.support.clock import START, FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.webinars import ADDRESS, LONDON, Webinars

Posted = Callable[..., Sequence[Outbox]]

SESSION: dict[str, Any] = {
    "on_date": date(2026, 3, 9),
    "start": time(12, 30),
    "end": time(13, 30),
    "join_url": ADDRESS,
    "join_opens_minutes": 60,
    "zone": LONDON,
}
LINK: dict[str, Any] = {"kind": LinkKind.RECORDING, "title": "Watch", "url": "https://video.example/1"}


class Stage:
    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self.make, self.work, self.reading = make, work, reading
        self.webinars = Webinars(make, work)

    def do(self, command: Callable[..., Any], event: Event, *, actor: Actor = SYSTEM, **values: Any) -> Any:
        """As somebody who sees the webinar as it stands, unless ``seen`` says otherwise."""
        with self.work(actor) as unit:
            seen = {"seen": revision(unit.session.get_one(Event, event.id)), **values}
            return command(unit, event_id=event.id, **seen)

    def all_of(self, table: Any) -> Sequence[Any]:
        with self.reading() as read:
            return read.session.scalars(select(table).order_by(table.id)).all()


@pytest.fixture
def stage(make: Make, work: Working, reading: Reads) -> Stage:
    return Stage(make, work, reading)


COMMANDS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (editing.set_session, SESSION),
    (editing.edit_access, {"access": "Captions", "needs_until": None}),
    (editing.add_link, LINK),
    (editing.edit_link, {"link_id": 1, **LINK}),
    (editing.remove_link, {"link_id": 1}),
]
NAMES = [command.__name__ for command, _values in COMMANDS]


class TestWhoMayAndWhen:
    @pytest.fixture
    def webinar(self, stage: Stage) -> Event:
        webinar = stage.webinars.webinar()
        stage.webinars.link(webinar)
        return webinar

    @pytest.mark.parametrize(("command", "values"), COMMANDS, ids=NAMES)
    def test_only_editors_of_the_programme(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        host, elsewhere, editor = (stage.make.account(name) for name in ("Hani", "Ella", "Edi"))
        stage.make.grant(host, Role.HOST, event=webinar)
        stage.make.grant(elsewhere, Role.FACILITATOR, programme=stage.make.programme("other"))
        stage.make.grant(editor, Role.FACILITATOR, programme=stage.make.programme())
        for person in (host, elsewhere):
            with pytest.raises(NotFound):
                stage.do(command, webinar, actor=stage.make.actor(person), **values)
        stage.do(command, webinar, actor=stage.make.actor(editor), **values)

    @pytest.mark.parametrize(("command", "values"), COMMANDS, ids=NAMES)
    def test_nobody_overwrites_what_they_have_not_seen(
        self, stage: Stage, webinar: Event, clock: FixedClock, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        seen = revision(stage.make.event(webinar.id))
        clock.move(timedelta(seconds=1))
        stage.do(editing.edit_access, webinar, access="Somebody was quicker", needs_until=None)
        with pytest.raises(Refusal, match="Somebody else changed this event"):
            stage.do(command, webinar, seen=seen, **values)
        assert stage.make.event(webinar.id).step_free == "Somebody was quicker"

    @pytest.mark.parametrize(("command", "values"), COMMANDS, ids=NAMES)
    def test_nothing_of_a_cancelled_one(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        with stage.work() as unit:
            shared.cancel_event(unit, event_id=webinar.id, reason="Snow")
        with pytest.raises(Refusal, match="has been cancelled"):
            stage.do(command, webinar, **values)

    @pytest.mark.parametrize(("command", "values"), COMMANDS, ids=NAMES)
    def test_nothing_of_an_event_of_another_kind(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        with pytest.raises(NotFound):
            stage.do(command, stage.make.visit(), **values)

    @pytest.mark.parametrize(("command", "values"), [item for item in COMMANDS if "link_id" in item[1]])
    def test_nothing_that_belongs_to_another_webinar(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        other = stage.webinars.webinar("Another")
        with pytest.raises(NotFound):
            stage.do(command, other, **values)
        assert len(stage.all_of(EventLink)) == 1


class TestMakingOne:
    def test_it_starts_as_a_draft_online_for_one_a_booking(self, stage: Stage) -> None:
        with stage.work() as unit:
            made = editing.create_webinar(
                unit, programme_id=stage.make.programme().id, title="Guelph plans", summary="Hear how."
            )
        event = stage.make.event(made.id)
        assert (event.kind, event.choice, event.state) == (EventKind.WEBINAR, Choice.ALL, EventState.DRAFT)
        assert (event.slug, event.place, event.party_max, event.visibility) == (
            "guelph-plans",
            "Online",
            1,
            Visibility.PUBLIC,
        )
        assert event.parts == []

    def test_only_editors_make_one(self, stage: Stage) -> None:
        person = stage.make.account()
        with pytest.raises(NotFound), stage.work(stage.make.actor(person)) as unit:
            editing.create_webinar(unit, programme_id=stage.make.programme().id, title="Guelph", summary="Hear how.")

    def test_it_is_published_without_a_joining_address_but_not_without_a_time(self, stage: Stage) -> None:
        with stage.work() as unit:
            made = editing.create_webinar(
                unit,
                programme_id=stage.make.programme().id,
                title="Guelph",
                summary="Hear how.",
                description="How it went.",
            )
        with pytest.raises(Refusal, match="at least one date in the future"), stage.work() as unit:
            shared.publish_event(unit, event_id=made.id)
        stage.do(editing.set_session, made, **{**SESSION, "join_url": ""})
        with stage.work() as unit:
            assert shared.publish_event(unit, event_id=made.id).state is EventState.PUBLISHED


class TestTheSession:
    def test_is_one_part_that_bears_the_title(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar("Guelph plans")
        (part,) = webinar.parts
        assert (part.kind, part.title, part.capacity) == ("webinar", "Guelph plans", None)
        assert (part.starts_at, part.ends_at) == (
            datetime(2026, 3, 9, 12, 30, tzinfo=UTC),
            datetime(2026, 3, 9, 13, 30, tzinfo=UTC),
        )
        with stage.work() as unit:
            shared.edit_details(
                unit,
                event_id=webinar.id,
                title="Guelph planned",
                summary="Hear how.",
                description="How it went.",
                series_id=None,
                visibility=Visibility.PUBLIC,
            )
        assert stage.make.event(webinar.id).parts[0].title == "Guelph planned"

    def test_is_told_by_the_clock_of_the_place(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar()
        stage.do(editing.set_session, webinar, **{**SESSION, "on_date": date(2026, 7, 1)})
        assert stage.make.event(webinar.id).parts[0].starts_at == datetime(2026, 7, 1, 11, 30, tzinfo=UTC)

    def test_keeps_its_address_encrypted(self, stage: Stage) -> None:
        stage.webinars.webinar()
        with stage.reading() as read:
            kept = read.session.connection().exec_driver_sql("SELECT row_to_json(p)::text FROM part p").scalar()
        assert "meet.example" not in str(kept)

    def test_that_moves_renews_the_entries_and_is_told_to_all(
        self, stage: Stage, clock: FixedClock, outbox: Posted
    ) -> None:
        webinar = stage.webinars.webinar()
        for name in ("Ann", "Ben"):
            stage.webinars.register(stage.make.account(name), webinar)
        clock.move(timedelta(hours=1))
        stage.do(editing.set_session, webinar, **{**SESSION, "start": time(13), "end": time(14)})
        assert len(outbox("booking_changed")) == 2
        assert {entry.sequence for entry in stage.all_of(Entry)} == {1}
        assert [part.sequence for part in stage.all_of(Part)] == [1]

    def test_with_another_address_tells_nobody(self, stage: Stage, outbox: Posted) -> None:
        webinar = stage.webinars.webinar()
        stage.webinars.register(stage.make.account(), webinar)
        stage.do(editing.set_session, webinar, **{**SESSION, "join_url": "https://meet.example/other"})
        assert outbox("booking_changed") == []
        assert stage.make.event(webinar.id).parts[0].join_url == "https://meet.example/other"

    @pytest.mark.parametrize(
        ("values", "words", "field"),
        [
            ({"on_date": date(2026, 3, 1)}, "must begin in the future", "on_date"),
            ({"end": time(12, 30)}, "must end after it begins", "end"),
            ({"on_date": date(2026, 3, 29), "start": time(1, 30), "end": time(3)}, "clocks go forward", "start"),
            ({"join_url": "http://meet.example/a"}, "begins with https://", "join_url"),
            ({"join_url": "javascript:alert(1)"}, "begins with https://", "join_url"),
            ({"join_url": "https://"}, "begins with https://", "join_url"),
            ({"join_url": "https://user@meet.example/"}, "begins with https://", "join_url"),
            ({"join_url": "https://meet.example/a b"}, "begins with https://", "join_url"),
            ({"join_url": "https://[meet.example/"}, "begins with https://", "join_url"),
            ({"join_url": "https://meet.example\\@evil.example"}, "begins with https://", "join_url"),
            ({"join_url": "https://meet.example/" + "a" * 2_000}, "begins with https://", "join_url"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, stage: Stage, values: dict[str, Any], words: str, field: str) -> None:
        webinar = stage.webinars.webinar()
        with pytest.raises(Refusal, match=words) as refused:
            stage.do(editing.set_session, webinar, **{**SESSION, **values})
        assert refused.value.field == field
        assert stage.make.event(webinar.id).parts[0].starts_at == webinar.parts[0].starts_at

    def test_that_has_begun_keeps_its_time_but_may_have_another_address(self, stage: Stage, clock: FixedClock) -> None:
        webinar = stage.webinars.webinar()
        clock.set(webinar.parts[0].starts_at)
        with pytest.raises(Refusal, match="has begun already"):
            stage.do(editing.set_session, webinar, **{**SESSION, "end": time(14)})
        stage.do(editing.set_session, webinar, **{**SESSION, "join_url": "https://meet.example/other"})
        assert stage.make.event(webinar.id).parts[0].join_url == "https://meet.example/other"


class TestLinks:
    def test_can_be_added_corrected_and_removed(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar(begins=START - timedelta(days=7))
        link = stage.webinars.link(webinar)
        assert link.added_at == START
        stage.do(editing.edit_link, webinar, link_id=link.id, **{**LINK, "kind": LinkKind.RESOURCE, "title": "Slides"})
        assert [(found.kind, found.title) for found in stage.all_of(EventLink)] == [(LinkKind.RESOURCE, "Slides")]
        stage.do(editing.remove_link, webinar, link_id=link.id)
        assert stage.all_of(EventLink) == []

    def test_to_a_recording_need_somebody_sure_where_a_speaker_said_no(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar(begins=START - timedelta(days=7))
        speaker = stage.webinars.speaker(webinar, "Maren")
        with stage.work() as unit:
            unit.session.get_one(Speaker, speaker.id).may_record = False
        with pytest.raises(Refusal, match="Maren said no to being recorded") as refused:
            stage.do(editing.add_link, webinar, **LINK)
        assert refused.value.field == "sure"
        slides = stage.do(editing.add_link, webinar, **{**LINK, "kind": LinkKind.RESOURCE})
        with pytest.raises(Refusal, match="said no"):
            stage.do(editing.edit_link, webinar, link_id=slides.id, **LINK)
        recording = stage.do(editing.add_link, webinar, **LINK, sure=True)
        stage.do(editing.edit_link, webinar, link_id=recording.id, **{**LINK, "title": "Watch the talk"})
        with pytest.raises(Refusal, match="said no"):
            stage.do(editing.edit_link, webinar, link_id=recording.id, **{**LINK, "url": "https://video.example/2"})

    @pytest.mark.parametrize("url", ["http://video.example", "ftp://video.example", "video.example", "//video.example"])
    def test_lead_to_encrypted_places_only(self, stage: Stage, url: str) -> None:
        webinar = stage.webinars.webinar()
        with pytest.raises(Refusal, match="https://") as refused:
            stage.do(editing.add_link, webinar, **{**LINK, "url": url})
        assert refused.value.field == "url"
        link = stage.webinars.link(webinar)
        with pytest.raises(Refusal, match="https://"):
            stage.do(editing.edit_link, webinar, link_id=link.id, **{**LINK, "url": url})


def test_rules_leave_the_size_of_a_party_alone(stage: Stage) -> None:
    webinar = stage.webinars.webinar()
    with stage.work() as unit:
        shared.edit_booking_rules(
            unit, event_id=webinar.id, capacity=15, opens_at=None, closes_at=None, change_until=None
        )
    event = stage.make.event(webinar.id)
    assert (event.party_max, event.capacity) == (1, 15)
