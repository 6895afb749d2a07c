"""The toolkit is edited by its editors alone, in versions that are not changed once they are published."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.formats.tables import Row, read_csv
from cop.models.accounts import RoleGrant
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import (
    Accessible,
    ItemKind,
    Resource,
    ResourceAudience,
    ResourceItem,
    ResourceState,
    ResourceTag,
    ResourceVersion,
)
from cop.queries import toolkit as queries
from cop.services import tags
from cop.services import toolkit as services
from tests.support import cohorts
from tests.support.files import PDF
from tests.support.make import Make, Reads, Working
from tests.support.toolkit import Toolkit, pdf

CASE_STUDIES = Path("cop/demo/data/case_studies.csv")


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


@pytest.fixture
def editor(make: Make) -> Actor:
    person = make.account("Edi Editor")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return make.actor(person)


def row_of(reading: Reads, resource: Resource) -> Resource:
    with reading() as read:
        return read.session.scalars(select(Resource).where(Resource.id == resource.id)).one()


def items(reading: Reads, resource: Resource) -> list[str]:
    with reading() as read:
        return [item.title for item in queries.resource_to_edit(read, slug=resource.slug).items]


class TestWhoMayEdit:
    def test_facilitators_and_admins_of_the_programme(self, work: Working, toolkit: Toolkit, editor: Actor) -> None:
        with work(editor) as unit:
            made = services.create(unit, programme_id=toolkit.make.programme().id, about=toolkit.about("Mine"))
        assert (made.state, made.version, made.slug) == (ResourceState.DRAFT, 0, "mine")

    @pytest.mark.parametrize("role", [Role.EVALUATOR, Role.REVIEWER, Role.HOST, None])
    def test_nobody_else(self, work: Working, make: Make, toolkit: Toolkit, role: Role | None) -> None:
        resource, person = toolkit.resource(), make.account()
        if role is not None:
            make.grant(person, role, programme=make.programme())
        actor = make.actor(person)
        about = toolkit.about("Other")
        commands: list[Any] = [
            lambda unit: services.create(unit, programme_id=make.programme().id, about=about),
            lambda unit: services.edit(unit, resource_id=resource.id, about=about),
            lambda unit: services.begin_version(unit, resource_id=resource.id),
            lambda unit: services.withdraw(unit, resource_id=resource.id, reason="So"),
            lambda unit: services.create_collection(unit, programme_id=make.programme().id, title="A", about=""),
            lambda unit: services.import_case_studies(unit, [], programme_id=make.programme().id),
        ]
        for command in commands:
            with pytest.raises(NotFound), work(actor) as unit:
                command(unit)

    def test_not_the_facilitator_of_another_programme_or_of_one_course(
        self, work: Working, make: Make, toolkit: Toolkit
    ) -> None:
        resource, visit = toolkit.resource(), make.visit()
        other, chair = make.account(), make.account()
        make.grant(other, Role.FACILITATOR, programme=make.programme("another"))
        make.grant(chair, Role.FACILITATOR, event=visit)
        for person in (other, chair):
            with pytest.raises(NotFound), work(make.actor(person)) as unit:
                services.begin_version(unit, resource_id=resource.id)

    def test_whoever_was_overtaken_is_told_so(self, work: Working, toolkit: Toolkit, reading: Reads) -> None:
        resource = toolkit.draft()
        seen = row_of(reading, resource).revision
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("First"), seen=seen)
        with pytest.raises(Refusal, match="Somebody else has changed this") as refused, work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("Second"), seen=seen)
        assert refused.value.field == "seen"
        assert row_of(reading, resource).title == "First"


class TestAbout:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"licence": "mine"}, "licence"),
            ({"year": 2027}, "year"),
            ({"year": 1899}, "year"),
            ({"audience": ResourceAudience.COHORT}, "cohort"),
            ({"audience": ResourceAudience.COHORT, "cohort": "no-such"}, "cohort"),
            ({"owner_id": 123_456_789}, "owner_id"),
            ({"organisation": "No such council"}, "organisation"),
            ({"event": "no-such"}, "event"),
            ({"tag_ids": [123_456_789]}, "tags"),
        ],
    )
    def test_what_cannot_be_is_refused(self, toolkit: Toolkit, said: dict[str, Any], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            toolkit.draft(**said)
        assert refused.value.field == field

    def test_it_can_be_kept_to_the_alumni_of_one_course_and_opened_again(
        self, work: Working, make: Make, reading: Reads, toolkit: Toolkit
    ) -> None:
        course = cohorts.course(work, make, programme=make.programme())
        resource = toolkit.resource()
        for audience, slug in ((ResourceAudience.COHORT, course.slug), (ResourceAudience.PUBLIC, course.slug)):
            with work() as unit:
                about = toolkit.about("A", audience=audience, cohort=slug, event=course.slug)
                services.edit(unit, resource_id=resource.id, about=about)
            row = row_of(reading, resource)
            assert (row.audience, row.cohort_id is not None) == (audience, audience is ResourceAudience.COHORT)

    @pytest.mark.parametrize("slug", ["collections", "recordings", "new", "Not a slug", "mine"])
    def test_an_address_that_is_none_or_taken_is_refused(self, toolkit: Toolkit, slug: str) -> None:
        toolkit.draft(slug="mine")
        with pytest.raises(Refusal) as refused:
            toolkit.draft(slug=slug)
        assert refused.value.field == "slug"

    def test_words_are_given_and_taken_and_a_retired_one_stays(
        self, work: Working, reading: Reads, toolkit: Toolkit
    ) -> None:
        old, new = toolkit.tag("Housing"), toolkit.tag("Income")
        resource = toolkit.resource(tag_ids=[old.id])
        with work() as unit:
            tags.retire(unit, slug=old.slug)
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("A", tag_ids=[old.id, new.id]))
        with reading() as read:
            assert sorted(queries.tag_ids(read, resource.id)) == sorted([old.id, new.id])
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("A", tag_ids=[new.id]))
        with pytest.raises(Refusal), work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("A", tag_ids=[old.id]))

    def test_an_owner_edits_the_toolkit_and_stays_when_they_no_longer_may(
        self, work: Working, make: Make, reading: Reads, toolkit: Toolkit, editor: Actor
    ) -> None:
        resource = toolkit.resource(owner_id=editor.person_id, review_on=date(2027, 1, 1))
        with reading() as read:
            assert queries.owners(read, programme_id=make.programme().id) == [(editor.person_id, "Edi Editor")]
        with work() as unit:
            for grant in unit.session.scalars(select(RoleGrant)):
                grant.revoked_at = unit.now
        with work() as unit:
            services.edit(unit, resource_id=resource.id, about=toolkit.about("A", owner_id=editor.person_id))
        assert row_of(reading, resource).owner_id == editor.person_id


class TestItems:
    def test_stand_in_the_order_in_which_they_are_put(self, work: Working, reading: Reads, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        toolkit.words(resource, title="Words")
        toolkit.file(resource, title="File")
        last = toolkit.link(resource)
        assert items(reading, resource) == ["Words", "File", "Elsewhere"]
        with work() as unit:
            services.move_item_up(unit, resource_id=resource.id, public_id=last.public_id)
        assert items(reading, resource) == ["Words", "Elsewhere", "File"]
        with work() as unit:
            services.remove_item(unit, resource_id=resource.id, public_id=last.public_id)
        assert items(reading, resource) == ["Words", "File"]

    @pytest.mark.parametrize(
        ("data", "name", "found"),
        [
            (pdf(tagged=True), "a.pdf", Accessible.PARTLY),
            (pdf(tagged=False), "a.pdf", Accessible.NO),
            (PDF, "a.pdf", Accessible.UNKNOWN),
            (b"Plain words\n", "a.txt", Accessible.YES),
            (b"\x89PNG\r\n\x1a\n", "a.png", Accessible.UNKNOWN),
        ],
    )
    def test_tell_how_they_can_be_used(self, toolkit: Toolkit, data: bytes, name: str, found: Accessible) -> None:
        resource = toolkit.draft()
        assert toolkit.file(resource, data, name=name).accessible is found

    def test_are_used_as_an_editor_says_who_has_looked(self, toolkit: Toolkit) -> None:
        item = toolkit.file(toolkit.draft(), pdf(tagged=False), accessible=Accessible.YES, accessible_note="Looked at")
        assert (item.accessible, item.accessible_note) == (Accessible.YES, "Looked at")

    @pytest.mark.parametrize("name", ["a.html", "a.svg", "a.exe", "a.zip", "a"])
    def test_of_kinds_that_a_browser_might_run_are_refused(self, toolkit: Toolkit, name: str) -> None:
        with pytest.raises(Refusal) as refused:
            toolkit.file(toolkit.draft(), b"<script>alert(1)</script>", name=name)
        assert refused.value.field == "file"

    @pytest.mark.parametrize("data", [b"<html><script>alert(1)</script>", b"PK\x03\x04"])
    def test_in_disguise_are_refused(self, toolkit: Toolkit, data: bytes) -> None:
        with pytest.raises(Refusal, match="not PDF"):
            toolkit.file(toolkit.draft(), data)

    @pytest.mark.parametrize(
        "url", ["http://a.example", "javascript:alert(1)", "https://", "https://u:p@a.example", ""]
    )
    def test_elsewhere_have_an_address_that_a_browser_can_be_sent_to(self, toolkit: Toolkit, url: str) -> None:
        with pytest.raises(Refusal) as refused:
            toolkit.link(toolkit.draft(), url)
        assert refused.value.field == "url"

    def test_hold_no_script_and_no_picture_from_elsewhere(self, toolkit: Toolkit) -> None:
        body = "Words <script>alert(1)</script> ![x](https://spy.example/p.gif) [y](javascript:alert(1))\n\n# Heading"
        item = toolkit.words(toolkit.draft(), body)
        assert "<script" not in item.html
        assert "<img" not in item.html
        assert 'href="javascript' not in item.html
        assert "<h4>Heading</h4>" in item.html

    @pytest.mark.parametrize("body", ["", "[nothing]: https://a.example"])
    def test_of_words_need_some(self, toolkit: Toolkit, body: str) -> None:
        with pytest.raises(Refusal) as refused:
            toolkit.words(toolkit.draft(), body)
        assert refused.value.field == "body"

    def test_are_at_most_so_many(self, work: Working, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        with work() as unit:
            values: dict[str, Any] = {"resource_id": resource.id, "kind": ItemKind.GUIDE, "body": "Words"}
            for number in range(services.MOST_ITEMS):
                services.add_words(unit, title=f"Number {number}", **values)
            with pytest.raises(Refusal, match="at most 30"):
                services.add_words(unit, title="One more", **values)

    def test_are_not_the_same_file_twice(self, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        toolkit.file(resource, title="First")
        with pytest.raises(Refusal, match="“First”"):
            toolkit.file(resource, title="Second")

    def test_whose_address_changes_are_tried_anew(self, work: Working, toolkit: Toolkit) -> None:
        resource = toolkit.draft()
        item = toolkit.link(resource)
        with work() as unit:
            found = unit.session.get_one(ResourceItem, item.id)
            found.failures, found.checked_at = 2, unit.now
        values: dict[str, Any] = {"resource_id": resource.id, "public_id": item.public_id, "kind": ItemKind.TOOL}
        with work() as unit:
            same = services.edit_item(unit, title="A", body="", url=str(item.url), **values)
            assert same.failures == 2
        with work() as unit:
            other = services.edit_item(unit, title="A", body="", url="https://new.example/", **values)
            assert (other.failures, other.checked_at) == (0, None)


class TestVersions:
    def test_the_first_needs_something_to_show(self, toolkit: Toolkit) -> None:
        with pytest.raises(Refusal, match="nothing to show"):
            toolkit.publish(toolkit.draft())
        assert toolkit.publish(toolkit.draft("A result", result="40 gardens")).version == 1

    def test_a_published_one_is_not_changed(self, toolkit: Toolkit) -> None:
        resource = toolkit.resource()
        with pytest.raises(Refusal, match="Begin the next one"):
            toolkit.words(resource)
        with pytest.raises(Refusal, match="no new version"):
            toolkit.publish(resource, "Again")

    def test_the_next_is_a_copy_with_addresses_of_its_own(
        self, work: Working, reading: Reads, toolkit: Toolkit
    ) -> None:
        resource = toolkit.draft()
        first = toolkit.file(resource)
        toolkit.publish(resource)
        with work() as unit:
            services.begin_version(unit, resource_id=resource.id)
        with pytest.raises(Refusal, match="begun already"), work() as unit:
            services.begin_version(unit, resource_id=resource.id)
        assert row_of(reading, resource).version == 1
        with pytest.raises(Refusal, match="what changed") as refused:
            toolkit.publish(resource)
        assert refused.value.field == "changes"
        assert toolkit.publish(resource, "Clearer pictures").version == 2
        with reading() as read:
            page = queries.resource_page(read, slug=resource.slug)
            before = queries.resource_page(read, slug=resource.slug, number=1)
            assert queries.one_item(read, slug=resource.slug, public_id=first.public_id).id == first.id
        assert [version.changes for version in page.versions] == ["Clearer pictures", ""]
        assert [item.sha256 for item in page.items] == [item.sha256 for item in before.items]
        assert [item.public_id for item in before.items] == [first.public_id]
        assert page.items[0].public_id != first.public_id

    def test_one_that_is_given_up_leaves_the_published_one(
        self, work: Working, reading: Reads, toolkit: Toolkit
    ) -> None:
        resource = toolkit.resource()
        with work() as unit:
            services.begin_version(unit, resource_id=resource.id)
        with work() as unit:
            assert services.drop_version(unit, resource_id=resource.id) is not None
        with reading() as read:
            assert len(queries.versions_of(read, resource.id)) == 1
        with pytest.raises(NotFound), work() as unit:
            services.drop_version(unit, resource_id=resource.id)

    def test_what_was_never_published_goes_whole(self, work: Working, reading: Reads, toolkit: Toolkit) -> None:
        resource = toolkit.draft(tag_ids=[toolkit.tag("Housing").id])
        toolkit.words(resource)
        with work() as unit:
            made = services.create_collection(unit, programme_id=resource.programme_id, title="A", about="")
            services.add_to_collection(unit, collection_id=made.id, resource_slug=resource.slug)
        with work() as unit:
            assert services.drop_version(unit, resource_id=resource.id) is None
        with reading() as read:
            for table in (Resource, ResourceVersion, ResourceItem, ResourceTag):
                assert read.session.scalar(select(func.count()).select_from(table)) == 0

    def test_withdrawn_and_shown_again(self, work: Working, reading: Reads, toolkit: Toolkit) -> None:
        resource = toolkit.resource()
        with work() as unit:
            services.withdraw(unit, resource_id=resource.id, reason="Out of date")
        with pytest.raises(Refusal, match="not published"), work() as unit:
            services.withdraw(unit, resource_id=resource.id, reason="Twice")
        with work() as unit:
            services.bring_back(unit, resource_id=resource.id)
        assert row_of(reading, resource).state is ResourceState.PUBLISHED
        with pytest.raises(Refusal, match="not withdrawn"), work() as unit:
            services.bring_back(unit, resource_id=resource.id)


class TestCollections:
    def test_are_put_in_an_order(self, work: Working, reading: Reads, make: Make, toolkit: Toolkit) -> None:
        first, second = toolkit.resource("First"), toolkit.resource("Second")
        with work() as unit:
            made = services.create_collection(unit, programme_id=make.programme().id, title="Begin here", about="")
            for resource in (first, second):
                services.add_to_collection(unit, collection_id=made.id, resource_slug=resource.slug)
            services.move_up_in_collection(unit, collection_id=made.id, resource_id=second.id)
        with reading() as read:
            assert [each.title for each in queries.in_collection(read, made.id)] == ["Second", "First"]
        with pytest.raises(Refusal, match="in this collection already"), work() as unit:
            services.add_to_collection(unit, collection_id=made.id, resource_slug="first")
        with work() as unit:
            services.remove_from_collection(unit, collection_id=made.id, resource_id=second.id)
        with pytest.raises(NotFound), work() as unit:
            services.remove_from_collection(unit, collection_id=made.id, resource_id=second.id)
        with work() as unit:
            services.delete_collection(unit, collection_id=made.id)
        assert row_of(reading, first).state is ResourceState.PUBLISHED

    def test_hold_nothing_of_another_programme(self, work: Working, make: Make, toolkit: Toolkit) -> None:
        toolkit.resource("Ours")
        other = make.programme("another")
        with pytest.raises(Refusal), work() as unit:
            made = services.create_collection(unit, programme_id=other.id, title="A", about="")
            services.add_to_collection(unit, collection_id=made.id, resource_slug="ours")

    def test_overtaken(self, work: Working, make: Make) -> None:
        with work() as unit:
            made = services.create_collection(unit, programme_id=make.programme().id, title="A", about="")
            services.edit_collection(unit, collection_id=made.id, title="B", about="", position=1, seen=0)
        with pytest.raises(Refusal, match="Somebody else"), work() as unit:
            services.edit_collection(unit, collection_id=made.id, title="C", about="", position=1, seen=0)


class TestCaseStudies:
    def test_all_38_come_in_once_with_their_source_and_year(self, work: Working, reading: Reads, make: Make) -> None:
        rows = read_csv(CASE_STUDIES.read_bytes(), services.COLUMNS)
        with work() as unit:
            tags.ensure(unit)
        for made, known in ((38, 0), (0, 38)):
            with work(SYSTEM) as unit:
                done = services.import_case_studies(unit, rows, programme_id=make.programme().id)
            assert done == services.Imported(made, known)
        with reading() as read:
            found = read.session.scalars(select(Resource).order_by(Resource.id)).all()
            sorted_by = read.session.scalar(select(func.count(ResourceTag.resource_id.distinct())))
            themes = set(read.session.scalars(select(Tag.kind).join(ResourceTag, ResourceTag.tag_id == Tag.id)))
        assert {(resource.kind, resource.state, resource.version, resource.year) for resource in found} == {
            (ItemKind.CASE_STUDY, ResourceState.PUBLISHED, 1, 2021)
        }
        assert all(resource.source.strip() and resource.result for resource in found)
        assert found[0].slug == "coventry-marmot-city"
        assert themes == {TagKind.THEME}
        assert sorted_by == 36  # "data" and "policy" are no social determinants

    def test_themes_that_stand_side_by_side_all_count(self, work: Working, reading: Reads, make: Make) -> None:
        with work() as unit:
            tags.ensure(unit)
            services.import_case_studies(unit, [study(theme="Equality; work")], programme_id=make.programme().id)
        with reading() as read:
            names = read.session.scalars(select(Tag.name).join(ResourceTag, ResourceTag.tag_id == Tag.id)).all()
        assert sorted(names) == ["Discrimination and exclusion", "Working conditions"]

    def test_without_a_year_none_is_made_up(self, work: Working, make: Make, reading: Reads) -> None:
        with work() as unit:
            services.import_case_studies(unit, [study(source="A leaflet")], programme_id=make.programme().id)
        with reading() as read:
            assert read.session.scalars(select(Resource.year)).one() is None

    def test_two_of_the_same_words_have_two_addresses(self, work: Working, make: Make, reading: Reads) -> None:
        rows = [study(source="One, 2020"), study(source="Another, 2021")]
        with work() as unit:
            services.import_case_studies(unit, rows, programme_id=make.programme().id)
        with reading() as read:
            slugs = read.session.scalars(select(Resource.slug).order_by(Resource.id)).all()
        assert slugs == ["hull-gardens", "hull-gardens-2"]

    @pytest.mark.parametrize("column", ["place", "title", "source"])
    def test_one_that_lacks_something_stops_all(self, work: Working, make: Make, reading: Reads, column: str) -> None:
        with pytest.raises(Refusal, match=f"Line 7 has no {column}"), work() as unit:
            services.import_case_studies(
                unit, [study(), study(line=7, **{column: ""})], programme_id=make.programme().id
            )
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Resource)) == 0


def study(line: int = 2, **values: str) -> Row:
    said = {"place": "Hull", "title": "Gardens", "sector": "", "theme": "Food", "result": "Nine", "source": "Us, 2021"}
    return Row(line, {**said, **values})
