"""The toolkit for visitors: found by words and facets, read, downloaded, and closed to whom it is not for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM
from cop.models.events import Event, Visibility
from cop.models.service import Observation
from cop.models.tags import TagKind
from cop.models.toolkit import Accessible, ItemKind, ResourceAudience
from cop.services import toolkit as services
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.files import PDF
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.toolkit import Toolkit
from tests.support.webinars import Webinars

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


def noted(reading: Reads) -> list[tuple[str, str, int | None, int | None]]:
    seen = select(Observation.kind, Observation.subject_kind, Observation.subject_id, Observation.value)
    with reading() as read:
        rows = read.session.execute(seen.order_by(Observation.id))
        return [(row.kind, row.subject_kind, row.subject_id, row.value) for row in rows]


class TestBrowsing:
    def test_an_empty_toolkit_says_so(self, browse: Browse) -> None:
        page = browse.get("/toolkit/")
        assert (page.status, page.heading) == (200, "Toolkit")
        assert "There is nothing in the toolkit yet." in page.text

    def test_words_and_facets_narrow_the_list_and_show_counts(self, browse: Browse, toolkit: Toolkit) -> None:
        housing, income = toolkit.tag("Housing"), toolkit.tag("Income")
        toolkit.resource("Warm homes", tag_ids=[housing.id])
        toolkit.resource("Fair pay", tag_ids=[income.id], kind=ItemKind.TOOL)
        page = browse.get("/toolkit/")
        assert "2 resources" in page.text
        offered = [option.text.strip() for option in page.soup.select("select[name=theme] option")]
        assert offered == ["All of them", "Housing (1)", "Income (1)"]
        page.submit("Search", theme="housing")
        assert "1 resource found" in page.text
        assert [link.text for link in page.soup.select(".cop-roster h3 a")] == ["Warm homes"]
        assert page.soup.select_one("select[name=theme] option[selected]")["value"] == "housing"  # type: ignore[index]
        page.submit("Search", q="nowhere", theme="")
        assert "Nothing fits all of this." in page.text
        page.click("Show the whole toolkit")
        assert "2 resources" in page.text

    @pytest.mark.parametrize(
        "question",
        ["theme=no-such", "theme=%27%3B--", "kind=nonsense", "sort=worst", "page=-1", "q=" + "x" * 300, "q=%26%7C%21"],
    )
    def test_nonsense_in_the_address_counts_as_not_asked(self, browse: Browse, toolkit: Toolkit, question: str) -> None:
        toolkit.resource("Warm homes", tag_ids=[toolkit.tag("Housing").id])
        assert browse.get(f"/toolkit/?{question}").status == 200

    def test_pages_keep_what_was_asked(self, browse: Browse, toolkit: Toolkit) -> None:
        for number in range(21):
            toolkit.resource(f"Panel {number:02}")
        page = browse.get("/toolkit/", q="panel", sort="title")
        assert "21 resources found" in page.text
        assert len(page.soup.select(".cop-roster li")) == 20
        page.click("Next page")
        assert [link.text for link in page.soup.select(".cop-roster h3 a")] == ["Panel 20"]

    def test_the_list_is_asked_with_a_fixed_number_of_statements(self, browse: Browse, toolkit: Toolkit) -> None:
        tag = toolkit.tag("Housing")
        toolkit.resource("One", tag_ids=[tag.id])
        with count_queries() as few:
            browse.get("/toolkit/", q="one")
        for number in range(4):
            toolkit.resource(f"One and {number}", tag_ids=[tag.id])
        with count_queries() as many:
            browse.get("/toolkit/", q="one")
        assert len(few) == len(many)

    def test_a_list_that_is_drawn_once_does_not_show_what_was_withdrawn(self, browse: Browse, toolkit: Toolkit) -> None:
        resource = toolkit.resource("Old advice")
        assert "Old advice" in browse.get("/toolkit/").text
        with toolkit.work(SYSTEM) as unit:
            services.withdraw(unit, resource_id=resource.id, reason="Out of date")
        assert "Old advice" not in browse.get("/toolkit/").text

    def test_what_a_member_sees_is_not_shown_to_the_next_visitor(
        self, browse: Browse, make: Make, toolkit: Toolkit
    ) -> None:
        toolkit.members_only("Among ourselves")
        member = browse.another().sign_in(make.account(organisation=make.organisation()))
        assert "Among ourselves" in member.get("/toolkit/").text
        assert "Among ourselves" not in browse.get("/toolkit/").text


class TestResource:
    def test_shows_what_is_in_it_and_where_it_comes_from(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        organisation = make.organisation("Stevenage Borough Council")
        tag = toolkit.tag("Asset-based", TagKind.METHOD)
        resource = toolkit.draft(
            "Warm homes",
            organisation=organisation.name,
            licence="ogl-3.0",
            place="Stevenage",
            result="40 warm homes",
            source="A report of our own",
            year=2024,
            tag_ids=[tag.id],
        )
        toolkit.words(resource, "Begin with **three** people.")
        toolkit.file(resource, accessible=Accessible.NO, body="The same words.")
        toolkit.link(resource)
        toolkit.publish(resource)
        page = browse.get(f"/toolkit/{resource.slug}")
        for words in (
            "Self-reported, of 2024: 40 warm homes",
            "We have not checked it.",
            "Begin with three people.",
            f"(PDF, {len(PDF)} bytes)",
            "Some people cannot use this file with a screen reader.",
            "Read “The guide, to print” on this page",
            "leads to else.example",
            "A report of our own",
            "Open Government Licence 3.0",
            "Stevenage Borough Council",
            "Asset-based",
        ):
            assert words in page.text, words
        assert page.click("Asset-based").path == "/toolkit/?method=asset-based"

    def test_never_names_its_owner(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        owner = make.admin("Odile Owner")
        resource = toolkit.resource(owner_id=owner.id)
        assert "Odile" not in browse.get(f"/toolkit/{resource.slug}").html

    def test_leads_to_its_event_where_everybody_may_know_of_it(
        self, browse: Browse, make: Make, work: Working, toolkit: Toolkit
    ) -> None:
        shown, hidden = Webinars(make, work).webinar("Neighbours first"), make.visit("Behind the scenes")
        with work() as unit:
            unit.session.get_one(Event, hidden.id).visibility = Visibility.INVITED
        first = toolkit.resource("First", event=shown.slug)
        second = toolkit.resource("Second", event=hidden.slug)
        assert "Neighbours first" in browse.get(f"/toolkit/{first.slug}").text
        assert "Behind the scenes" not in browse.get(f"/toolkit/{second.slug}").text

    def test_earlier_versions_can_be_read(self, browse: Browse, toolkit: Toolkit) -> None:
        resource = toolkit.draft("Panels")
        toolkit.words(resource, "The old words.")
        toolkit.publish(resource)
        with toolkit.work(SYSTEM) as unit:
            services.begin_version(unit, resource_id=resource.id)
        toolkit.words(resource, "The new words.")
        address = f"/toolkit/{resource.slug}"
        assert "The new words." not in browse.get(address).text
        assert browse.get(address, version=2, follow=False).location.startswith("/sign-in")
        toolkit.publish(resource, "More to read")
        page = browse.get(address)
        assert "The new words." in page.text
        assert "More to read" in page.text
        page.click("Version 1")
        assert "The new words." not in page.text
        assert "There is a newer one." in page.text
        assert page.click("Show the newest").path == address

    @pytest.mark.parametrize("version", ["0", "-1", "99", str(2**70)])
    def test_a_version_that_is_not_there(self, browse: Browse, make: Make, toolkit: Toolkit, version: str) -> None:
        resource = toolkit.resource()
        browse.sign_in(make.account())
        expected = 404 if version == "99" else 200
        assert browse.get(f"/toolkit/{resource.slug}", version=version).status == expected

    def test_whom_it_is_not_for_is_asked_to_sign_in_or_finds_nothing(
        self, browse: Browse, make: Make, toolkit: Toolkit
    ) -> None:
        resource = toolkit.draft("For members", audience=ResourceAudience.MEMBERS)
        item = toolkit.file(resource)
        toolkit.publish(resource)
        with toolkit.work(SYSTEM) as unit:
            programme_id = resource.programme_id
            made = services.create_collection(unit, programme_id=programme_id, title="Inside", about="")
            services.add_to_collection(unit, collection_id=made.id, resource_slug=resource.slug)
        paths = [
            f"/toolkit/{resource.slug}",
            f"/toolkit/{resource.slug}/files/{item.public_id}",
            "/toolkit/collections/inside",
            "/toolkit/no-such",
        ]
        for path in paths:
            assert browse.get(path, follow=False).location.startswith("/sign-in?next="), path
        stranger = browse.another().sign_in(make.account())
        assert [stranger.get(path).status for path in paths] == [404] * 4
        member = browse.another().sign_in(make.account(organisation=make.organisation()))
        assert [member.get(path).status for path in paths] == [200, 200, 200, 404]


class TestFiles:
    def test_are_handed_out_as_something_to_save(self, browse: Browse, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        item = toolkit.file(resource, name="Guide (naïve).pdf")
        path = f"/toolkit/{resource.slug}/files/{item.public_id}"
        assert browse.get(path, follow=False).location.startswith("/sign-in")
        toolkit.publish(resource)
        page = browse.get(path)
        assert (page.status, page.response.data) == (200, PDF)
        headers = page.response.headers
        assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Guide%20%28na%C3%AFve%29.pdf"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"

    def test_of_another_resource_are_not_here(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        other = toolkit.resource("Other")
        resource = toolkit.draft()
        item = toolkit.file(resource)
        toolkit.publish(resource)
        browse.sign_in(make.account())
        assert browse.get(f"/toolkit/{other.slug}/files/{item.public_id}").status == 404

    def test_elsewhere_are_led_to(self, browse: Browse, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        item = toolkit.link(resource)
        toolkit.publish(resource)
        page = browse.get(f"/toolkit/{resource.slug}/files/{item.public_id}", follow=False)
        assert (page.status, page.location) == (302, "https://else.example/guide")

    def test_words_alone_are_no_file(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        item = toolkit.words(resource)
        toolkit.publish(resource)
        browse.sign_in(make.account())
        assert browse.get(f"/toolkit/{resource.slug}/files/{item.public_id}").status == 404


def test_what_is_opened_and_downloaded_is_noted_with_its_version(
    browse: Browse, reading: Reads, toolkit: Toolkit
) -> None:
    resource = toolkit.draft()
    item = toolkit.file(resource)
    toolkit.publish(resource)
    address = f"/toolkit/{resource.slug}"
    for path in (address, f"{address}/files/{item.public_id}", "/toolkit/", f"{address}?version=99"):
        browse.client.get(path, headers=PERSON)
    assert noted(reading) == [
        ("resource viewed", "resource", resource.id, 1),
        ("resource downloaded", "resource item", item.id, 1),
    ]


def test_recordings_of_public_webinars_that_are_over(
    browse: Browse, make: Make, work: Working, clock: FixedClock, toolkit: Toolkit
) -> None:
    assert "There is no recording yet." in browse.get("/toolkit/recordings").text
    webinars = Webinars(make, work)
    webinar = webinars.webinar("Neighbours first")
    webinars.link(webinar, "The talk")
    resource = toolkit.resource(event=webinar.slug)
    paths = ("/toolkit/recordings", f"/toolkit/{resource.slug}")
    assert ["The talk" in browse.get(path).text for path in paths] == [False, False]
    clock.move(timedelta(days=8))
    assert ["The talk" in browse.get(path).text for path in paths] == [True, True]
    link = next(link for link in browse.get(paths[0]).soup.select("main a") if link.text == "The talk")
    assert str(link["href"]).startswith(f"/webinars/{webinar.slug}/links/")


def test_a_webinar_that_is_over_leads_to_what_came_of_it(
    browse: Browse, make: Make, work: Working, clock: FixedClock, toolkit: Toolkit
) -> None:
    webinar = Webinars(make, work).webinar("Neighbours first")
    toolkit.resource("Warm homes", event=webinar.slug)
    toolkit.resource("Among ourselves", event=webinar.slug, audience=ResourceAudience.MEMBERS)
    address = f"/webinars/{webinar.slug}"
    assert "Warm homes" not in browse.get(address).text
    clock.move(timedelta(days=8))
    page = browse.get(address)
    assert "Among ourselves" not in page.text
    assert page.click("Warm homes").heading == "Warm homes"
