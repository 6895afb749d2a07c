"""The pages of stories: telling one step by step, reading it, taking it back, and hiding it."""

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.adoption import StoryConsent
from cop.models.toolkit import Step
from cop.services import stories as services
from cop.services import toolkit_use
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.stories import WORDS, begin, tell
from tests.support.toolkit import Toolkit


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", organisation=make.organisation("Brent Council", slug="brent"))


def test_a_story_is_told_from_the_first_word_to_its_readers(
    browse: Browse, make: Make, amina: Person, clock: FixedClock
) -> None:
    visit = make.visit("A morning at the hub")
    make.booking(amina, visit)
    clock.set(visit.parts[0].ends_at)
    browse.sign_in(amina).get("/stories/")
    assert "There is no story to read here yet" in browse.text
    browse.click("Tell your story").submit("Begin", title="Tea at reception")
    for number, words in enumerate(WORDS.values(), start=1):
        assert browse.heading.startswith(f"Step {number} of 5")
        browse.submit("Save and go on", words=words)
    browse.submit("Save and go on", keys=[f"event:{visit.slug}"])
    assert browse.submit("Tell it").errors == ["Choose who may read it", "Choose whether your name stands with it"]
    browse.submit("Tell it", consent="public", named="yes")
    assert browse.heading.endswith("Tea at reception")
    path = browse.path
    visitor = browse.another()
    assert "Amina Yusuf, Brent Council" in visitor.get("/stories/").text
    visitor.get(path)
    assert all(words in visitor.text for words in (*WORDS.values(), "A morning at the hub"))
    assert "Change" not in visitor.text
    for place in (f"/visits/{visit.slug}", "/organisations/brent"):
        assert "Tea at reception" in visitor.get(place).text
    browse.click("Take it back").submit("Yes, take it back")
    assert visitor.get(path).status == 404
    for place in ("/stories/", f"/visits/{visit.slug}", "/organisations/brent"):
        assert "Tea at reception" not in visitor.get(place).text
    browse.click("Delete it").submit("Yes, delete it")
    assert "You have not told a story yet." in browse.text


def test_coming_back_later_finds_what_was_saved(browse: Browse, make: Make, amina: Person) -> None:
    make.programme()
    browse.sign_in(amina).get("/stories/new").submit("Begin", title="Tea")
    browse.submit("Save and come back later", words="I came to the hub.")
    assert "I came to the hub." in browse.text
    browse.click("Say who may read it")
    assert "These questions have no answer yet" in browse.text
    assert (
        browse.get("/stories/mine").click("Tea").click("Change the title").submit("Save", words="Tea and cake").status
    )
    assert browse.heading.endswith("Tea and cake")


def test_a_stale_page_shows_what_is_saved(browse: Browse, make: Make, work: Working, amina: Person) -> None:
    story = begin(make, work, amina)
    other = browse.another().sign_in(amina)
    browse.sign_in(amina).get(f"/stories/{story.public_id}/write/insight")
    other.get(f"/stories/{story.public_id}/write/insight").submit("Save and go on", words="First.")
    browse.submit("Save and go on", words="Second.")
    assert browse.status == 422
    assert "First." in browse.text
    browse.submit("Save and come back later", words="Second.")
    assert "Second." in browse.text


def test_begins_with_a_title_and_only_while_there_is_a_programme(browse: Browse, make: Make, amina: Person) -> None:
    assert "no programme at present" in browse.sign_in(amina).get("/stories/new").text
    assert browse.get("/stories/").status == 200
    make.programme()
    assert browse.get("/stories/new").submit("Begin", title=" ").errors == ["Enter a title"]


def test_who_is_signed_out_or_a_stranger_reads_what_is_for_them(
    browse: Browse, make: Make, work: Working, amina: Person
) -> None:
    story = tell(make, work, amina, consent=StoryConsent.NETWORK)
    path = f"/stories/{story.public_id}"
    assert browse.get(path).status == 404
    assert "no story for everybody" in browse.get("/stories/").text
    for page in ("/stories/mine", "/stories/new", f"{path}/share"):
        assert browse.get(page, follow=False).status == 302
    browse.sign_in(make.account("Sam Stranger"))
    for page in ("", "/share", "/title", "/from", "/withdraw", "/remove", "/hide", "/write/change"):
        assert browse.get(path + page).status == 404
    browse.sign_in(make.account("Mo", organisation=make.organisation()))
    assert browse.get(path).status == 200
    for page in ("/share", "/title", "/from", "/withdraw", "/remove", "/hide", "/write/change"):
        assert browse.get(path + page).status == 404
    assert browse.sign_in(amina).get(f"{path}/write/hidden_why").status == 404


def test_staff_hide_a_story_and_its_teller_reads_why(browse: Browse, make: Make, work: Working, amina: Person) -> None:
    story = tell(make, work, amina)
    path = f"/stories/{story.public_id}"
    femi = make.account("Femi")
    make.grant(femi, Role.FACILITATOR, programme=make.programme())
    browse.sign_in(femi).get(path).click("Hide this story")
    assert browse.submit("Hide it", why="").errors == ["Say why"]
    browse.submit("Hide it", why="It names a resident.")
    assert "Hidden: It names a resident." in browse.text
    assert "Tea at reception" in browse.get("/stories/hidden").text
    teller, visitor = browse.another().sign_in(amina), browse.another()
    assert "It names a resident." in teller.get(path).text
    assert visitor.get(path).status == 404
    browse.get(path).submit("Show it again")
    assert visitor.get(path).status == 200
    assert "No story is hidden" in browse.get("/stories/hidden").text


def test_a_story_that_came_of_a_resource_stands_on_its_page(
    browse: Browse, make: Make, work: Working, amina: Person
) -> None:
    resource = Toolkit(make, work).resource("Tea trolleys")
    path = f"/toolkit/{resource.slug}"
    story = tell(make, work, amina)
    assert "Tea at reception" not in browse.get(path).text
    with work(make.actor(amina)) as opened:
        toolkit_use.tell_use(opened, slug=resource.slug, step=Step.USED)
        services.link(opened, public_id=story.public_id, keys=[f"resource:{resource.slug}"])
    assert "Stories of what changed" in browse.get(path).text
    assert WORDS["change"] in browse.click("Tea at reception").text


def test_stories_of_another_programme_have_their_own_list(
    browse: Browse, make: Make, work: Working, amina: Person
) -> None:
    tell(make, work, amina)
    make.programme("another", name="Another programme")
    assert "Tea at reception" in browse.get("/stories/").text
    assert "Tea at reception" not in browse.click("Another programme").text
    assert browse.get("/stories/?programme=nowhere").status == 404


def test_the_words_of_a_story_are_words(browse: Browse, make: Make, work: Working, amina: Person) -> None:
    story = tell(make, work, amina, title="<b>Bold</b>", change="<script>alert(1)</script>")
    html = browse.get(f"/stories/{story.public_id}").html
    assert "<script>alert" not in html
    assert "<b>Bold" not in html
