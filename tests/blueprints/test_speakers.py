"""Pages about those who speak: those of staff, the one behind the link in their mail, and their photos."""

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.outbox import Outbox
from cop.models.webinars import Speaker
from cop.queries.speakers import link_token
from cop.services import speakers as services
from cop.services.events import editing
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.files import close_sent
from tests.support.make import Make, Reads, Working
from tests.support.pictures import jpeg, png
from tests.support.queries import count_queries
from tests.support.summits import make_summit
from tests.support.webinars import Webinars

Posted = Callable[..., Sequence[Outbox]]


@pytest.fixture
def webinars(make: Make, work: Working) -> Webinars:
    return Webinars(make, work)


@pytest.fixture
def webinar(webinars: Webinars) -> Event:
    return webinars.webinar()


@pytest.fixture
def editor(make: Make, webinar: Event) -> Person:
    person = make.account("Edi Torr")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def speaker(webinars: Webinars, webinar: Event) -> Speaker:
    return webinars.speaker(webinar, "Maren", email="maren@guelph.example", timezone="America/Toronto")


@pytest.fixture
def path(speaker: Speaker) -> str:
    return f"/speakers/{link_token(speaker)}"


def names(page: Browse) -> list[str]:
    return [item.get_text() for item in page.soup.select(".cop-roster > li > strong:first-child")]


