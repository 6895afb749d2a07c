"""Calling off and moving: first the reason, then who is told what, then one act that changes everything at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event, EventState
from cop.models.outbox import Outbox
from tests.support import cohorts
from tests.support.browse import Browse
from tests.support.clock import START
from tests.support.make import Make, Working
from tests.support.webinars import Webinars

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def webinar(webinars: Webinars, make: Make) -> Event:
    made = webinars.webinar()
    webinars.register(make.account("Amina Yusuf"), made)
    webinars.register(make.account("Ben Okri"), made)
    return made


@pytest.fixture
def editor(make: Make, webinar: Event, browse: Browse) -> Browse:
    person = make.account("Edi Torr")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return browse.sign_in(person)


class TestCallingOff:
    def test_shows_who_is_told_and_then_does_it_all_at_once(
        self, editor: Browse, webinars: Webinars, webinar: Event, make: Make, outbox: Posted
    ) -> None:
        other = webinars.webinar("Another day", begins=START + timedelta(days=20))
        page = editor.get(f"/admin/webinars/{webinar.slug}").click("Cancel the webinar")
        assert "move it instead" in page.text
        page.submit("See who is told", reason="The speaker is ill", instead_event_id=other.id)
        assert "2 people by e-mail" in page.text
        assert "Amina Yusuf Ben Okri" in page.text
        assert "There is another date instead: “Another day”" in page.text
        assert "The speaker is ill" in page.text
        assert "/bookings/t/" not in page.html, "the message is shown without the keys in it"
        assert make.event(webinar.id).state is EventState.PUBLISHED
        assert outbox("booking_cancelled_by_staff") == []
        page.submit("Yes, cancel it and tell them")
        assert "It is cancelled. It was in 2 bookings. Everybody who booked is told." in page.text
        assert len(outbox("booking_cancelled_by_staff")) == 2
        assert "STATUS:CANCELLED" in page.client.get(f"/events/{webinar.slug}.ics").get_data(as_text=True)
        public = page.another().get(f"/webinars/{webinar.slug}")
        assert public.click("See “Another day”").path == f"/webinars/{other.slug}"

    def test_shows_anew_who_is_told_where_somebody_registered_meanwhile(
        self, editor: Browse, webinars: Webinars, webinar: Event, make: Make, outbox: Posted
    ) -> None:
        page = editor.get(f"/admin/events/{webinar.slug}/cancel").submit("See who is told", reason="Ill")
        webinars.register(make.account("Cem Kaya"), webinar)
        page.submit("Yes, cancel it and tell them")
        assert page.status == 422
        assert page.errors == ["Somebody booked or cancelled meanwhile. Look once more at who is told."]
        assert "3 people by e-mail" in page.text
        page.submit("Yes, cancel it and tell them")
        assert len(outbox("booking_cancelled_by_staff")) == 3

    def test_can_be_thought_over(self, editor: Browse, webinar: Event, make: Make) -> None:
        page = editor.get(f"/admin/events/{webinar.slug}/cancel").submit("See who is told", reason="Ill")
        page.submit("No, go back")
        reason = page.soup.select_one("[name=reason]")
        assert reason is not None
        assert reason.get_text().strip() == "Ill"
        assert make.event(webinar.id).state is EventState.PUBLISHED

    def test_of_what_nobody_booked_asks_all_the_same(self, editor: Browse, make: Make) -> None:
        visit = make.visit()
        page = editor.get(f"/admin/events/{visit.slug}/cancel").submit("See who is told", reason="Ill")
        assert "Nobody has to be told" in page.text
        page.submit("Yes, cancel it")
        assert "It is cancelled. Nobody had booked." in page.text

    def test_of_a_visit_offers_something_online(
        self, editor: Browse, webinar: Event, make: Make, outbox: Posted
    ) -> None:
        visit, amina = make.visit(), make.account("Rosa")
        held = make.booking(amina, visit)
        page = editor.get(f"/admin/events/{visit.slug}/cancel")
        page.submit("See who is told", reason="Flood", instead_event_id=webinar.id)
        assert "There is something online instead: “Health beyond hospitals”" in page.text
        page.submit("Yes, cancel it and tell them")
        assert "There is something online instead" in page.another().get(f"/visits/{visit.slug}").text
        assert "There is something online instead" in page.sign_in(amina).get(f"/bookings/{held.public_id}").text

    def test_of_the_part_of_a_webinar_is_of_the_whole(self, editor: Browse, webinar: Event) -> None:
        page = editor.get(f"/admin/events/{webinar.slug}/parts/{webinar.parts[0].id}/cancel")
        assert page.path == f"/admin/events/{webinar.slug}/cancel"

    def test_of_a_course_leaves_the_list_of_half_days(self, editor: Browse, make: Make, work: Working) -> None:
        course = cohorts.course(work, make, programme=make.programme())
        page = editor.get(f"/admin/events/{course.slug}/parts/{course.parts[0].id}/cancel")
        assert "People keep their place in all the rest" in page.text
        page.submit("See who is told", reason="Ill").submit("Yes, cancel it")
        assert page.path == f"/admin/cohorts/{course.slug}/half-days"

    def test_is_for_those_who_may_alter_it(self, browse: Browse, make: Make, webinar: Event) -> None:
        host = make.account("Hani")
        make.grant(host, Role.HOST, event=webinar)
        for person in (host, make.account("Stranger")):
            for path in ("cancel", f"parts/{webinar.parts[0].id}/cancel"):
                assert browse.sign_in(person).get(f"/admin/events/{webinar.slug}/{path}").status == 404


TIME = {"start": "3pm", "end": "4pm"}


class TestMoving:
    def test_a_webinar_shows_who_is_told(self, editor: Browse, webinar: Event, outbox: Posted) -> None:
        page = editor.get(f"/admin/webinars/{webinar.slug}/session")
        page.submit("Save", **TIME, note="The speaker’s train is late.")
        assert "2 people by e-mail" in page.text
        assert "The speaker’s train is late." in page.text
        assert outbox("booking_changed") == []
        page.submit("Yes, move it and tell them")
        assert [row.params["note"] for row in outbox("booking_changed")] == ["The speaker’s train is late."] * 2
        assert "3pm to 4pm" in page.another().get(f"/webinars/{webinar.slug}").text

    def test_back_tells_everybody_once_more(self, editor: Browse, webinar: Event, outbox: Posted) -> None:
        for times in (TIME, {"start": "12:30", "end": "13:30"}):
            editor.get(f"/admin/webinars/{webinar.slug}/session").submit("Save", **times)
            editor.submit("Yes, move it and tell them")
        assert len(outbox("booking_changed")) == 4
        assert "12:30pm to 1:30pm" in editor.another().get(f"/webinars/{webinar.slug}").text

    def test_nothing_asks_nothing(self, editor: Browse, webinar: Event, outbox: Posted) -> None:
        page = editor.get(f"/admin/webinars/{webinar.slug}/session")
        page.submit("Save", join_url="https://meet.example/other")
        assert "The time and the joining address are saved." in page.text
        assert outbox("booking_changed") == []

    def test_can_be_thought_over(self, editor: Browse, webinar: Event) -> None:
        page = editor.get(f"/admin/webinars/{webinar.slug}/session").submit("Save", **TIME)
        page.submit("No, change it")
        start = page.soup.select_one("[name=start]")
        assert start is not None
        assert start["value"] == "15:00" or start["value"] == "3pm"

    def test_to_another_place_shows_who_is_told(self, editor: Browse, make: Make, outbox: Posted) -> None:
        visit = make.visit(place="The Hub", getting_there="Bus 7", step_free="Yes")
        make.booking(make.account("Rosa"), visit)
        page = editor.get(f"/admin/events/{visit.slug}/practicalities").submit("Save", place="The Annexe")
        assert "1 person by e-mail" in page.text
        page.submit("Yes, move it and tell them")
        assert "The practicalities are saved" in page.text
        assert len(outbox("booking_changed")) == 1


def test_whoever_turned_such_mail_off_or_has_none_is_named(
    editor: Browse, make: Make, webinar: Event, webinars: Webinars
) -> None:
    visit = make.visit()
    amina: Person = make.person("No mail", None)
    make.booking(amina, visit)
    page = editor.get(f"/admin/events/{visit.slug}/cancel").submit("See who is told", reason="Flood")
    assert "1 person whom no mail reaches: you tell them" in page.text
    assert "No mail · to be told by you" in page.text
