"""What one search finds beside events and the forum, and for whom: toolkit, stories, people; and mistyped words."""

from collections.abc import Sequence

import pytest
from flask import Flask

from cop.core.access import SYSTEM
from cop.models.accounts import Person
from cop.models.adoption import Story, StoryConsent
from cop.models.forum import Space
from cop.models.organisations import Organisation
from cop.models.toolkit import ResourceAudience
from cop.services import members, searching, stories
from cop.services import toolkit as toolkit_services
from tests.support.browse import Browse
from tests.support.forum import MakeForum
from tests.support.make import Make, Working
from tests.support.queries import count_queries
from tests.support.toolkit import Toolkit


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


@pytest.fixture
def council(make: Make) -> Organisation:
    return make.organisation("Quayside Council")


@pytest.fixture
def member(make: Make, council: Organisation) -> Person:
    """Somebody of a member organisation, who completed no course."""
    return make.account("Mo Marsh", organisation=council)


def titles(page: Browse, heading: str) -> Sequence[str]:
    """What stands below a heading."""
    found = next((one for one in page.soup.select("main h2") if one.get_text() == heading), None)
    return [item.get_text() for item in found.find_next("ul").select("h3")] if found else []  # type: ignore[union-attr]


class TestToolkit:
    def test_finds_resources_by_their_own_words_and_by_what_stands_in_them(
        self, browse: Browse, toolkit: Toolkit
    ) -> None:
        toolkit.resource("Keeping a quagga")
        other = toolkit.draft("Another animal")
        toolkit.words(other, "What to feed a quagga in winter.", title="Feeding")
        toolkit.publish(other)
        page = browse.get("/search", q="quagga")
        assert set(titles(page, "Toolkit")) == {"Keeping a quagga", "Another animal"}
        assert "What to feed a quagga in winter" in page.text
        assert page.click("Another animal").path == f"/toolkit/{other.slug}"

    def test_shows_each_resource_once(self, browse: Browse, toolkit: Toolkit) -> None:
        made = toolkit.draft("Keeping a quagga")
        for number in range(3):
            toolkit.words(made, f"Quagga number {number}.", title=f"Quagga {number}")
        toolkit.publish(made)
        assert titles(browse.get("/search", q="quagga"), "Toolkit") == ["Keeping a quagga"]

    def test_finds_neither_drafts_nor_what_was_withdrawn_nor_the_next_version(
        self, browse: Browse, toolkit: Toolkit, make: Make, work: Working
    ) -> None:
        toolkit.words(toolkit.draft("A quagga in the making"), "A quagga.")
        withdrawn = toolkit.resource("A quagga of old")
        with work(SYSTEM) as unit:
            toolkit_services.withdraw(unit, resource_id=withdrawn.id, reason="It is out of date.")
        published = toolkit.resource("A published animal")
        with work(SYSTEM) as unit:
            toolkit_services.begin_version(unit, resource_id=published.id)
        toolkit.words(published, "A quagga.", title="Coming soon")
        for page in (browse.get("/search", q="quagga"), browse.sign_in(make.admin()).get("/search", q="quagga")):
            assert titles(page, "Toolkit") == []

    def test_finds_for_members_what_is_for_members(
        self, browse: Browse, toolkit: Toolkit, member: Person, alma: Person, make: Make
    ) -> None:
        toolkit.members_only("A quagga for members")
        toolkit.resource("A quagga for all")
        both = {"A quagga for members", "A quagga for all"}
        seen = [
            set(titles(browse.get("/search", q="quagga"), "Toolkit")),
            *(set(titles(browse.sign_in(one).get("/search", q="quagga"), "Toolkit")) for one in (member, alma)),
            set(titles(browse.sign_in(make.account("Noah Nobody")).get("/search", q="quagga"), "Toolkit")),
        ]
        assert seen == [{"A quagga for all"}, both, both, {"A quagga for all"}]

    def test_finds_for_a_course_what_is_for_that_course(
        self, browse: Browse, toolkit: Toolkit, forum: MakeForum, make: Make
    ) -> None:
        course = forum.course(pupil := make.account("Pia Pupil"))
        toolkit.resource("A quagga for pupils", audience=ResourceAudience.COHORT, cohort=course.slug)
        other = forum.alumna("Ola Other")
        assert titles(browse.sign_in(pupil).get("/search", q="quagga"), "Toolkit") == ["A quagga for pupils"]
        assert titles(browse.sign_in(other).get("/search", q="quagga"), "Toolkit") == []