class TestStaff:
    def test_name_order_ask_and_see_who_has_not_answered(
        self, browse: Browse, webinar: Event, editor: Person, outbox: Posted
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/webinars/{webinar.slug}").click("Speakers")
        assert "There is no speaker yet" in page.text
        page.click("Add a speaker").submit(
            "Save", name="Maren", email="Maren@guelph.example", timezone="America/Toronto"
        )
        page.click("Add a speaker").submit("Save", name="Orla")
        assert "No address" in page.text
        assert "Not asked yet" in page.text
        page.submit("Move up Orla")
        assert names(page) == ["Orla", "Maren"]
        page.click("Ask them, or remind them")
        assert "Maren, maren@guelph.example" in page.text
        page.submit("Write to them")
        assert "We write to 1 speaker" in page.text
        assert "No answer yet" in page.text
        assert [row.template for row in outbox()] == ["speaker_asked"]
        page.click("Change Maren").submit("Save", role_title="Manager")
        page.click("Remove Orla").submit("Yes, remove it")
        assert names(page) == ["Maren"]

    def test_are_told_where_nobody_is_left_to_ask(self, browse: Browse, webinar: Event, editor: Person) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{webinar.slug}/speakers/ask")
        assert (page.status, "There is nobody to ask" in page.text) == (200, True)
        assert page.post(page.path, {"seen": "0"}).status == 422

    def test_of_another_kind_of_event_choose_the_part(self, browse: Browse, make: Make) -> None:
        visit = make.visit(slots=2)
        page = browse.sign_in(make.admin()).get(f"/admin/events/{visit.slug}/speakers/new")
        page.submit("Save", name="Maren", part_id=visit.parts[1].id)
        assert visit.parts[1].title in page.text

    @pytest.mark.parametrize(
        ("where", "fields", "error"),
        [
            ("new", {"name": ""}, "Enter the name of the speaker"),
            ("1", {"name": "a" * 201}, "Use 200 characters or fewer"),
            ("1", {"email": "nowhere"}, "Enter an e-mail address in the correct format, like name@example.org"),
            ("ask", {"speaker_ids": None}, "Choose whom to ask"),
        ],
    )
    def test_are_told_why_and_lose_nothing(
        self, browse: Browse, webinar: Event, speaker: Speaker, editor: Person, where: str, fields: Any, error: str
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{webinar.slug}/speakers/{where}")
        typed = {} if where == "ask" else {"about": "Kept it honest.", "name": "Ann", **fields}
        page.submit(**(typed or fields))
        assert (page.status, page.errors) == (422, [error])
        if typed:
            assert page.soup.select_one("[name=about]").get_text().strip() == "Kept it honest."  # type: ignore[union-attr]

    @pytest.mark.parametrize("where", ["", "/new", "/1", "/1/remove", "/ask"])
    def test_alone_see_it(
        self, browse: Browse, webinar: Event, speaker: Speaker, make: Make, editor: Person, where: str
    ) -> None:
        host = make.account("Hani")
        make.grant(host, Role.HOST, event=webinar)
        address = f"/admin/events/{webinar.slug}/speakers{where}"
        assert browse.get(address, follow=False).status == 302
        for person in (host, make.account("Stranger")):
            assert browse.sign_in(person).get(address).status == 404
        assert browse.sign_in(editor).get(address).status == 200

    @pytest.mark.parametrize("where", ["new", "1", "1/remove", "ask"])
    def test_who_were_not_quick_enough_may_press_again(
        self,
        browse: Browse,
        webinars: Webinars,
        webinar: Event,
        speaker: Speaker,
        editor: Person,
        clock: FixedClock,
        where: str,
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{webinar.slug}/speakers/{where}")
        clock.move(timedelta(seconds=1))
        webinars.speaker(webinar, "Quicker")
        page.submit(**({"name": "Mine"} if where in {"new", "1"} else {}))
        assert page.status == 422
        assert "Somebody else changed this event" in page.errors[0]
        page.submit()
        assert page.status == 200
        assert page.soup.select(".govuk-notification-banner")

    def test_who_did_not_see_the_order_see_it_now(
        self, browse: Browse, webinars: Webinars, webinar: Event, speaker: Speaker, editor: Person, clock: FixedClock
    ) -> None:
        webinars.speaker(webinar, "Ben")
        page = browse.sign_in(editor).get(f"/admin/events/{webinar.slug}/speakers")
        clock.move(timedelta(seconds=1))
        webinars.speaker(webinar, "Cem")
        assert page.submit("Move up Ben").status == 422
        assert names(page) == ["Maren", "Ben", "Cem"]

    def test_read_the_list_with_the_same_few_statements_for_one_and_for_three(
        self, browse: Browse, webinars: Webinars, webinar: Event, editor: Person
    ) -> None:
        browse.sign_in(editor)
        counts = []
        for number in range(3):
            webinars.speaker(webinar, f"Speaker {number}", email="one@rede.example")
            with count_queries() as statements:
                browse.get(f"/admin/events/{webinar.slug}/speakers")
            counts.append(len(statements))
        assert len(set(counts)) == 1


class TestTheirLink:
    def test_shows_what_is_asked_and_keeps_what_they_say(
        self, browse: Browse, path: str, webinar: Event, reading: Reads
    ) -> None:
        page = browse.get(path)
        assert "Maren, tell us about your talk" in page.heading
        assert "Where you are:" in page.text
        page.submit(
            "Save",
            role_title="Manager",
            about="Keeps it honest.",
            abstract="What lasted.",
            photo=(io.BytesIO(png()), "me.png"),
            photo_alt="Maren, smiling",
            may_record="no",
        )
        assert "Thank you. It is saved" in page.text
        assert page.soup.select(f'img[alt="Maren, smiling"][src^="{path}/photo"]')
        with reading() as read:
            found = read.session.scalars(select(Speaker)).one()
        assert (found.about, found.may_record) == ("Keeps it honest.", False)
        public = browse.get(f"/webinars/{webinar.slug}")
        assert "What lasted." in public.text
        (photo,) = public.soup.select("main img")
        assert photo["alt"] == "Maren, smiling"
        shown = browse.get(str(photo["src"])).response
        assert (shown.data, shown.mimetype) == (png(), "image/png")
        assert shown.headers["Content-Disposition"] == "inline"
        assert "sandbox" in shown.headers["Content-Security-Policy"]

    def test_can_be_said_no_to_and_yes_after_all(self, browse: Browse, path: str, webinar: Event) -> None:
        page = browse.get(path).click("I cannot speak").submit("No, I cannot speak")
        assert "You told us that you cannot speak" in page.text
        assert "Maren" not in browse.get(f"/webinars/{webinar.slug}").text
        assert "Maren" not in browse.get("/webinars/").text
        browse.get(path).submit("Save", may_record="yes")
        assert "Maren" in browse.get(f"/webinars/{webinar.slug}").text

    def test_lets_a_photo_be_taken_away(self, browse: Browse, path: str) -> None:
        page = browse.get(path).submit("Save", may_record="yes", photo=(io.BytesIO(jpeg()), "me.jpg"))
        page.submit("Save", removes_photo=True)
        assert not page.soup.select("main img")
        assert browse.get(f"{path}/photo").status == 404

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"may_record": None}, "Choose whether we may record you"),
            ({"role_title": "a" * 201}, "Use 200 characters or fewer"),
            (
                {"photo": (io.BytesIO(b"GIF89a"), "me.gif")},
                "Choose a whole JPEG or PNG picture, from 100 to 8000 pixels wide and high",
            ),
        ],
    )
    def test_says_why_not_and_loses_no_word(
        self, browse: Browse, path: str, fields: dict[str, Any], error: str
    ) -> None:
        page = browse.get(path).submit("Save", **{"may_record": "yes", "abstract": "What lasted.", **fields})
        assert (page.status, page.errors) == (422, [error])
        assert page.soup.select_one("[name=abstract]").get_text().strip() == "What lasted."  # type: ignore[union-attr]

    def test_takes_no_photo_that_is_too_large(self, browse: Browse, path: str) -> None:
        large = io.BytesIO(jpeg() + bytes(services.PHOTO_BYTES))
        page = close_sent(browse.get(path).submit("Save", may_record="yes", photo=(large, "me.jpg")))
        assert (page.status, page.errors) == (422, ["The photo is larger than 5 MB"])

    def test_whose_words_staff_changed_meanwhile_may_press_again(
        self, browse: Browse, path: str, webinar: Event, editor: Person
    ) -> None:
        page = browse.get(path)
        staff = browse.another().sign_in(editor).get(f"/admin/events/{webinar.slug}/speakers/1")
        staff.submit("Save", about="New words")
        page.submit("Save", may_record="yes", about="My words")
        assert (page.status, len(page.errors)) == (422, 1)
        assert page.submit("Save").status == 200
        assert "My words" in browse.get(f"/webinars/{webinar.slug}").text

    def test_ends_with_the_event(self, browse: Browse, path: str, webinar: Event, clock: FixedClock) -> None:
        early = browse.another().get(path)
        clock.set(webinar.parts[0].ends_at)
        for where in ("", "/decline"):
            page = browse.get(path + where)
            assert (page.status, "This event is over" in page.text) == (410, True)
        early.submit("Save", may_record="yes", abstract="Too late")
        assert (early.status, "Too late" in early.html) == (422, True)

    def test_of_a_cancelled_event_says_so(self, browse: Browse, path: str, webinar: Event, work: Working) -> None:
        with work() as unit:
            editing.cancel_event(unit, event_id=webinar.id, reason="Snow")
        assert "This event is cancelled" in browse.get(path).text

    @pytest.mark.parametrize("where", ["", "/decline", "/photo"])
    def test_when_forged_is_not_found(self, browse: Browse, speaker: Speaker, where: str) -> None:
        for token in ("forged", link_token(speaker)[:-3] + "xxx"):
            assert browse.get(f"/speakers/{token}{where}").status == 404


