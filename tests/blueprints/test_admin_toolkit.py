"""Editors make resources, fill them, look at them, publish them and gather them; nobody else gets in."""

import pytest

from cop.core.access import SYSTEM, Role
from cop.models.accounts import Person
from cop.models.toolkit import ItemKind, ResourceAudience
from cop.services import toolkit as services
from tests.support.browse import Browse
from tests.support.files import PDF, close_sent, upload
from tests.support.make import Make, Working
from tests.support.toolkit import Toolkit, pdf


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


@pytest.fixture
def desk(browse: Browse, editor: Person) -> Browse:
    return browse.sign_in(editor)


def begin(desk: Browse, title: str = "Starting a residents’ panel", **more: object) -> Browse:
    desk.get("/admin/toolkit/").click("Add a resource")
    said = {"title": title, "summary": "How to begin.", "kind": ItemKind.GUIDE, "audience": "public", **more}
    return desk.submit("Save", **said)


class TestMaking:
    def test_from_nothing_to_a_second_version(self, desk: Browse, browse: Browse, toolkit: Toolkit) -> None:
        tag = toolkit.tag("Housing")
        begin(desk, tag_ids=[str(tag.id)], licence="cc-by-4.0", place="Stevenage")
        assert desk.heading == "Starting a residents’ panel"
        assert "Nothing stands in it yet." in desk.text
        visitor = browse.another()
        assert visitor.get("/toolkit/starting-a-residents-panel", follow=False).status == 302
        desk.click("Add a file")
        close_sent(desk.submit("Save", file=upload(pdf(tagged=False), "guide.pdf"), title="The guide, to print"))
        assert "some people cannot use it" in desk.text
        desk.click("Add words").submit("Save", title="The guide", body="Begin with **three** people.")
        desk.click("Add an address").submit("Save", url="https://else.example/", title="A film")
        desk.submit("Move up A film")
        titles = [item.text.strip() for item in desk.soup.select(".cop-roster li > :first-child")]
        assert titles == ["The guide, to print", "A film", "The guide"]
        desk.click("Change A film").submit("Save", title="A short film")
        desk.click("Remove A short film").submit("Yes, remove it")
        assert "“A short film” is removed." in desk.text
        desk.click("Look at it as visitors will")
        assert "This is how version 1 will look." in desk.text
        desk.click("Back to editing")
        desk.click("Publish version 1").submit("Yes, publish it")
        assert "Begin with three people." in visitor.get("/toolkit/starting-a-residents-panel").text
        desk.submit("Begin the next version")
        desk.click("Change The guide").submit("Save", body="Begin with five people.")
        desk.click("Publish version 2").submit("Yes, publish it", changes="")
        assert desk.status == 422
        assert desk.errors == ["Say what changed: people who took the version before are told"]
        desk.submit("Yes, publish it", changes="Two people more")
        assert desk.status == 200
        assert "Begin with five people." in visitor.get("/toolkit/starting-a-residents-panel").text
        assert "Two people more" in visitor.text

    def test_what_is_missing_is_asked_for(self, desk: Browse) -> None:
        begin(desk, title="", summary="")
        assert (desk.status, desk.errors) == (422, ["Enter a title", "Enter a summary"])
        begin(desk, organisation="No such council")
        assert desk.errors == ["No organisation in the directory is called “No such council”"]

    def test_what_it_says_of_itself_is_changed_at_once(
        self, desk: Browse, browse: Browse, make: Make, toolkit: Toolkit, editor: Person
    ) -> None:
        visit = make.visit("A morning in Stevenage")
        organisation = make.organisation("Stevenage Borough Council")
        tag = toolkit.tag("Housing")
        resource = toolkit.resource(event=visit.slug, organisation=organisation.name, tag_ids=[tag.id])
        desk.get(f"/admin/toolkit/{resource.slug}").click("Change what it says of itself, and who may see it")
        desk.submit("Save", title="Panels", owner_id=str(editor.id))
        assert desk.heading == "Panels"
        page = browse.another().get(f"/toolkit/{resource.slug}")
        for kept in ("Panels", "A morning in Stevenage", "Stevenage Borough Council", "Housing"):
            assert kept in page.text, kept

    def test_two_editors_at_once_do_not_write_over_each_other(
        self, desk: Browse, toolkit: Toolkit, work: Working
    ) -> None:
        resource = toolkit.resource()
        desk.get(f"/admin/toolkit/{resource.slug}/edit")
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("Another title"))
        desk.submit("Save", title="My title")
        assert desk.status == 422
        assert desk.errors[0].startswith("Somebody else has changed this")
        desk.submit("Save", title="My title")
        assert desk.heading == "My title"

    def test_buttons_of_an_old_page_are_refused(self, desk: Browse, toolkit: Toolkit, work: Working) -> None:
        resource = toolkit.resource()
        desk.get(f"/admin/toolkit/{resource.slug}")
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("Another title"))
        desk.submit("Begin the next version")
        assert (desk.status, desk.heading) == (422, "Another title")

    @pytest.mark.parametrize("chosen", [(b"", "a.pdf"), (b"<html>", "a.pdf"), (PDF, "a.html")])
    def test_a_file_that_is_none_is_refused_and_nothing_is_kept(
        self, desk: Browse, toolkit: Toolkit, chosen: tuple[bytes, str]
    ) -> None:
        resource = toolkit.draft()
        desk.get(f"/admin/toolkit/{resource.slug}/items/new/file")
        close_sent(desk.submit("Save", file=upload(*chosen)))
        assert (desk.status, len(desk.errors)) == (422, 1)
        assert "Nothing stands in it yet." in desk.get(f"/admin/toolkit/{resource.slug}").text

    def test_no_file_at_all(self, desk: Browse, toolkit: Toolkit) -> None:
        desk.get(f"/admin/toolkit/{toolkit.draft().slug}/items/new/file").submit("Save")
        assert desk.errors == ["Choose a file"]

    def test_a_draft_is_deleted(self, desk: Browse) -> None:
        begin(desk, title="A mistake")
        desk.click("Delete this draft").submit("Yes, delete it")
        assert "There is no resource yet." in desk.text

    def test_withdrawn_and_shown_again(self, desk: Browse, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        resource = toolkit.resource()
        visitor = browse.another().sign_in(make.account())
        desk.get(f"/admin/toolkit/{resource.slug}").click("Withdraw this resource")
        desk.submit("Yes, withdraw it")
        assert desk.errors == ["Enter why it is withdrawn"]
        desk.submit("Yes, withdraw it", reason="Out of date")
        assert visitor.get(f"/toolkit/{resource.slug}").status == 404
        desk.submit("Show it in the toolkit again")
        assert visitor.get(f"/toolkit/{resource.slug}").status == 200

    def test_the_list_is_searched(self, desk: Browse, toolkit: Toolkit) -> None:
        toolkit.resource("Warm homes", place="Stevenage")
        toolkit.draft("Fair pay")
        desk.get("/admin/toolkit/", q="stevenage")
        assert ("Warm homes" in desk.text, "Fair pay" in desk.text) == (True, False)
        desk.get("/admin/toolkit/", state="draft")
        assert ("Warm homes" in desk.text, "Fair pay" in desk.text) == (False, True)
        assert "Nothing fits this search." in desk.get("/admin/toolkit/", q="100%").text


class TestCollections:
    def test_are_made_filled_ordered_and_deleted(self, desk: Browse, browse: Browse, toolkit: Toolkit) -> None:
        toolkit.resource("First")
        toolkit.resource("Second")
        desk.get("/admin/toolkit/").click("Add a collection")
        desk.submit("Save", title="Begin here", about="For newcomers.")
        assert "It holds nothing yet." in desk.text
        for slug in ("first", "second"):
            desk.submit("Add it", resource_slug=slug)
        desk.submit("Add it", resource_slug="")
        assert desk.errors == ["Choose a resource"]
        desk.submit("Move up Second")
        visitor = browse.another().get("/toolkit/").click("Begin here")
        assert [link.text for link in visitor.soup.select(".cop-roster h3 a")] == ["Second", "First"]
        desk.submit("Take out Second")
        assert [link.text for link in visitor.get(visitor.path).soup.select(".cop-roster h3 a")] == ["First"]
        desk.click("Change its words or its place").submit("Save", title="Start here")
        assert desk.heading == "Collection Start here"
        desk.click("Delete this collection").submit("Yes, delete it")
        assert "There is no collection yet." in desk.text
        assert "First" in visitor.get("/toolkit/").text


class TestWhoGetsIn:
    PATHS = ("/", "/new/health-inequalities", "/collections/new/health-inequalities", "/collections/begin-here")
    OF_RESOURCE = ("", "/edit", "/preview", "/publish", "/drop", "/items/new/words")

    def everything(self, toolkit: Toolkit) -> list[str]:
        resource = toolkit.draft("Begin here", audience=ResourceAudience.MEMBERS)
        item = toolkit.file(resource)
        with toolkit.work(SYSTEM) as unit:
            services.create_collection(unit, programme_id=resource.programme_id, title="Begin here", about="")
        own = [f"/{resource.slug}{path}" for path in self.OF_RESOURCE]
        of_item = [f"/{resource.slug}/{part}/{item.public_id}" for part in ("items", "files")]
        return [f"/admin/toolkit{path}" for path in (*self.PATHS, *own, *of_item)]

    def test_editors(self, desk: Browse, toolkit: Toolkit) -> None:
        for path in self.everything(toolkit):
            assert desk.get(path).status == 200, path

    def test_nobody_of_another_programme(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        person = make.account()
        make.grant(person, Role.FACILITATOR, programme=make.programme("another"))
        browse.sign_in(person)
        for path in self.everything(toolkit)[1:]:
            assert browse.get(path).status == 404, path
        assert "Begin here" not in browse.get("/admin/toolkit/").text

    def test_nobody_without_a_grant(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        browse.sign_in(make.account())
        for path in self.everything(toolkit)[1:]:
            assert browse.get(path).status == 404, path

    def test_what_is_done_to_a_published_version_by_hand_is_refused(self, desk: Browse, toolkit: Toolkit) -> None:
        resource = toolkit.resource()
        for path in ("items/new/words", "publish", "drop"):
            assert desk.get(f"/admin/toolkit/{resource.slug}/{path}").status == 404
