"""Starting topics with a template, signs on posts, files, words to sort by, and proposals, as people use them."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Post, PostFile, ProposalOf, Space, Topic, TopicKind
from cop.models.organisations import Membership
from cop.services import forum as services
from cop.services import tags
from tests.support.browse import Browse
from tests.support.files import PDF, upload
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries

QUESTION = services.About(kind=TopicKind.QUESTION)


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def facilitator(make: Make, forum: MakeForum) -> Person:
    person = make.account("Femi Facilitator", "femi@council.example")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    forum.accept(person)
    return person


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def words(work: Working) -> None:
    with work() as unit:
        tags.ensure(unit)


@pytest.fixture
def question(forum: MakeForum, alma: Person, space: Space) -> Topic:
    return forum.topic(alma, space, "How do you pay residents?", about=QUESTION)


def article(page: Browse, number: int) -> str:
    (found,) = page.soup.select(f"#post-{number}")
    return " ".join(found.get_text(" ").split())


class TestATemplate:
    def test_is_chosen_by_a_link_and_fills_the_form(
        self, browse: Browse, ben: Person, space: Space, reading: Reads
    ) -> None:
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/new").click("Look at what works already")
        (body,) = page.soup.select("#body")
        for heading in ("What works already", "Which levers made it work", "What value was added"):
            assert heading in body.get_text()
        page.get(f"/forum/{space.slug}/new").click("Ask a question").submit("Post the topic", title="Who knows?")
        assert page.heading == "Who knows?"
        assert "Question" in page.text
        with reading() as read:
            topic = read.session.scalars(select(Topic)).one()
        assert (topic.kind, topic.starter) == (TopicKind.QUESTION, "question")

    @pytest.mark.parametrize(
        ("starter", "kind"),
        [
            ("what-worked", "talk"),
            ("funding", "talk"),
            ("introduction", "talk"),
            ("offer", "offer"),
            ("ask", "ask"),
            ("webinar", "proposal-webinar"),
            ("visit", "proposal-visit"),
            ("nonsense", "talk"),
            ("", "talk"),
        ],
    )
    def test_says_what_the_topic_is(self, browse: Browse, ben: Person, space: Space, starter: str, kind: str) -> None:
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/new", starter=starter)
        assert [chosen["value"] for chosen in page.soup.select("input[name=kind][checked]")] == [kind]

    def test_does_not_come_back_over_what_was_typed(self, browse: Browse, ben: Person, space: Space) -> None:
        page = browse.sign_in(ben).get(f"/forum/{space.slug}/new", starter="question")
        page.submit("Post the topic", title="", body="My own words")
        assert page.status == 422
        (body,) = page.soup.select("#body")
        assert body.get_text().strip() == "My own words"


class TestSorting:
    @pytest.mark.usefixtures("words")
    def test_by_words_leads_to_all_topics_that_have_them(self, browse: Browse, alma: Person, space: Space) -> None:
        page = browse.sign_in(alma).get(f"/forum/{space.slug}/new")
        housing = page.soup.find("label", string=lambda text: "Housing" in (text or ""))
        assert housing is not None
        (box,) = page.soup.select(f"#{housing['for']}")
        page.submit("Post the topic", title="Damp", body="Who has dry walls?", theme=[str(box["value"])])
        page.click("Housing")
        assert page.path == "/forum/tags/housing"
        assert "Damp Alma Ashdown in Project updates" in page.text
        page.click("Damp").click("Change what this topic is about").submit("Save", kind="question", theme=[])
        assert "What the topic is about is saved" in page.text
        assert "Question" in page.text
        assert "No topic is sorted by this word yet" in page.get("/forum/tags/housing").text

    @pytest.mark.usefixtures("words")
    def test_shows_words_to_those_of_the_forum_only(self, browse: Browse, make: Make, alma: Person) -> None:
        assert browse.sign_in(make.account()).get("/forum/tags/housing").status == 404
        assert browse.get("/forum/proposals").status == 404
        assert browse.sign_in(alma).get("/forum/tags/nowhere").status == 404

    def test_of_somebody_elses_topic_is_for_facilitators(
        self, browse: Browse, ben: Person, facilitator: Person, space: Space, question: Topic
    ) -> None:
        assert browse.sign_in(ben).get(f"{address_of(space, question)}/about").status == 404
        page = browse.sign_in(facilitator).get(address_of(space, question)).click("Change what this topic is about")
        assert page.submit("Save", kind="talk").status == 200

    def test_links_a_topic_to_an_event_whose_page_leads_back_for_those_who_may_read_it(
        self, browse: Browse, make: Make, alma: Person, space: Space
    ) -> None:
        visit = make.visit(title="A day at the Healthy Hub")
        page = browse.sign_in(alma).get(f"/forum/{space.slug}/new", event=visit.slug)
        page.submit("Post the topic", title="Who was there?", body="Tell us.")
        assert page.click("A day at the Healthy Hub").path == f"/visits/{visit.slug}"
        assert page.click("Who was there?").heading == "Who was there?"
        assert "Who was there?" not in browse.another().get(f"/visits/{visit.slug}").text
        stranger = browse.another().sign_in(make.account())
        assert "Who was there?" not in stranger.get(f"/visits/{visit.slug}").text


class TestSigns:
    def test_are_pressed_and_undone(self, browse: Browse, ben: Person, space: Space, question: Topic) -> None:
        page = browse.sign_in(ben).get(address_of(space, question))
        page.submit("Helped me post 1")
        assert page.path == address_of(space, question)
        assert "Helped me (1)" in article(page, 1)
        assert page.soup.select('#post-1 [name="not-helped"][aria-pressed="true"]')
        page.submit("Me too post 1")
        assert "Me too (1)" in article(page, 1)
        page.submit("Helped me (1) post 1")
        assert "Helped me (1)" not in article(page, 1)

    def test_are_counted_under_ones_own_post_and_not_offered(
        self, browse: Browse, alma: Person, ben: Person, space: Space, question: Topic
    ) -> None:
        browse.sign_in(ben).get(address_of(space, question)).submit("Me too post 1")
        page = browse.sign_in(alma).get(address_of(space, question))
        assert "Me too (1)" in article(page, 1)
        assert not page.soup.select("#post-1 button")

    @pytest.mark.parametrize(
        "pressed", [{}, {"helped": "2"}, {"helped": "x"}, {"helped": "-1"}, {"nonsense": "1"}, {"helped": "9" * 30}]
    )
    def test_that_were_forged_find_nothing(
        self, browse: Browse, ben: Person, space: Space, question: Topic, pressed: dict[str, str]
    ) -> None:
        page = browse.sign_in(ben).get(address_of(space, question))
        assert page.post(f"{address_of(space, question)}/signs", pressed).status == 404

    def test_need_the_token_of_the_page(self, browse: Browse, ben: Person, space: Space, question: Topic) -> None:
        page = browse.sign_in(ben).get(address_of(space, question))
        assert page.post(f"{address_of(space, question)}/signs", {"helped": "1"}, csrf=False).status == 403


class TestAnAnswer:
    def test_is_accepted_by_who_asked_and_shown_above(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, question: Topic
    ) -> None:
        forum.reply(ben, question, "By voucher, within a week.")
        page = browse.sign_in(ben).get(address_of(space, question))
        assert "This is the answer" not in page.text
        page = browse.sign_in(alma).get(address_of(space, question)).submit("This is the answer post 2")
        assert "This question is answered" in page.text
        assert "Accepted answer" in article(page, 2)
        assert page.click("Go to the accepted answer").path.endswith("#post-2")
        page.submit("This is the answer post 2")
        assert "This question is answered" not in page.text


class TestFiles:
    @pytest.fixture
    def with_file(self, browse: Browse, ben: Person, space: Space, question: Topic) -> Browse:
        page = browse.sign_in(ben).get(f"{address_of(space, question)}/reply")
        return page.submit("Reply", body="Here is ours.", files=upload())

    def test_come_with_a_reply_and_are_saved_and_never_shown(self, with_file: Browse) -> None:
        assert "map.pdf" in article(with_file, 2)
        page = with_file.click("map.pdf")
        headers = page.response.headers
        assert page.response.get_data() == PDF
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"].startswith("private")

    def test_are_for_those_who_may_read_the_post(
        self,
        with_file: Browse,
        make: Make,
        forum: MakeForum,
        alma: Person,
        space: Space,
        question: Topic,
        reading: Reads,
    ) -> None:
        with reading() as read:
            word, post_id = read.session.execute(select(PostFile.public_id, PostFile.post_id)).one()
        address = f"{address_of(space, question)}/posts/2/files/{word}"
        assert with_file.another().sign_in(alma).get(address).status == 200
        assert with_file.another().get(address, follow=False).status == 302
        assert with_file.another().sign_in(make.account()).get(address).status == 404
        reader = with_file.another().sign_in(alma)
        assert reader.get(address.replace("/posts/2/", "/posts/1/")).status == 404
        forum.hide_post(post_id)
        assert reader.get(address).status == 404
        assert "map.pdf" not in reader.get(address_of(space, question)).text

    def test_are_taken_off_again(self, with_file: Browse, space: Space, question: Topic, reading: Reads) -> None:
        page = with_file.click("Edit post 2")
        (box,) = page.soup.select("input[name=without]")
        page.submit("Save", without=[str(box["value"])])
        assert "map.pdf" not in page.text

    @pytest.mark.parametrize("name", ["page.html", "drawing.svg", "notes.txt"])
    def test_that_are_pages_in_disguise_are_refused_beside_the_field(
        self, browse: Browse, ben: Person, space: Space, question: Topic, name: str, reading: Reads
    ) -> None:
        page = browse.sign_in(ben).get(f"{address_of(space, question)}/reply")
        page.submit("Reply", body="Look.", files=upload(b"<!doctype html><script>alert(1)</script>", name))
        assert page.status == 422
        assert page.soup.select("#files-error")
        with reading() as read:
            assert len(read.session.scalars(select(Post.id)).all()) == 1

    def test_that_are_too_large_are_refused_by_the_page_for_that(
        self, browse: Browse, ben: Person, space: Space, question: Topic
    ) -> None:
        page = browse.sign_in(ben).get(f"{address_of(space, question)}/reply")
        page.submit("Reply", body="Look.", files=(BytesIO(bytes(services.MOST_BYTES + 1)), "much.txt"))
        page.response.request.environ["wsgi.input"].close()
        assert page.status == 422
        assert "larger than 5 MB" in page.text


class TestMentions:
    def test_are_offered_with_the_names_of_those_who_wrote(
        self, browse: Browse, forum: MakeForum, alma: Person, ben: Person, space: Space, question: Topic
    ) -> None:
        page = browse.sign_in(ben).get(f"{address_of(space, question)}/reply")
        assert "@Alma Ashdown" in page.text
        assert "@Ben Birkett" not in page.text


class TestProposals:
    def test_are_supported_listed_and_decided(
        self, browse: Browse, make: Make, alma: Person, ben: Person, facilitator: Person, space: Space
    ) -> None:
        page = browse.sign_in(alma).get(f"/forum/{space.slug}/new").click("Propose a visit")
        page.submit("Post the topic", title="See the kitchen in Brent", body="It feeds a street.")
        address = page.path
        assert "This proposes a visit" in page.text
        assert browse.sign_in(ben).get(f"{address}/decide").status == 404
        browse.get(address).submit("Me too post 1")
        assert "1 person would come too" in browse.get("/forum/proposals").text
        visit = make.visit(title="A morning in the kitchen")
        page = browse.sign_in(facilitator).get(address).click("Decide about this proposal")
        page.submit("Save the decision", planned="no")
        assert page.errors == ["Say why not, so that those who support it know"]
        page.submit("Save the decision", planned="yes", event=visit.slug, answer="Bring boots.")
        assert "It is planned. A morning in the kitchen Bring boots." in page.text
        page = (
            browse.sign_in(alma).get(address).click("Change what this topic is about").submit("Save", event=visit.slug)
        )
        assert "It is about: A morning in the kitchen" in page.text
        listed = browse.sign_in(ben).get("/forum/proposals")
        assert "No proposal waits" in listed.text
        assert "Planned A visit · Alma Ashdown in Project updates" in listed.text


class TestSpaces:
    def test_for_members_are_added_and_entered_by_them(
        self, browse: Browse, make: Make, forum: MakeForum, facilitator: Person
    ) -> None:
        page = browse.sign_in(facilitator).get("/forum/").click("Add a space")
        page.submit("Add the space", audience="members-1", name="Ask the network", about="Anybody may ask.")
        assert page.status == 200
        member = make.account(organisation=make.organisation("Brent Council", membership=Membership.FULL))
        page = browse.sign_in(member).get("/forum/")
        assert "Ask the network" in page.text
        assert "Alumni and members" in page.text
        forum.accept(member)
        page.click("Ask the network").click("Start a topic").submit("Post the topic", title="Hello", body="From Brent")
        assert page.heading == "Hello"

    def test_that_are_ready_made_are_added_by_one_press(self, browse: Browse, facilitator: Person) -> None:
        page = browse.sign_in(facilitator).get("/forum/").submit("Add the ready-made spaces")
        assert "4 spaces are added" in page.text
        for name in ("Introductions", "Project updates", "Funding opportunities", "What worked"):
            assert name in page.text
        assert "All ready-made spaces are there already" in page.submit("Add the ready-made spaces").text

    def test_are_not_made_by_others(self, browse: Browse, alma: Person, make: Make) -> None:
        browse.sign_in(alma).get("/forum/")
        assert browse.post("/forum/spaces/ready-made").status == 404


def test_a_topic_with_everything_takes_as_many_statements_as_one_page_of_it(
    browse: Browse,
    forum: MakeForum,
    make: Make,
    alma: Person,
    ben: Person,
    space: Space,
    words: None,
    reading: Reads,
    counted: Callable[[str], int],
) -> None:
    visit = make.visit()
    about = services.About(kind=TopicKind.PROPOSAL, proposal_of=ProposalOf.VISIT, event=visit.slug)
    files = [services.Upload(BytesIO(PDF), "a.pdf")]
    topic = forum.topic(alma, space, about=about, uploads=files)
    browse.sign_in(ben)
    one = counted(address_of(space, topic))
    for number in range(5):
        forum.reply(alma, topic, f"More {number}", uploads=[services.Upload(BytesIO(PDF + b"%d" % number), "b.pdf")])
    assert counted(address_of(space, topic)) == one
    assert one <= 5


@pytest.fixture
def counted(browse: Browse) -> Callable[[str], int]:
    def of(address: str) -> int:
        browse.get(address)  # what it notes is noted
        with count_queries() as statements:
            assert browse.get(address).status == 200
        return len(statements)

    return of
