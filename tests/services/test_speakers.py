"""Those who speak: named and asked by staff, and what they say for themselves by their link."""

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event
from cop.models.files import File
from cop.models.outbox import Outbox
from cop.models.webinars import Speaker
from cop.queries import speakers as queries
from cop.queries.events import revision
from cop.queries.speakers import Standing, link_token, standing
from cop.services import files, retention
from cop.services import speakers as services
from cop.services.events import editing
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.pictures import jpeg, png
from tests.support.webinars import Webinars

Posted = Callable[..., Sequence[Outbox]]

BY_LINK = Actor(via="link")

SAID: dict[str, Any] = {
    "role_title": "Manager",
    "organisation": "City of Guelph",
    "about": "Keeps it honest.",
    "abstract": "What lasted.",
    "timezone": "America/Toronto",
    "may_record": True,
}


class Stage:
    def __init__(self, make: Make, work: Working, reading: Reads) -> None:
        self.make, self.work, self.reading = make, work, reading
        self.webinars = Webinars(make, work)

    def do(self, command: Callable[..., Any], event: Event, *, actor: Actor = SYSTEM, **values: Any) -> Any:
        """As somebody who sees the event as it stands, unless ``seen`` says otherwise."""
        with self.work(actor) as unit:
            seen = {"seen": revision(unit.session.get_one(Event, event.id)), **values}
            return command(unit, event_id=event.id, **seen)

    def named(self, event: Event, name: str = "Maren", **more: Any) -> Speaker:
        values = {"email": f"{name.lower()}@guelph.example", **more}
        return self.webinars.speaker(event, name, **values)

    def asked(self, event: Event, name: str = "Maren") -> Speaker:
        speaker = self.named(event, name)
        self.do(services.ask, event, speaker_ids=[speaker.id])
        return self.again(speaker)

    def again(self, speaker: Speaker) -> Speaker:
        with self.reading() as read:
            return read.session.get_one(Speaker, speaker.id)

    def says(self, speaker: Speaker, **values: Any) -> Speaker:
        """By the link, as the page showed them."""
        with self.work(BY_LINK) as unit:
            seen = {"seen": queries.revision(unit.session.get_one(Speaker, speaker.id))}
            return services.answer(unit, token=link_token(speaker), **{**SAID, **seen, **values})

    def order(self) -> list[str]:
        with self.reading() as read:
            return list(read.session.scalars(select(Speaker.name).order_by(Speaker.position, Speaker.id)))


@pytest.fixture
def stage(make: Make, work: Working, reading: Reads) -> Stage:
    return Stage(make, work, reading)


COMMANDS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (services.add, {"name": "Ann"}),
    (services.edit, {"speaker_id": 1, "name": "Ann", "email": "maren@guelph.example"}),
    (services.move_up, {"speaker_id": 1}),
    (services.remove, {"speaker_id": 1}),
    (services.ask, {"speaker_ids": [1]}),
]
NAMES = [command.__name__ for command, _values in COMMANDS]


