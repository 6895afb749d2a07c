"""Meet-ups as alumni and staff use them, and how little of them others learn."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.core.secrecy import sign
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.service import Observation
from scheduled import send_reminders
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.meet_ups import MeetUps, join_path
from tests.support.queries import count_queries
from tests.support.webinars import ADDRESS, Webinars

Posted = Callable[..., Sequence[Outbox]]
Observed = Callable[[], list[tuple[str, int | None, int | None]]]

SECRETS = ("Quokka", "zorillas")
"""Words of a meet-up that stand nowhere else."""


@pytest.fixture
def circle(make: Make, work: Working) -> MeetUps:
    return MeetUps(make, work)


@pytest.fixture
def alma(app: Flask, make: Make) -> Person:
    return MakeForum(app, make).alumna("Alma Ashdown", email="alma@council.example", accepts=False)


@pytest.fixture
def event(circle: MeetUps) -> Event:
    return circle.meet_up(join_opens_minutes=30)


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Torr")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def observed(reading: Reads) -> Observed:
    def found() -> list[tuple[str, int | None, int | None]]:
        with reading() as read:
            seen = read.session.scalars(select(Observation).order_by(Observation.id))
            return [(item.kind, item.subject_id, item.person_id) for item in seen]

    return found


class TestWhoLearnsOfIt:
    @pytest.mark.parametrize("signed_in", [False, True])
    def test_others_find_it_nowhere(
        self, browse: Browse, event: Event, make: Make, circle: MeetUps, alma: Person, *, signed_in: bool
    ) -> None:
        booked = circle.book(alma, event)
        if signed_in:
            browse.sign_in(make.account("Sam Stranger"))
        pages = (
            "/",
            "/programmes/health-inequalities",
            "/webinars/",
            "/visits/",
            "/meet-ups/",
            "/calendar",
            "/account",
            "/search?q=hour",
            f"/meet-ups/{event.slug}",
            f"/meet-ups/{event.slug}/book",
            f"/meet-ups/{event.slug}/dates/{event.parts[0].id}/join",
            f"/webinars/{event.slug}",
            f"/webinars/{event.slug}/join",
            f"/visits/{event.slug}",
            f"/summits/{event.slug}",
            f"/events/{event.slug}/wait",
            f"/bookings/{booked.public_id}",
        )
        for path in pages:
            page = browse.get(path)
            said = page.html.replace(event.slug, "")  # the address itself comes back in links to sign in
            assert [word for word in SECRETS if word in said] == [], path

    def test_no_public_feed_shows_it(self, browse: Browse, event: Event) -> None:
        assert "uokka" not in browse.client.get("/calendar.ics").get_data(as_text=True)
        assert browse.client.get(f"/events/{event.slug}.ics").status_code == 404

    def test_a_stranger_gets_404_and_whoever_is_signed_out_is_asked_to_sign_in(
        self, browse: Browse, event: Event, make: Make
    ) -> None:
        for path in (f"/meet-ups/{event.slug}", f"/meet-ups/{event.slug}/dates/{event.parts[0].id}/join"):
            assert "/sign-in" in browse.get(path, follow=False).location
        browse.sign_in(make.account("Sam"))
        for path in (f"/meet-ups/{event.slug}", f"/meet-ups/{event.slug}/dates/{event.parts[0].id}/join"):
            assert browse.get(path).status == 404
        assert "There is no meet-up for you just now" in browse.get("/meet-ups/").text

    def test_a_draft_is_for_staff(self, browse: Browse, circle: MeetUps, alma: Person) -> None:
        draft = circle.meet_up(state="draft")
        browse.sign_in(alma)
        assert browse.get(f"/meet-ups/{draft.slug}").status == 404
        assert "Quokka" not in browse.get("/meet-ups/").text


class TestComing:
    def test_alumni_choose_their_dates_and_change_them(self, browse: Browse, event: Event, alma: Person) -> None:
        page = browse.sign_in(alma).get("/account").click("Meet-ups of alumni").click("Quokka circle")
        assert "Tuesday 10 March 2026, 12:30pm to 1:30pm" in page.text
        page.click("Choose your dates")
        assert len(page.soup.select("input[name=dates][checked]")) == 3
        page.submit("Save", dates=[str(event.parts[0].id), str(event.parts[2].id)])
        assert "You are booked" in page.text
        assert "14 April" not in page.text
        page.click("Change your dates").submit("Save", dates=[str(event.parts[1].id)])
        assert "Your dates are saved" in page.text
        assert "14 April" in page.text
        listed = page.get("/meet-ups/").text
        assert "You come to 1" in listed

    def test_without_any_date_nothing_is_booked(self, browse: Browse, event: Event, alma: Person) -> None:
        page = browse.sign_in(alma).get(f"/meet-ups/{event.slug}/book").submit("Save", dates=[])
        assert page.status == 422
        assert "Choose at least one date" in page.text

    def test_another_date_than_those_offered_is_refused(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps
    ) -> None:
        other = circle.meet_up("Other")
        page = browse.sign_in(alma).get(f"/meet-ups/{event.slug}/book")
        page.post(page.path, {"dates": str(other.parts[0].id)})
        assert page.status == 422

    def test_whoever_has_booked_changes_it_instead(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps
    ) -> None:
        booked = circle.book(alma, event)
        page = browse.sign_in(alma).get(f"/meet-ups/{event.slug}/book")
        assert page.path == f"/bookings/{booked.public_id}/change"

    def test_dates_that_were_are_said_and_kept(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, clock: FixedClock
    ) -> None:
        booked = circle.book(alma, event)
        clock.set(event.parts[0].ends_at)
        page = browse.sign_in(alma).get(f"/bookings/{booked.public_id}/change")
        assert "stays in the booking" in page.text
        page.submit("Save", dates=[])
        assert "Your dates are saved" in page.text
        assert "10 March" in page.text

    def test_cancelling_gives_back_the_dates_to_come(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, clock: FixedClock
    ) -> None:
        booked = circle.book(alma, event)
        clock.set(event.parts[0].ends_at)
        page = browse.sign_in(alma).get(f"/bookings/{booked.public_id}/cancel")
        assert "14 April" in page.text
        assert "10 March" not in page.text
        page.submit("Yes, cancel it")
        assert "You were booked" in page.text

    def test_the_list_is_read_with_the_same_number_of_statements(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps
    ) -> None:
        assert event.id
        browse.sign_in(alma).get("/meet-ups/")
        with count_queries() as one:
            browse.get("/meet-ups/")
        circle.meet_up("Second")
        circle.meet_up("Third")
        with count_queries() as three:
            browse.get("/meet-ups/")
        assert len(one) == len(three)


class TestJoining:
    def test_each_date_has_a_door_of_its_own(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, clock: FixedClock, observed: Observed
    ) -> None:
        booked = circle.book(alma, event)
        first, second, _third = event.parts
        assert "You can join from 10 March 2026 at midday" in browse.get(join_path(event, first, booked)).text
        clock.set(first.starts_at - timedelta(minutes=30))
        page = browse.get(join_path(event, first, booked))
        assert ADDRESS not in page.html
        assert "form-action 'self' https:;" in page.response.headers["Content-Security-Policy"]
        assert observed() == []
        page.submit("Join now", follow=False)
        assert (page.status, page.location) == (303, ADDRESS)
        assert observed() == [("joined", first.id, alma.id)]
        assert "You can join from 14 April" in browse.get(join_path(event, second, booked)).text
        clock.set(first.ends_at)
        assert "This date is over" in browse.get(join_path(event, first, booked)).text
        assert browse.post(join_path(event, first, booked), follow=False).status == 422

    def test_what_was_given_back_or_called_off_lets_nobody_in(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, clock: FixedClock, editor: Person
    ) -> None:
        booked = circle.book(alma, event)
        circle.change(alma, booked, [event.parts[1].id])
        clock.set(event.parts[0].starts_at)
        path = join_path(event, event.parts[0], booked)
        assert "You gave your place on this date back" in browse.get(path).text
        assert browse.post(path, follow=False).status == 422
        page = browse.another().sign_in(editor)
        page.get(f"/admin/events/{event.slug}/parts/{event.parts[1].id}/cancel")
        page.submit("See who is told", reason="The host is ill").submit("Yes, cancel it and tell them")
        clock.set(event.parts[1].starts_at)
        path = join_path(event, event.parts[1], booked)
        assert "cancelled" in browse.get(path).text
        assert browse.post(path, follow=False).status == 422

    def test_forged_and_foreign_links_open_nothing(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, make: Make, work: Working
    ) -> None:
        booked = circle.book(alma, event)
        path = join_path(event, event.parts[0], booked)
        webinars = Webinars(make, work)
        webinar = webinars.webinar()
        registered = webinars.register(alma, webinar)
        token = sign("join", registered.public_id, registered.link_generation)
        own = sign("join", booked.public_id, booked.link_generation)
        base = f"/meet-ups/{event.slug}/dates"
        for wrong in (
            path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1],  # some bits of the last sign stand for nothing
            f"{base}/{event.parts[0].id}/join?t={token}",
            f"{base}/{webinar.parts[0].id}/join?t={own}",
            f"/meet-ups/{webinar.slug}/dates/{webinar.parts[0].id}/join?t={token}",
            f"/webinars/{event.slug}/join?t={own}",
        ):
            assert browse.get(wrong).status == 404, wrong

    def test_alumni_who_did_not_book_the_date_are_told_how(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps
    ) -> None:
        path = f"/meet-ups/{event.slug}/dates/{event.parts[1].id}/join"
        page = browse.sign_in(alma).get(path)
        assert "You have not booked this date" in page.text
        circle.book(alma, event, event.parts[:1])
        assert page.get(path).click("Choose your dates").heading.endswith("Choose your dates")
        assert page.post(path, follow=False).status == 422

    def test_their_own_page_has_the_way_in_when_the_door_opens(
        self, browse: Browse, event: Event, alma: Person, circle: MeetUps, clock: FixedClock
    ) -> None:
        circle.book(alma, event)
        clock.set(event.parts[0].starts_at)
        page = browse.sign_in(alma).get("/account").click("Join now")
        page.submit("Join now", follow=False)
        assert page.location == ADDRESS


class TestMailAndCalendars:
    def test_no_mail_and_no_feed_has_the_address_and_each_entry_has_its_own_page(
        self,
        app: Flask,
        browse: Browse,
        event: Event,
        alma: Person,
        circle: MeetUps,
        mailbox: Mailbox,
        clock: FixedClock,
    ) -> None:
        circle.book(alma, event, event.parts[:2])
        sent = list(mailbox.deliver())
        clock.set(event.parts[1].starts_at - timedelta(days=1))
        with app.app_context():
            send_reminders.run()
        sent += mailbox.deliver()
        confirmed, reminder = sent
        assert "Booked: Quokka circle" in str(confirmed.message["Subject"])
        assert "Tomorrow: Quokka circle" in str(reminder.message["Subject"])
        assert f"/meet-ups/{event.slug}/dates/{event.parts[1].id}/join?t=" in reminder.text
        assert "14 April" in reminder.text
        assert "10 March" not in reminder.text
        page = browse.sign_in(alma).get("/calendar")
        feed = str(page.soup.select_one("input[readonly], code").get_text() or "")  # type: ignore[union-attr]
        assert feed.startswith("http")
        own = page.client.get(feed.partition("//")[2].partition("/")[2].join(["/", ""])).get_data(as_text=True)
        plain = own.replace("\r\n ", "")
        for part in event.parts[:2]:
            assert f"/meet-ups/{event.slug}/dates/{part.id}/join?t=" in plain
        for words in (plain, *(mail.raw.decode(errors="replace") for mail in sent)):
            assert "meet.example" not in words


class TestStaff:
    def test_a_meet_up_is_planned_from_the_first_page_to_the_last(
        self, browse: Browse, editor: Person, make: Make, alma: Person
    ) -> None:
        page = browse.sign_in(editor).get("/admin/events/new").click("A meet-up")
        page.submit("Save the draft", title="Peer circle", summary="An hour among peers.")
        assert "Before you can publish it, add" in page.text
        slug = page.path.rpartition("/")[2]
        page.click("Details")
        assert "Who can see it?" not in page.text
        page.submit("Save", description="What helps, and what does not.")
        page.get(f"/admin/meet-ups/{slug}/dates").click("Plan dates")
        page.submit(
            "See the dates",
            **{"first-day": "27", "first-month": "4", "first-year": "2026"},
            start="12:30",
            end="1:30pm",
            rhythm="weeks",
            weeks="1",
            times="3",
            join_url=ADDRESS,
        )
        assert "Monday 4 May 2026: May Day" in page.text
        assert "Monday 18 May 2026" in page.text
        page.submit("No, change it")
        assert page.soup.select_one("#weeks")["value"] == "1"  # type: ignore[index]
        page.submit("See the dates").submit("Yes, plan them")
        assert "3 dates are planned" in page.text
        page.get(f"/admin/meet-ups/{slug}").click("Publish")
        assert "Alumni of the programme can see it" in page.text
        page.submit("Yes, publish it")
        assert "Peer circle" in page.another().sign_in(alma).get("/meet-ups/").text

    def test_what_was_typed_stays_when_it_is_refused(self, browse: Browse, editor: Person, event: Event) -> None:
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}/dates/new")
        page.submit(
            "See the dates",
            **{"first-day": "31", "first-month": "3", "first-year": "2026"},
            start="12:30",
            end="13:30",
            rhythm="months",
            times="2",
        )
        assert page.status == 422
        assert "fifth Tuesday" in page.text
        assert page.soup.select_one("#start")["value"] == "12:30"  # type: ignore[index]

    def test_a_move_is_shown_before_it_is_made(
        self, browse: Browse, editor: Person, event: Event, alma: Person, circle: MeetUps, make: Make, outbox: Posted
    ) -> None:
        circle.book(alma, event)
        part = event.parts[1]
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}/dates/{part.id}")
        page.submit("Save", **{"on_date-day": "15"}, note="The hall is taken.")
        assert "1 person by e-mail" in page.text
        assert make.event(event.id).parts[1].starts_at == part.starts_at
        page.submit("Yes, move it and tell them")
        assert "The date is moved, and people are told." in page.text
        assert make.event(event.id).parts[1].starts_at == part.starts_at + timedelta(days=1)
        assert len(outbox("booking_changed")) == 1

    def test_one_date_is_called_off_with_the_words_that_alumni_read(
        self, browse: Browse, editor: Person, event: Event, alma: Person, circle: MeetUps, mailbox: Mailbox
    ) -> None:
        circle.book(alma, event)
        mailbox.deliver()
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}/dates").click("Cancel Tuesday 14 April")
        page.submit("See who is told", reason="The host is ill")
        assert "does not take place on Tuesday 14 April 2026" in page.text
        page.submit("Yes, cancel it and tell them")
        (mail,) = mailbox.deliver()
        assert "Your other dates stay as they are" in mail.text
        assert "The host is ill" in mail.text

    def test_when_all_of_it_is_called_off_the_dates_that_were_stay(
        self,
        browse: Browse,
        editor: Person,
        event: Event,
        alma: Person,
        circle: MeetUps,
        mailbox: Mailbox,
        clock: FixedClock,
    ) -> None:
        booked = circle.book(alma, event)
        mailbox.deliver()
        clock.set(event.parts[0].ends_at)
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}").click("Cancel the whole meet-up")
        page.submit("See who is told", reason="Nobody leads it").submit("Yes, cancel it and tell them")
        (mail,) = mailbox.deliver()
        assert "no further date takes place" in mail.text
        assert "Nobody leads it" in mail.text
        assert "10 March" in browse.another().sign_in(alma).get(f"/bookings/{booked.public_id}").text

    def test_joining_is_set_for_all_dates_and_stale_pages_are_refused(
        self, browse: Browse, editor: Person, event: Event, make: Make, clock: FixedClock
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}/joining")
        other = browse.another().sign_in(editor).get(page.path)
        clock.move(timedelta(minutes=1))
        page.submit("Save", join_url="https://meet.example/one", join_opens_minutes="10")
        assert {part.join_url for part in make.event(event.id).parts} == {"https://meet.example/one"}
        other.submit("Save", join_url="https://meet.example/two", join_opens_minutes="20")
        assert other.status == 422
        assert "Somebody else changed this event" in other.text
        assert "https://meet.example/two" in other.html
        other.submit("Save")
        assert {part.join_url for part in make.event(event.id).parts} == {"https://meet.example/two"}

    def test_a_date_that_nobody_booked_is_removed(
        self, browse: Browse, editor: Person, event: Event, make: Make
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/meet-ups/{event.slug}/dates").click("Remove Tuesday 10 March")
        page.submit("Yes, remove the date")
        assert len(make.event(event.id).parts) == 2

    def test_staff_book_somebody_and_write_messages_with_rules(
        self, browse: Browse, editor: Person, event: Event
    ) -> None:
        page = browse.sign_in(editor).get(f"/events/{event.slug}/bookings/new")
        page.submit("Book for this person", name="Ben Okri", slot=str(event.parts[0].id), party_size="1")
        assert "Ben Okri is booked" in page.text
        assert page.get(f"/admin/meet-ups/{event.slug}").click("Messages").status == 200

    def test_pages_of_other_kinds_are_not_there(self, browse: Browse, editor: Person, make: Make) -> None:
        visit = make.visit()
        browse.sign_in(editor)
        for page in ("", "/dates", "/dates/new", "/joining"):
            assert browse.get(f"/admin/meet-ups/{visit.slug}{page}").status == 404