class TestPhotos:
    def test_are_seen_by_whoever_sees_the_event(
        self, browse: Browse, webinars: Webinars, make: Make, editor: Person
    ) -> None:
        hidden = webinars.webinar("Hidden", published=False)
        speaker = webinars.spoken_for(hidden)
        address = f"/events/{hidden.slug}/speakers/{speaker.public_id}/photo"
        assert browse.get(address).status == 404
        assert browse.sign_in(make.account("Stranger")).get(address).status == 404
        assert browse.sign_in(editor).get(address).status == 200

    def test_of_another_event_or_nobody_are_not_found(
        self, browse: Browse, webinars: Webinars, webinar: Event, speaker: Speaker
    ) -> None:
        elsewhere = webinars.spoken_for(webinars.webinar("Elsewhere"))
        for public_id in (elsewhere.public_id, speaker.public_id, "nobody"):
            assert browse.get(f"/events/{webinar.slug}/speakers/{public_id}/photo").status == 404


def test_no_address_is_shown_to_visitors(browse: Browse, webinars: Webinars, webinar: Event, reading: Reads) -> None:
    webinars.spoken_for(webinar)
    assert "irena@rede.example" not in browse.get(f"/webinars/{webinar.slug}").html


def test_of_a_summit_stand_on_its_page(browse: Browse, make: Make, work: Working, webinars: Webinars) -> None:
    summit = make_summit(make, work)
    webinars.spoken_for(summit)
    page = browse.get(f"/summits/{summit.slug}")
    assert "Dr Irena Duarte Doctor What lasted." in page.text
    assert browse.get(str(page.soup.select("main img")[0]["src"])).status == 200
    assert browse.sign_in(make.admin()).get(f"/admin/summits/{summit.slug}").click("Speakers").status == 200