class TestWhoMayAndWhen:
    @pytest.fixture
    def webinar(self, stage: Stage) -> Event:
        webinar = stage.webinars.webinar()
        stage.named(webinar)
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
        stage.named(webinar, "Quicker")
        with pytest.raises(Refusal, match="Somebody else changed this event"):
            stage.do(command, webinar, seen=seen, **values)
        assert stage.order() == ["Maren", "Quicker"]

    @pytest.mark.parametrize(("command", "values"), COMMANDS, ids=NAMES)
    def test_nothing_of_a_cancelled_one(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        with stage.work() as unit:
            editing.cancel_event(unit, event_id=webinar.id, reason="Snow")
        with pytest.raises(Refusal, match="has been cancelled"):
            stage.do(command, webinar, **values)

    @pytest.mark.parametrize(("command", "values"), COMMANDS[1:4], ids=NAMES[1:4])
    def test_nothing_of_another_event(
        self, stage: Stage, webinar: Event, command: Callable[..., Any], values: dict[str, Any]
    ) -> None:
        with pytest.raises(NotFound):
            stage.do(command, stage.make.visit(), **values)
        assert stage.order() == ["Maren"]


class TestNamingThem:
    def test_they_stand_in_the_order_that_staff_choose(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar()
        ann, ben, _cem = (stage.webinars.speaker(webinar, name) for name in ("Ann", "Ben", "Cem"))
        stage.do(services.move_up, webinar, speaker_id=ben.id)
        assert stage.order() == ["Ben", "Ann", "Cem"]
        stage.do(services.move_up, webinar, speaker_id=ben.id)
        assert stage.order() == ["Ben", "Ann", "Cem"], "the first stays where they are"
        stage.do(services.remove, webinar, speaker_id=ann.id)
        stage.webinars.speaker(webinar, "Dan")
        assert stage.order() == ["Ben", "Cem", "Dan"]

    def test_they_speak_at_an_event_of_any_kind_in_one_of_its_parts(self, stage: Stage) -> None:
        visit = stage.make.visit(slots=2)
        speaker = stage.named(visit, part_id=visit.parts[1].id)
        with stage.reading() as read:
            assert [part.id for part in queries.asked(read, speaker.id).parts] == [visit.parts[1].id]
        stage.do(services.edit, visit, speaker_id=speaker.id, name="Maren", part_id=None)
        with stage.reading() as read:
            assert len(queries.asked(read, speaker.id).parts) == 2

    def test_a_part_of_another_event_is_refused(self, stage: Stage) -> None:
        visit, other = stage.make.visit(), stage.make.visit("Other")
        with pytest.raises(Refusal, match="Choose one from the list") as refused:
            stage.named(visit, part_id=other.parts[0].id)
        assert refused.value.field == "part_id"

    def test_they_stay_when_their_part_is_removed(self, stage: Stage) -> None:
        visit = stage.make.visit(slots=2)
        speaker = stage.named(visit, part_id=visit.parts[1].id)
        with stage.work() as unit:
            editing.remove_slot(unit, part_id=visit.parts[1].id)
        assert stage.again(speaker).part_id is None

    @pytest.mark.parametrize(
        ("values", "words", "field"),
        [
            ({"timezone": "Mars/Olympus"}, "Choose a time zone", "timezone"),
            ({"email": "maren at guelph"}, "Enter an e-mail address", "email"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, stage: Stage, values: dict[str, Any], words: str, field: str) -> None:
        with pytest.raises(Refusal, match=words) as refused:
            stage.named(stage.webinars.webinar(), **values)
        assert refused.value.field == field


class TestAskingThem:
    def test_writes_to_each_once_and_then_reminds_whoever_is_silent(
        self, stage: Stage, outbox: Posted, clock: FixedClock
    ) -> None:
        webinar = stage.webinars.webinar()
        speaker, other = stage.asked(webinar), stage.asked(webinar, "Orla")
        assert [(row.template, row.address) for row in outbox()] == [
            ("speaker_asked", "maren@guelph.example"),
            ("speaker_asked", "orla@guelph.example"),
        ]
        assert standing(speaker) is Standing.SILENT
        with pytest.raises(Refusal, match="today already"):
            stage.do(services.ask, webinar, speaker_ids=[speaker.id])
        clock.move(timedelta(days=1))
        stage.says(other)
        stage.do(services.ask, webinar, speaker_ids=[speaker.id])
        assert outbox()[-1].template == "speaker_reminder"
        with pytest.raises(Refusal, match="Orla has answered"):
            stage.do(services.ask, webinar, speaker_ids=[other.id])

    def test_needs_somebody_with_an_address(self, stage: Stage, outbox: Posted) -> None:
        webinar, elsewhere = stage.webinars.webinar(), stage.webinars.webinar("Another")
        unreached, stranger = stage.webinars.speaker(webinar), stage.named(elsewhere)
        with pytest.raises(Refusal, match="has no e-mail address"):
            stage.do(services.ask, webinar, speaker_ids=[unreached.id])
        for wanted in ([], [stranger.id]):
            with pytest.raises(Refusal, match="Choose whom to ask"):
                stage.do(services.ask, webinar, speaker_ids=wanted)
        assert outbox() == []

    def test_is_needless_once_it_is_over(self, stage: Stage, clock: FixedClock) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.named(webinar)
        clock.set(webinar.parts[0].ends_at)
        with pytest.raises(Refusal, match="is over"):
            stage.do(services.ask, webinar, speaker_ids=[speaker.id])

    def test_at_another_address_takes_the_first_link_away(self, stage: Stage, reading: Reads) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.asked(webinar)
        stage.do(services.edit, webinar, speaker_id=speaker.id, name="Maren", email="assistant@guelph.example")
        assert standing(stage.again(speaker)) is Standing.NOT_ASKED
        with reading() as read, pytest.raises(NotFound):
            queries.of_link(read, token=link_token(speaker))


class TestTheirAnswer:
    def test_stands_with_the_event_and_can_be_changed(self, stage: Stage) -> None:
        speaker = stage.asked(stage.webinars.webinar())
        stage.says(speaker)
        found = stage.says(speaker, abstract="What did not.", may_record=False)
        assert (found.abstract, found.about, found.may_record) == ("What did not.", "Keeps it honest.", False)
        assert standing(found) is Standing.ANSWERED
        assert found.name == "Maren"

    def test_is_refused_where_staff_changed_something_meanwhile(self, stage: Stage) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.asked(webinar)
        seen = queries.revision(speaker)
        stage.do(
            services.edit, webinar, speaker_id=speaker.id, name="Maren", about="New words", email=speaker.email or ""
        )
        with pytest.raises(Refusal, match="We changed something here meanwhile"):
            stage.says(speaker, seen=seen)
        assert stage.again(speaker).about == "New words"

    def test_tells_staff_who_had_the_page_open(self, stage: Stage, clock: FixedClock) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.asked(webinar)
        seen = revision(stage.make.event(webinar.id))
        clock.move(timedelta(seconds=1))
        stage.says(speaker)
        with pytest.raises(Refusal, match="Somebody else changed this event"):
            stage.do(services.edit, webinar, seen=seen, speaker_id=speaker.id, name="Maren")

    @pytest.mark.parametrize("end", ["over", "cancelled"])
    def test_comes_too_late_once_it_is_over_or_cancelled(self, stage: Stage, clock: FixedClock, end: str) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.asked(webinar)
        if end == "over":
            clock.set(webinar.parts[0].ends_at)
        else:
            with stage.work() as unit:
                editing.cancel_event(unit, event_id=webinar.id, reason="Snow")
        with pytest.raises(Refusal, match="over or cancelled"):
            stage.says(speaker)
        with stage.work(BY_LINK) as unit, pytest.raises(Refusal, match="over or cancelled"):
            services.decline(unit, token=link_token(speaker))
        assert stage.again(speaker).answered_at is None

    def test_may_be_no_and_then_yes_after_all(self, stage: Stage, reading: Reads) -> None:
        webinar = stage.webinars.webinar()
        speaker = stage.asked(webinar)
        for _ in range(2):
            with stage.work(BY_LINK) as unit:
                services.decline(unit, token=link_token(speaker))
        with reading() as read:
            assert queries.shown(read, webinar.id) == []
            assert standing(queries.of_event(read, webinar.id)[0]) is Standing.DECLINED
        stage.says(speaker)
        with reading() as read:
            assert [item.name for item in queries.shown(read, webinar.id)] == ["Maren"]

    def test_by_a_forged_link_is_nothing(self, stage: Stage) -> None:
        stage.asked(stage.webinars.webinar())
        with stage.work(BY_LINK) as unit, pytest.raises(NotFound):
            services.answer(unit, **{**SAID, "token": "forged", "seen": 0})


class TestTheirPhoto:
    @pytest.fixture
    def speaker(self, stage: Stage) -> Speaker:
        return stage.asked(stage.webinars.webinar())

    def test_is_kept_without_what_the_camera_noted(self, stage: Stage, speaker: Speaker, reading: Reads) -> None:
        noted = jpeg()[:2] + b"\xff\xfe\x00\x0bin Guelph" + jpeg()[2:]
        said = stage.says(speaker, photo=io.BytesIO(noted), photo_alt="Maren, smiling")
        assert said.photo_alt == "Maren, smiling"
        with reading() as read:
            kept = read.session.get_one(File, said.photo)
            assert kept.media_type == "image/jpeg"
            assert b"".join(files.pieces(read, kept)) == jpeg()

    def test_can_be_exchanged_and_removed_and_stays_otherwise(self, stage: Stage, speaker: Speaker) -> None:
        first = stage.says(speaker, photo=io.BytesIO(jpeg()), photo_alt="Before").photo
        assert stage.says(speaker, photo_alt="Before").photo == first
        second = stage.says(speaker, photo=io.BytesIO(png())).photo
        assert second not in (None, first)
        removed = stage.says(speaker, removes_photo=True, photo_alt="Gone")
        assert (removed.photo, removed.photo_alt) == (None, "")

    @pytest.mark.parametrize("data", [b"%PDF-1.7", b"", jpeg(50, 50), jpeg() + bytes(services.PHOTO_BYTES)])
    def test_of_another_kind_or_size_is_refused_and_nothing_saved(
        self, stage: Stage, speaker: Speaker, data: bytes
    ) -> None:
        with pytest.raises(Refusal, match=r"JPEG or PNG|larger than 5 MB") as refused:
            stage.says(speaker, photo=io.BytesIO(data))
        assert refused.value.field == "photo"
        assert stage.again(speaker).answered_at is None

    def test_goes_when_the_speaker_goes(
        self, stage: Stage, speaker: Speaker, clock: FixedClock, reading: Reads
    ) -> None:
        stage.says(speaker, photo=io.BytesIO(jpeg()))
        clock.move(timedelta(days=2))
        with stage.work() as unit:
            assert retention.purge(unit, code="files", limit=9) == 0
        stage.do(services.remove, stage.make.event(speaker.event_id), speaker_id=speaker.id)
        with stage.work() as unit:
            assert retention.purge(unit, code="files", limit=9) == 1


def test_consents_are_counted_of_those_who_speak(stage: Stage) -> None:
    webinar = stage.webinars.webinar()
    yes, no, gone = (stage.asked(webinar, name) for name in ("Ann", "Ben", "Cem"))
    stage.named(webinar, "Dan")
    stage.says(yes)
    stage.says(no, may_record=False)
    stage.says(gone, may_record=False)
    with stage.work(BY_LINK) as unit:
        services.decline(unit, token=link_token(gone))
    with stage.reading() as read:
        assert queries.consents(queries.of_event(read, webinar.id)) == queries.Consents(["Ann"], ["Ben"], ["Dan"])