class TestStories:
    def told(self, work: Working, make: Make, teller: Person, consent: StoryConsent, *, named: bool = True) -> Story:
        with work(make.actor(teller)) as unit:
            story = stories.begin(unit, title=f"A quagga for {consent}")
        for seen, step in enumerate(("activity", "insight", "application", "result", "change"), 1):
            with work(make.actor(teller)) as unit:
                stories.write(unit, public_id=story.public_id, step=step, words="We fed a quagga.", seen=seen)
        if consent is not StoryConsent.PRIVATE:
            with work(make.actor(teller)) as unit:
                stories.tell(unit, public_id=story.public_id, consent=consent, named=named)
        return story

    def test_are_found_by_whom_they_were_told_to(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        for consent in StoryConsent:
            self.told(work, make, alma, consent)
        both = {"A quagga for public", "A quagga for network"}
        assert titles(browse.get("/search", q="quagga"), "Stories") == ["A quagga for public"]
        assert titles(browse.sign_in(make.account("Noah Nobody")).get("/search", q="quagga"), "Stories") == [
            "A quagga for public"
        ]
        for reader in (member, alma):
            assert set(titles(browse.sign_in(reader).get("/search", q="quagga"), "Stories")) == both

    def test_name_their_tellers_only_where_these_want_it(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        self.told(work, make, member, StoryConsent.PUBLIC, named=False)
        page = browse.get("/search", q="quagga")
        assert page.soup.select(".cop-topics p")
        assert "Mo Marsh" not in page.text
        assert "Quayside" not in page.text
        assert titles(browse.get("/search", q="marsh"), "Stories") == []
        self.told(work, make, alma, StoryConsent.PUBLIC)
        assert "Alma Ashdown" in browse.get("/search", q="quagga").text

    def test_that_were_hidden_or_taken_back_are_not_found(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        hidden = self.told(work, make, alma, StoryConsent.PUBLIC)
        taken_back = self.told(work, make, member, StoryConsent.PUBLIC)
        assert len(titles(browse.get("/search", q="quagga"), "Stories")) == 2
        with work(make.actor(make.admin())) as unit:
            stories.hide(unit, public_id=hidden.public_id, why="It names a patient.")
        with work(make.actor(member)) as unit:
            stories.withdraw(unit, public_id=taken_back.public_id)
        assert titles(browse.get("/search", q="quagga"), "Stories") == []


class TestPeople:
    def enter(self, work: Working, make: Make, person: Person, **shown: bool) -> None:
        with work(make.actor(person)) as unit:
            values = {"shows_organisation": True, "shows_role": True, "takes_letters": True, **shown}
            members.save(unit, about="I keep quaggas.", offers=(), seeks=(), revision=0, **values)

    def test_are_found_by_members_and_by_nobody_else(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        self.enter(work, make, member)
        page = browse.sign_in(alma).get("/search", q="quagga")
        assert titles(page, "People") == ["Mo Marsh"]
        assert "Quayside Council" in page.text
        assert page.click("Mo Marsh").status == 200
        assert titles(browse.sign_in(make.account("Noah Nobody")).get("/search", q="quagga"), "People") == []
        assert titles(browse.another().get("/search", q="quagga"), "People") == []

    def test_are_found_by_nothing_that_they_do_not_show(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        self.enter(work, make, member, shows_organisation=False)
        browse.sign_in(alma)
        assert titles(browse.get("/search", q="marsh"), "People") == ["Mo Marsh"]
        assert "Quayside" not in browse.get("/search", q="marsh").text
        assert titles(browse.get("/search", q="quayside"), "People") == []

    def test_who_never_agreed_or_took_it_back_are_not_found(
        self, browse: Browse, work: Working, make: Make, alma: Person, member: Person
    ) -> None:
        browse.sign_in(alma)
        assert titles(browse.get("/search", q="marsh"), "People") == []
        self.enter(work, make, member)
        assert titles(browse.get("/search", q="marsh"), "People") == ["Mo Marsh"]
        with work(make.actor(member)) as unit:
            members.leave(unit)
        assert titles(browse.get("/search", q="marsh"), "People") == []


class TestMistypedWords:
    def write(self, work: Working, forum: MakeForum, space: Space, people: Sequence[Person]) -> None:
        for person in people:
            forum.topic(person, space, "A title", "A befriending round.")
        with work(SYSTEM) as unit:
            searching.count_words(unit)

    @pytest.mark.parametrize("typed", ["befreinding", "befrending", "Befriendingg", "round befreinding"])
    def test_are_followed_by_a_link_to_the_right_one(
        self, typed: str, browse: Browse, work: Working, forum: MakeForum, space: Space, alma: Person
    ) -> None:
        self.write(work, forum, space, [alma, forum.alumna("Ben Birch"), forum.alumna("Cleo Cobb")])
        page = browse.sign_in(alma).get("/search", q=typed)
        assert "Did you mean" in page.text
        assert (
            titles(page.click(" ".join([*typed.split()[:-1], "befriending"])), "Posts in the forum") == ["A title"] * 3
        )

    def test_tell_nobody_of_words_that_they_may_not_read(
        self, browse: Browse, work: Working, forum: MakeForum, make: Make, space: Space, alma: Person, member: Person
    ) -> None:
        """A member gets into no space for alumni: the word is known, and finds nothing for them."""
        self.write(work, forum, space, [alma, forum.alumna("Ben Birch"), forum.alumna("Cleo Cobb")])
        assert "Did you mean" in browse.sign_in(alma).get("/search", q="befreinding").text
        for reader in (member, make.account("Noah Nobody")):
            assert "Did you mean" not in browse.sign_in(reader).get("/search", q="befreinding").text
        assert "Did you mean" not in browse.another().get("/search", q="befreinding").text

    def test_of_public_pages_are_known_to_everybody(self, browse: Browse, make: Make, work: Working) -> None:
        make.series(name="Warm rooms", summary="Hubs and libraries in winter.")
        with work(SYSTEM) as unit:
            searching.count_words(unit)
        page = browse.get("/search", q="livraries")
        assert titles(page.click("libraries"), "Series of events") == ["Warm rooms"]

    @pytest.mark.parametrize("typed", ["befriending xylophone", "qqqq zzzz", "tea", "<b>befr</b>", "é" * 40])
    def test_that_are_like_no_other_stay_as_they_are(
        self, typed: str, browse: Browse, work: Working, forum: MakeForum, space: Space, alma: Person
    ) -> None:
        self.write(work, forum, space, [alma, forum.alumna("Ben Birch"), forum.alumna("Cleo Cobb")])
        page = browse.sign_in(alma).get("/search", q=typed)
        assert page.status == 200
        assert "Did you mean" not in page.text

    def test_cost_as_many_statements_however_many_words_are_known(
        self, browse: Browse, work: Working, forum: MakeForum, make: Make, space: Space, alma: Person
    ) -> None:
        browse.sign_in(alma)
        counts = []
        for word in ("befriending", "allotments", "libraries"):
            make.series(slug=word, name=word, summary=f"All about {word}.")
            with work(SYSTEM) as unit:
                searching.count_words(unit)
            with count_queries() as statements:
                assert "Did you mean" in browse.get("/search", q=f"{word[:4]}{word[5]}{word[4]}{word[6:]}").text
            counts.append(len(statements))
        assert counts == [counts[0]] * 3
