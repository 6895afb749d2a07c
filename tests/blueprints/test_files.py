"""Files of events: staff add them, and those who come download them."""

import io
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from cop.core.access import Role
from cop.core.secrecy import sign
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.files import EventFile, File
from cop.models.service import Observation
from cop.services.events import booking as bookings
from cop.services.events import editing
from cop.services.files import MOST_BYTES
from tests.support.browse import Browse
from tests.support.files import PDF, close_sent, event_file, upload
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.summits import make_summit
from tests.support.webinars import Webinars


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit()


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def titles(reading: Reads) -> "Titles":
    return Titles(reading)


class Titles:
    def __init__(self, reading: Reads) -> None:
        self._reading = reading

    def __call__(self) -> Sequence[str]:
        with self._reading() as read:
            return read.session.scalars(select(EventFile.title).order_by(EventFile.position)).all()


def address(item: EventFile, event: Event) -> str:
    return f"/events/{event.slug}/files/{item.public_id}"


class TestDownloading:
    def test_gives_the_bytes_as_something_to_save(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        person = make.account()
        make.booking(person, visit)
        item = event_file(work, visit, name="Map (naïve).pdf", data=PDF)
        page = browse.sign_in(person).get(address(item, visit))
        assert (page.status, page.response.data) == (200, PDF)
        headers = page.response.headers
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Length"] == str(len(PDF))
        assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Map%20%28na%C3%AFve%29.pdf"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"] == "private, no-cache"

    def test_gives_a_large_file_whole(self, browse: Browse, work: Working, visit: Event) -> None:
        data = PDF + bytes(700_000)
        item = event_file(work, visit, data=data, public=True)
        assert browse.get(address(item, visit)).response.data == data

    def test_gives_nothing_a_second_time(self, browse: Browse, work: Working, visit: Event) -> None:
        item = event_file(work, visit, public=True)
        tag = browse.get(address(item, visit)).response.headers["ETag"]
        assert item.sha256 in tag
        again = browse.client.get(address(item, visit), headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")

    def test_asked_for_the_head_tells_the_size_and_notes_nothing(
        self, browse: Browse, work: Working, reading: Reads, visit: Event
    ) -> None:
        item = event_file(work, visit, data=PDF, public=True)
        head = browse.client.head(address(item, visit))
        assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PDF)))
        with reading() as read:
            assert read.session.scalars(select(Observation)).all() == []

    def test_is_noted(self, browse: Browse, make: Make, work: Working, reading: Reads, visit: Event) -> None:
        person = make.account()
        made = make.booking(person, visit)
        item = event_file(work, visit)
        token = sign("booking", made.public_id, made.link_generation)
        browse.get(f"/bookings/t/{token}/files/{item.public_id}")
        browse.sign_in(person).get(address(item, visit))
        with reading() as read:
            seen = read.session.execute(
                select(Observation.kind, Observation.subject_kind, Observation.subject_id, Observation.person_id)
            ).all()
        assert seen == [("downloaded", "file", item.id, person.id)] * 2

    def test_calls_the_same_bytes_what_each_name_says(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        text = event_file(work, visit, name="a.txt", data=b"a,b\n", public=True)
        other = make.visit("Another")
        table = event_file(work, other, name="a.csv", data=b"a,b\n", public=True)
        assert browse.get(address(text, visit)).response.content_type == "text/plain; charset=utf-8"
        assert browse.get(address(table, other)).response.content_type == "text/csv; charset=utf-8"


class TestWhoGetsIt:
    def test_whoever_comes(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        person = make.account()
        item = event_file(work, visit)
        browse.sign_in(person)
        assert browse.get(address(item, visit)).status == 404
        made = make.booking(person, visit)
        assert browse.get(address(item, visit)).status == 200
        with work() as unit:
            bookings.cancel(unit, public_id=made.public_id)
        assert browse.get(address(item, visit)).status == 404

    def test_whoever_is_signed_out_is_asked_to_sign_in(self, browse: Browse, work: Working, visit: Event) -> None:
        item = event_file(work, visit)
        for path in (address(item, visit), f"/events/{visit.slug}/files/no-such"):
            assert browse.get(path, follow=False).location.startswith("/sign-in?next=")

    def test_its_staff_and_no_others(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        item, other = event_file(work, visit), make.visit("Another")
        host, neighbour = make.account(), make.account()
        make.grant(host, Role.HOST, event=visit)
        make.grant(neighbour, Role.HOST, event=other)
        assert browse.sign_in(host).get(address(item, visit)).status == 200
        assert browse.sign_in(neighbour).get(address(item, visit)).status == 404

    def test_everybody_where_it_is_for_everybody(self, browse: Browse, work: Working, visit: Event) -> None:
        item = event_file(work, visit, public=True)
        assert browse.get(address(item, visit)).status == 200

    def test_nobody_else_while_the_event_is_a_draft(
        self, browse: Browse, make: Make, work: Working, editor: Person
    ) -> None:
        draft = make.visit(published=False)
        item = event_file(work, draft, public=True)
        assert browse.get(address(item, draft), follow=False).status == 302
        assert browse.sign_in(editor).get(address(item, draft)).status == 200

    def test_not_through_another_event(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        item, other = event_file(work, visit), make.visit("Another")
        person = make.account()
        make.booking(person, other)
        assert browse.sign_in(person).get(address(item, other)).status == 404

    def test_whoever_holds_the_link_of_a_booking_that_stands(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        made = make.booking(make.account(), visit)
        item, elsewhere = event_file(work, visit), event_file(work, make.visit("Another"))
        token = sign("booking", made.public_id, made.link_generation)
        page = browse.get(f"/bookings/t/{token}").click("Map")
        assert (page.status, page.response.data) == (200, PDF + b"Map")
        assert browse.get(f"/bookings/t/{token}/files/{elsewhere.public_id}").status == 404
        assert browse.get(f"/bookings/t/no-such/files/{item.public_id}").status == 404
        with work() as unit:
            bookings.cancel(unit, public_id=made.public_id)
        assert browse.get(f"/bookings/t/{token}/files/{item.public_id}").status == 404


class TestWhereItStands:
    def test_on_the_page_of_a_booking(self, browse: Browse, make: Make, work: Working, visit: Event) -> None:
        person = make.account()
        made = make.booking(person, visit)
        browse.sign_in(person)
        assert "Files" not in browse.get(f"/bookings/{made.public_id}").text
        event_file(work, visit, "Map and parking", data=PDF)
        assert f"Map and parking (PDF, {len(PDF)} bytes)" in browse.get(f"/bookings/{made.public_id}").text

    def test_on_the_page_of_the_event_for_those_who_may_have_it(
        self, browse: Browse, make: Make, work: Working, editor: Person
    ) -> None:
        webinars = Webinars(make, work)
        for event, path in (
            (make.visit(), "/visits/"),
            (webinars.webinar(), "/webinars/"),
            (make_summit(make, work), "/summits/"),
        ):
            event_file(work, event, "For everybody", public=True)
            event_file(work, event, "For those who come")
            page = browse.another().get(f"{path}{event.slug}")
            assert "For everybody" in page.text
            assert "For those who come" not in page.text
            assert "For those who come" in browse.another().sign_in(editor).get(f"{path}{event.slug}").text

    def test_costs_one_statement_however_many_there_are(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        person = make.account()
        made = make.booking(person, visit)
        browse.sign_in(person)
        counts = []
        for titles in ("a", "bc"):
            for title in titles:
                event_file(work, visit, title)
            for path in (f"/bookings/{made.public_id}", f"/visits/{visit.slug}"):
                with count_queries() as statements:
                    browse.get(path)
                counts.append(len(statements))
        assert counts[:2] == counts[2:]


class TestStaff:
    def test_add_rename_reorder_and_remove(self, browse: Browse, visit: Event, editor: Person, titles: Titles) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}").click("Files for those who come")
        assert "There is no file yet" in page.text
        page.click("Add a file").submit(file=upload(), title="Map", public=True)
        assert "The file is added." in page.text
        assert "For everybody" in page.text
        page.click("Add a file").submit(file=upload(PDF + b"2", "folder/Risk assessment.pdf"))
        assert "For those who come" in page.text
        assert titles() == ["Map", "Risk assessment.pdf"]
        page.submit("Move up Risk assessment.pdf")
        assert titles() == ["Risk assessment.pdf", "Map"]
        page.click("Change Map").submit(title="Map and parking", public=False)
        assert titles() == ["Risk assessment.pdf", "Map and parking"]
        assert page.click("Remove Risk assessment.pdf").submit("Yes, remove it").status == 200
        assert titles() == ["Map and parking"]

    def test_hear_why_a_file_is_not_taken_and_lose_nothing_they_typed(
        self, browse: Browse, visit: Event, editor: Person, titles: Titles
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}/files/new")
        page.submit(title="Our map", public=True)
        assert (page.status, page.errors) == (422, ["Choose a file"])
        for data, name, error in [
            (b"<svg>", "map.svg", "Choose a PDF, a Word"),
            (b"MZ", "map.pdf", "The content of “map.pdf” is not PDF"),
            (b"", "map.pdf", "The file is empty"),
        ]:
            page.submit(file=upload(data, name), title="Our map", public=True)
            assert page.status == 422
            assert page.errors[0].startswith(error)
            assert page.soup.select_one("[name=title]")["value"] == "Our map"  # type: ignore[index]
            assert page.soup.select_one("[name=public]").has_attr("checked")  # type: ignore[union-attr]
        assert titles() == []

    def test_may_send_more_than_other_forms_and_not_without_end(
        self, browse: Browse, visit: Event, editor: Person, reading: Reads
    ) -> None:
        page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}/files/new")
        close_sent(page.submit(file=upload(PDF + bytes(MOST_BYTES - len(PDF)), "large.pdf"), follow=False))
        assert "The file is added." in page.get(page.location).text
        with reading() as read:
            assert read.session.scalars(select(File.size)).all() == [MOST_BYTES]
        close_sent(page.click("Add a file").submit(file=upload(PDF + bytes(MOST_BYTES), "larger.pdf")))
        assert (page.status, page.errors) == (422, ["The file is larger than 25 MB"])
        close_sent(page.submit(file=upload(PDF + bytes(MOST_BYTES + 1024 * 1024), "largest.pdf")))
        assert page.status == 413

    def test_are_told_when_somebody_else_was_quicker(
        self, browse: Browse, visit: Event, editor: Person, work: Working, titles: Titles
    ) -> None:
        first = event_file(work, visit, "Map")
        event_file(work, visit, "Risks")
        page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}/files/{first.public_id}")
        lists = browse.another().sign_in(editor).get(f"/admin/events/{visit.slug}/files")
        event_file(work, visit, "Third")
        page.submit(title="Parking")
        assert page.status == 422
        assert "Somebody else has changed these files" in page.errors[0]
        assert titles() == ["Map", "Risks", "Third"]
        page.submit()
        assert titles() == ["Parking", "Risks", "Third"]
        lists.submit("Move up Risks")
        assert lists.status == 422
        assert "Third" in lists.text
        lists.submit("Move up Third")
        assert titles() == ["Parking", "Third", "Risks"]

    def test_who_only_run_the_event_look_and_change_nothing(
        self, browse: Browse, make: Make, work: Working, visit: Event
    ) -> None:
        item = event_file(work, visit)
        host = make.account()
        make.grant(host, Role.HOST, event=visit)
        page = browse.sign_in(host).get(f"/admin/events/{visit.slug}/files")
        assert "Map" in page.text
        assert "Change" not in page.text
        for path in ("new", item.public_id, f"{item.public_id}/remove"):
            assert browse.get(f"/admin/events/{visit.slug}/files/{path}").status == 404
        assert browse.post(f"/admin/events/{visit.slug}/files/{item.public_id}/up", {"seen": "1"}).status == 404

    def test_of_another_event_find_nothing(
        self, browse: Browse, make: Make, work: Working, visit: Event, titles: Titles
    ) -> None:
        item, stranger = event_file(work, visit), make.account()
        make.grant(stranger, Role.FACILITATOR, event=make.visit("Another"))
        browse.sign_in(stranger)
        base = f"/admin/events/{visit.slug}/files"
        for path in (base, f"{base}/new", f"{base}/{item.public_id}", f"{base}/{item.public_id}/remove"):
            assert browse.get(path).status == 404
            assert browse.post(path, {"file": (io.BytesIO(PDF), "b.pdf")}).status in {404, 405}
        assert titles() == ["Map"]

    def test_cannot_change_a_cancelled_event(self, browse: Browse, work: Working, visit: Event, editor: Person) -> None:
        event_file(work, visit)
        with work() as unit:
            editing.cancel_event(unit, event_id=visit.id, reason="Flood")
        page = browse.sign_in(editor).get(f"/admin/events/{visit.slug}/files")
        assert "Map" in page.text
        assert "Add a file" not in page.text
        page.get(f"/admin/events/{visit.slug}/files/new").submit(file=upload(PDF + b"2"))
        assert page.status == 422
        assert "has been cancelled" in page.errors[0]

    def test_see_a_list_that_costs_the_same_however_long(
        self, browse: Browse, work: Working, visit: Event, editor: Person
    ) -> None:
        browse.sign_in(editor)
        counts = []
        for titles in ("a", "bc"):
            for title in titles:
                event_file(work, visit, title)
            with count_queries() as statements:
                browse.get(f"/admin/events/{visit.slug}/files")
            counts.append(len(statements))
        assert counts[0] == counts[1]
