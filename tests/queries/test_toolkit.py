"""Who sees what of the toolkit, how it is found and narrowed, and how many statements that takes."""

import pytest
from flask import Flask
from sqlalchemy import update

from cop.core.access import SYSTEM, VISITOR, Actor, Role
from cop.core.errors import NotFound
from cop.models.organisations import Membership, Organisation
from cop.models.tags import TagKind
from cop.models.toolkit import ItemKind, ResourceAudience
from cop.queries import toolkit as queries
from cop.queries.toolkit import Sort, Wanted
from cop.services import toolkit as services
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.toolkit import Toolkit


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


def titles(reading: Reads, actor: Actor = VISITOR, **wanted: object) -> list[str]:
    with reading(actor) as read:
        return [row.title for row in queries.listed(read, Wanted(**wanted))]  # type: ignore[arg-type]


class TestWhoSees:
    def test_everybody_sees_what_is_published_for_everybody(self, reading: Reads, toolkit: Toolkit) -> None:
        toolkit.resource("Published")
        toolkit.words(toolkit.draft("Draft"))
        gone = toolkit.resource("Withdrawn")
        with toolkit.work(SYSTEM) as unit:
            services.withdraw(unit, resource_id=gone.id, reason="Out of date")
        assert titles(reading) == ["Published"]
        assert titles(reading, SYSTEM) == ["Published"]
        with reading(VISITOR) as read, pytest.raises(NotFound):
            queries.resource_page(read, slug=gone.slug)

    def test_members_see_what_is_for_members(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        resource = toolkit.members_only()
        of_member = make.account("Mia Member", organisation=make.organisation())
        of_none = make.account("Noor Nobody", organisation=make.organisation(membership=None))
        seen = [titles(reading, make.actor(person)) for person in (of_member, of_none)]
        assert seen == [[resource.title], []]
        assert titles(reading) == []

    def test_an_organisation_that_leaves_takes_the_right_along(
        self, reading: Reads, make: Make, work: Working, toolkit: Toolkit
    ) -> None:
        toolkit.members_only()
        organisation = make.organisation(membership=Membership.ASSOCIATE)
        actor = make.actor(make.account(organisation=organisation))
        assert len(titles(reading, actor)) == 1
        with work() as unit:
            unit.session.execute(update(Organisation).values(membership=None))
        assert titles(reading, actor) == []

    def test_a_link_in_a_mail_opens_what_is_for_everybody_alone(
        self, reading: Reads, make: Make, toolkit: Toolkit
    ) -> None:
        toolkit.members_only()
        person = make.account(organisation=make.organisation())
        assert titles(reading, Actor(person.id, via="link")) == []

    def test_the_alumni_of_one_course_see_what_is_for_them(
        self, app: Flask, reading: Reads, make: Make, toolkit: Toolkit
    ) -> None:
        alumna, stranger, facilitator = make.account(), make.account(), make.account()
        forum = MakeForum(app, make)
        course, _other = forum.course(alumna), forum.course(stranger)
        toolkit.resource("Theirs", audience=ResourceAudience.COHORT, cohort=course.slug)
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        seen = [titles(reading, make.actor(person)) for person in (alumna, stranger, facilitator)]
        assert seen == [["Theirs"], [], ["Theirs"]]

    def test_an_item_follows_its_resource(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        resource = toolkit.draft("For members", audience=ResourceAudience.MEMBERS)
        item = toolkit.file(resource)
        member = make.actor(make.account(organisation=make.organisation()))
        with reading(member) as read, pytest.raises(NotFound):
            queries.one_item(read, slug=resource.slug, public_id=item.public_id)
        toolkit.publish(resource)
        with reading(member) as read:
            assert queries.one_item(read, slug=resource.slug, public_id=item.public_id).id == item.id
        with reading(VISITOR) as read, pytest.raises(NotFound):
            queries.one_item(read, slug=resource.slug, public_id=item.public_id)


class TestFinding:
    def test_by_words_of_the_resource_its_place_its_result_and_its_items(
        self, reading: Reads, toolkit: Toolkit
    ) -> None:
        resource = toolkit.draft("Panels", summary="About asking.", place="Rochdale", result="40 gardens")
        toolkit.words(resource, "Bring biscuits to the first meeting.")
        toolkit.publish(resource)
        toolkit.resource("Something else")
        for words in ("panel", "asking", "Rochdale", "garden", "biscuit", '"first meeting"', "panels -biscuit garden"):
            assert titles(reading, words=words) == (["Panels"]), words
        assert titles(reading, words="nowhere") == []
        assert titles(reading, words="'; DROP TABLE resource; --") == []

    def test_not_by_words_of_a_version_that_is_not_the_published_one(self, reading: Reads, toolkit: Toolkit) -> None:
        resource = toolkit.resource()
        with toolkit.work(SYSTEM) as unit:
            services.begin_version(unit, resource_id=resource.id)
        toolkit.words(resource, "Bring biscuits.", title="More")
        assert titles(reading, words="biscuits") == []
        toolkit.publish(resource, "A word about biscuits")
        assert titles(reading, words="biscuits") == [resource.title]

    def test_in_the_order_that_is_asked_for(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        for title in ("Banana", "apple", "Cherry and banana"):
            toolkit.resource(title)
        assert titles(reading) == ["Cherry and banana", "apple", "Banana"]
        assert titles(reading, sort=Sort.TITLE) == ["apple", "Banana", "Cherry and banana"]
        assert titles(reading, sort=Sort.BEST, words="banana") == ["Banana", "Cherry and banana"]

    def test_page_by_page(self, reading: Reads, toolkit: Toolkit) -> None:
        for number in range(4):
            toolkit.resource(f"Number {number}")
        with reading(VISITOR) as read:
            page = queries.listed(read, Wanted(sort=Sort.TITLE), offset=2, limit=1)
            assert [row.title for row in page] == ["Number 2", "Number 3"]
            assert queries.count(read, Wanted()) == 4


class TestFacets:
    def test_a_facet_leaves_its_own_answer_out(self, reading: Reads, toolkit: Toolkit) -> None:
        housing, income = toolkit.tag("Housing"), toolkit.tag("Income")
        method = toolkit.tag("Asset-based", TagKind.METHOD)
        toolkit.resource("One", tag_ids=[housing.id, method.id])
        toolkit.resource("Two", tag_ids=[income.id], kind=ItemKind.TOOL)
        toolkit.resource("Three", tag_ids=[housing.id, income.id])
        wanted = Wanted(tags={TagKind.THEME: housing.slug})
        with reading(VISITOR) as read:
            found = queries.facets(read, wanted)
            rows = queries.listed(read, wanted)
        assert {row.title: row.themes for row in rows} == {"One": ["Housing"], "Three": ["Housing", "Income"]}
        assert found.tags[TagKind.THEME] == [("housing", "Housing", 2), ("income", "Income", 2)]
        assert found.tags[TagKind.METHOD] == [("asset-based", "Asset-based", 1)]
        assert found.kinds == [(ItemKind.GUIDE, 2)]
        with reading(VISITOR) as read:
            both = queries.facets(read, Wanted(kind=ItemKind.TOOL, tags={TagKind.THEME: income.slug}))
        assert dict(both.kinds) == {ItemKind.GUIDE: 1, ItemKind.TOOL: 1}
        assert both.tags[TagKind.THEME] == [("income", "Income", 1)]

    def test_what_was_chosen_stands_there_even_where_nothing_is_found(self, reading: Reads, toolkit: Toolkit) -> None:
        toolkit.tag("Housing")
        toolkit.tag("Income")
        with reading(VISITOR) as read:
            found = queries.facets(read, Wanted(tags={TagKind.THEME: "housing"}))
        assert found.tags[TagKind.THEME] == [("housing", "Housing", 0)]

    def test_what_somebody_may_not_see_is_not_counted(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        housing = toolkit.tag("Housing")
        toolkit.resource("For members", tag_ids=[housing.id], audience=ResourceAudience.MEMBERS)
        member = make.actor(make.account(organisation=make.organisation()))
        with reading(VISITOR) as read:
            assert queries.facets(read, Wanted()) == queries.Facets([], {})
            assert queries.count(read, Wanted()) == 0
        with reading(member) as read:
            assert queries.facets(read, Wanted()).tags[TagKind.THEME] == [("housing", "Housing", 1)]


class TestCollections:
    def test_hold_what_the_reader_may_see_in_their_order(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        first, hidden, last = toolkit.resource("B"), toolkit.members_only(), toolkit.resource("A")
        with toolkit.work(SYSTEM) as unit:
            made = services.create_collection(unit, programme_id=make.programme().id, title="Begin here", about="")
            for resource in (first, hidden, last):
                services.add_to_collection(unit, collection_id=made.id, resource_slug=resource.slug)
        with reading(VISITOR) as read:
            assert [(each.slug, number) for each, number in queries.collections(read)] == [("begin-here", 2)]
            _found, rows = queries.of_collection(read, slug="begin-here")
        assert [row.title for row in rows] == ["B", "A"]

    def test_of_which_nothing_may_be_seen_are_not_there(self, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        hidden = toolkit.members_only()
        with toolkit.work(SYSTEM) as unit:
            made = services.create_collection(unit, programme_id=make.programme().id, title="Secret", about="")
            services.add_to_collection(unit, collection_id=made.id, resource_slug=hidden.slug)
        with reading(VISITOR) as read:
            assert queries.collections(read) == []
            for slug in ("secret", "no-such"):
                with pytest.raises(NotFound):
                    queries.of_collection(read, slug=slug)


def test_lists_and_pages_ask_the_same_number_of_statements_however_much_there_is(
    reading: Reads, make: Make, toolkit: Toolkit
) -> None:
    member = make.actor(make.account(organisation=make.organisation()))
    tag = toolkit.tag("Housing")

    def asked() -> tuple[int, int]:
        with reading(member) as read, count_queries() as of_list:
            wanted = Wanted(words="panel", sort=Sort.BEST)
            queries.facets(read, wanted)
            queries.listed(read, wanted)
            queries.count(read, wanted)
            queries.collections(read)
        with reading(member) as read, count_queries() as of_page:
            queries.resource_page(read, slug="panel")
        return len(of_list), len(of_page)

    toolkit.resource("Panel", slug="panel", tag_ids=[tag.id])
    few = asked()
    for number in range(5):
        toolkit.resource(f"Panel {number}", tag_ids=[tag.id])
    assert asked() == few
    assert few[0] <= 5
    assert few[1] <= 6
