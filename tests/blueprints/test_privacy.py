"""The privacy centre and the notices, as people meet them."""

import pytest
from sqlalchemy import select

from cop.core.errors import Refusal
from cop.models.accounts import Person
from cop.models.privacy import Notice
from cop.queries.privacy import notices as queries
from cop.queries.privacy.areas import OUT_OF_REACH
from cop.queries.privacy.held import Area
from cop.queries.privacy.ready_made import READY_MADE
from cop.services import notices
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def edda(make: Make) -> Person:
    return make.account("Edda Erased", "edda@council.example")


class TestCentre:
    def test_it_shows_every_area_with_counts_purpose_and_basis(self, browse: Browse, make: Make, edda: Person) -> None:
        make.booking(edda, make.visit())
        browse.sign_in(edda).get("/account/privacy")
        assert "Bookings: " in browse.text
        assert browse.text.count("Lawful basis:") == len(Area)
        assert "these answers do not say whose they are" in browse.text

    def test_its_statements_do_not_grow_with_what_is_held(self, browse: Browse, make: Make, edda: Person) -> None:
        browse.sign_in(edda)
        counts = []
        for _ in range(2):
            browse.get("/account/privacy")
            with count_queries() as statements:
                browse.get("/account/privacy")
            counts.append(len(statements))
            make.booking(edda, make.visit(f"Visit {len(counts)}"))
        assert counts[0] == counts[1]

    def test_signed_out_asks_to_sign_in(self, browse: Browse) -> None:
        for path in ("/account/privacy", "/account/privacy/erase"):
            assert browse.get(path).path.startswith("/sign-in?next=")


class TestErasing:
    def test_the_preview_changes_nothing_and_the_word_is_needed(
        self, browse: Browse, make: Make, reading: Reads, edda: Person
    ) -> None:
        visit = make.visit()
        make.booking(edda, visit)
        browse.sign_in(edda).get("/account/privacy").click("See what erasing would do, and be erased")
        assert f"The booking for “{visit.title}” is cancelled" in browse.text
        assert "Backups. They are kept for 35 days at most" in browse.text
        browse.submit("Erase for good", posts="keep", word="yes")
        assert browse.status == 422
        assert browse.errors == ["Type ERASE to confirm"]
        browse.get("/account/privacy/erase").submit("Erase for good", word="ERASE")
        assert browse.errors == ["Choose what becomes of the posts"]
        with reading() as read:
            assert read.session.get_one(Person, edda.id).erased_at is None

    def test_the_word_erases_and_signs_out(self, browse: Browse, reading: Reads, edda: Person) -> None:
        browse.sign_in(edda).get("/account/privacy/erase").submit("Erase for good", posts="delete", word="erase")
        assert "You are erased." in browse.text
        assert not browse.is_signed_in
        assert browse.get("/account").path.startswith("/sign-in")
        with reading() as read:
            assert read.session.get_one(Person, edda.id).erased_at is not None

    def test_the_preview_lists_all_that_an_erasure_does_not_reach(
        self, browse: Browse, make: Make, edda: Person
    ) -> None:
        by_staff = f"/admin/people/{edda.public_id}/erase"
        for who, path in ((edda, "/account/privacy/erase"), (make.admin(), by_staff)):
            page = browse.sign_in(who).get(path)
            assert [words for words in OUT_OF_REACH if words not in page.text] == []

    def test_staff_are_told_what_comes_before_and_see_no_form(self, browse: Browse, make: Make) -> None:
        browse.sign_in(make.admin()).get("/account/privacy/erase")
        assert "First an admin has to end these roles: Admin" in browse.text
        assert "Erase for good" not in browse.text

    def test_an_admin_erases_from_the_page_of_the_person(
        self, browse: Browse, make: Make, reading: Reads, edda: Person
    ) -> None:
        browse.sign_in(make.admin()).get(f"/admin/people/{edda.public_id}")
        browse.click("Erase this person, who asked for it")
        browse.submit("Erase for good", posts="keep", word="Erase")
        assert "The person is erased." in browse.text
        assert browse.get(f"/admin/people/{edda.public_id}/erase").status == 404


class TestNotices:
    def test_every_place_has_a_page_and_stands_in_the_list(self, browse: Browse) -> None:
        browse.get("/privacy")
        for text in READY_MADE.values():
            assert text.title in browse.text
        for place, text in READY_MADE.items():
            assert browse.get(f"/privacy/{place}").status == 200
            assert text.summary in browse.text
            assert "Our lawful basis" in browse.text

    def test_unknown_places_and_versions_are_not_found(self, browse: Browse) -> None:
        for path in ("/privacy/nowhere", "/privacy/booking/2", "/privacy/booking/0"):
            assert browse.get(path).status == 404

    def test_an_admin_previews_and_publishes_and_the_old_version_stays(
        self, browse: Browse, make: Make, edda: Person
    ) -> None:
        visit = make.visit()
        before = READY_MADE["booking"].summary
        browse.sign_in(make.admin()).get("/admin/notices/").click("Bookings and visits")
        browse.submit("Preview", summary="We count who comes.", body="# Why\n\nTo **count**.")
        assert "This is how it will look" in browse.text
        assert browse.another().get("/privacy/booking").text.count(before) == 1
        browse.submit("Publish this version")
        assert browse.path == "/privacy/booking"
        assert "We count who comes." in browse.text
        assert browse.get("/privacy/booking/1").text.count(before) == 1
        assert "This is an earlier version." in browse.text
        other = browse.another().sign_in(edda).get(f"/visits/{visit.slug}/book")
        assert "We count who comes." in other.text

    def test_only_admins_write(self, browse: Browse, edda: Person) -> None:
        browse.sign_in(edda)
        assert browse.get("/admin/notices/").status == 404
        assert browse.get("/admin/notices/booking").status == 404

    def test_a_second_window_does_not_overwrite(self, make: Make, work: Working, reading: Reads) -> None:
        admin = make.actor(make.admin())
        with work(admin) as unit:
            notices.publish(unit, place="booking", summary="One", body="One", seen=1)
        with pytest.raises(Refusal, match="Somebody else published"), work(admin) as unit:
            notices.publish(unit, place="booking", summary="Two", body="Two", seen=1)
        with pytest.raises(Refusal, match="what the version before"), work(admin) as unit:
            notices.publish(unit, place="booking", summary="One", body="One", seen=2)
        with reading() as read:
            assert read.session.scalars(select(Notice.version)).all() == [2]
            assert queries.listed(read)["booking"].summary == "One"
