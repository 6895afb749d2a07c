"""The pages on which people say what came of a resource, and those that show how much the toolkit is used."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cop.core.access import SYSTEM, Actor, Role
from cop.core.errors import NotFound
from cop.models.accounts import Person, Sector
from cop.models.toolkit import Resource, ResourceTaken, ResourceUse, Step, Usefulness
from cop.queries import toolkit_use as queries
from cop.services import toolkit as editing
from cop.services import toolkit_use
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.toolkit import Toolkit

PAGE = "/toolkit/panel"
USE = "/evaluation/toolkit"


@pytest.fixture
def toolkit(make: Make, work: Working) -> Toolkit:
    return Toolkit(make, work)


@pytest.fixture
def resource(toolkit: Toolkit) -> Resource:
    return toolkit.resource(slug="panel")


def tell(make: Make, work: Working, person: Person, *steps: Step, slug: str = "panel", words: str = "Well.") -> None:
    for step in steps:
        with work(make.actor(person)) as unit:
            toolkit_use.tell_use(unit, slug=slug, step=step, words=words)


def table_rows(browse: Browse) -> dict[str, list[str]]:
    """The cells of each row on the page, by what stands at its head."""
    rows = browse.soup.select("tbody tr")
    return {
        " ".join(head.text.split()): [cell.text.strip() for cell in row("td")]
        for row in rows
        for head in row.select("th")
    }


@pytest.mark.usefixtures("resource")
class TestWasThisUseful:
    def test_is_answered_from_the_page_without_signing_in(self, browse: Browse, reading: Reads) -> None:
        link = browse.get(PAGE).soup.find("a", string="No, it was not")
        assert link is not None
        browse.get(str(link["href"]))
        assert browse.soup.select_one("input[name=useful][value=no][checked]") is not None
        browse.submit("Send", words="Too long.")
        assert browse.path == PAGE
        assert "Thank you." in browse.text
        with reading() as read:
            answer = read.session.scalars(select(Usefulness)).one()
        assert (answer.useful, answer.words, answer.person_id) == (False, "Too long.", None)

    def test_saves_nothing_by_being_looked_at(self, browse: Browse, reading: Reads) -> None:
        browse.get(f"{PAGE}/useful", answer="yes")
        browse.get(f"{PAGE}/useful", answer="nonsense")
        assert browse.status == 200
        with reading() as read:
            assert read.session.scalars(select(Usefulness)).all() == []

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "Choose yes or no"),
            ({"useful": "perhaps"}, "Choose yes or no"),
            ({"useful": "yes", "words": "x" * 2_001}, "Use 2000 characters or fewer"),
        ],
    )
    def test_needs_an_answer_and_a_few_words_at_most(self, browse: Browse, fields: dict[str, str], said: str) -> None:
        browse.get(f"{PAGE}/useful")
        browse.post(f"{PAGE}/useful", fields)
        assert browse.status == 422
        assert said in browse.text

    def test_keeps_what_was_typed_where_it_is_refused(self, browse: Browse) -> None:
        browse.get(f"{PAGE}/useful").submit("Send", useful="yes")
        browse.get(f"{PAGE}/useful").submit("Send", useful="no", words="Once more.")
        assert browse.status == 422
        assert "An answer came from your network a moment ago" in browse.text
        assert "Once more." in browse.text

    def test_shows_what_somebody_answered_before(self, browse: Browse, make: Make) -> None:
        browse.sign_in(make.account()).get(f"{PAGE}/useful").submit("Send", useful="no", words="Too long.")
        browse.get(f"{PAGE}/useful")
        assert browse.soup.select_one("input[name=useful][value=no][checked]") is not None
        assert "Too long." in browse.text

    def test_is_not_asked_of_what_is_hidden(self, browse: Browse, toolkit: Toolkit) -> None:
        hidden = toolkit.members_only()
        for path in (f"/toolkit/{hidden.slug}/useful", "/toolkit/never-was/useful"):
            assert browse.get(path).status == 404
            assert browse.post(path, {"useful": "yes"}).status == 404


@pytest.mark.usefixtures("resource")
class TestTellingOfUse:
    def test_is_for_people_who_are_signed_in(self, browse: Browse) -> None:
        for page in ("used", "wishes"):
            assert "/sign-in" in browse.get(f"{PAGE}/{page}", follow=False).response.headers["Location"]

    def test_shows_what_was_told_so_far(self, browse: Browse, make: Make, reading: Reads) -> None:
        browse.sign_in(make.account()).get(f"{PAGE}/used").submit("Write it down", step="used", words="In Harlesden.")
        assert browse.path == PAGE
        assert "It is written down" in browse.text
        browse.get(f"{PAGE}/used").submit("Write it down", step="result", words="A panel that meets.")
        browse.get(f"{PAGE}/used")
        assert "You used it: In Harlesden." in browse.text
        assert "Something came of it: A panel that meets." in browse.text
        with reading() as read:
            assert {told.step for told in read.session.scalars(select(ResourceUse))} == {Step.USED, Step.RESULT}

    def test_of_a_result_asks_for_words(self, browse: Browse, make: Make) -> None:
        browse.sign_in(make.account()).get(f"{PAGE}/used").submit("Write it down", step="result")
        assert browse.status == 422
        error = browse.soup.select_one(".govuk-error-summary a")
        assert error is not None
        assert (error["href"], error.text) == ("#words", "Say what came of it, in a sentence or two")

    def test_is_refused_to_staff_in_words(self, browse: Browse, make: Make) -> None:
        browse.sign_in(make.admin()).get(f"{PAGE}/used").submit("Write it down", step="used")
        assert browse.status == 422
        assert "would not count as use" in browse.text

    def test_is_not_for_who_does_not_see_it(self, browse: Browse, make: Make, toolkit: Toolkit) -> None:
        hidden = toolkit.members_only()
        browse.sign_in(make.account())
        for page in ("used", "wishes"):
            assert browse.get(f"/toolkit/{hidden.slug}/{page}").status == 404
            assert browse.post(f"/toolkit/{hidden.slug}/{page}", {"step": "used", "news": "y"}).status == 404


@pytest.mark.usefixtures("resource")
class TestWishes:
    def test_are_off_until_they_are_ticked_and_can_be_taken_back(
        self, browse: Browse, make: Make, reading: Reads
    ) -> None:
        browse.sign_in(make.account()).get(f"{PAGE}/wishes")
        assert browse.soup.select("input[type=checkbox][checked]") == []
        browse.submit("Save", news=True, ask=True)
        assert "Your choice is saved." in browse.text
        browse.get(f"{PAGE}/wishes")
        assert len(browse.soup.select("input[type=checkbox][checked]")) == 2
        browse.submit("Save", news=False, ask=False)
        with reading() as read:
            assert read.session.scalars(select(ResourceTaken)).all() == []


class TestTheMailedLink:
    @pytest.fixture
    def token(self, make: Make, work: Working, reading: Reads, resource: Resource) -> str:
        with work(make.actor(make.account("Amina"))) as unit:
            toolkit_use.wish(unit, slug=resource.slug, news=False, ask=True)
        with reading() as read:
            return queries.link_token(read.session.scalars(select(ResourceTaken)).one())

    def test_shows_and_acts_when_it_is_pressed(self, browse: Browse, reading: Reads, token: str) -> None:
        browse.get(f"/toolkit/t/{token}")
        assert browse.soup.select_one("meta[name=robots][content=noindex]") is not None
        with reading() as read:
            assert read.session.scalars(select(ResourceUse)).all() == []
        browse.submit("Write it down", step="adapted", words="For Willesden.")
        assert "Thank you" in browse.text
        assert "You changed it for your place: For Willesden." in browse.text
        with reading() as read:
            assert read.session.scalars(select(ResourceUse.step)).all() == [Step.ADAPTED]

    def test_does_not_sign_anybody_in(self, browse: Browse, token: str) -> None:
        browse.get(f"/toolkit/t/{token}")
        assert browse.get("/account", follow=False).status == 302

    def test_is_not_found_where_it_is_forged(self, browse: Browse, token: str) -> None:
        middle = len(token) // 2
        forged = token[:middle] + ("a" if token[middle] != "a" else "b") + token[middle + 1 :]
        assert browse.get(f"/toolkit/t/{forged}").status == 404


class TestTheFigures:
    @pytest.fixture
    def evaluator(self, make: Make) -> Person:
        person = make.account("Eva")
        make.grant(person, Role.EVALUATOR, programme=make.programme())
        return person

    def test_of_nothing_say_so(self, browse: Browse, make: Make) -> None:
        make.programme()
        browse.sign_in(make.admin()).get(USE)
        assert "Nobody has looked at the toolkit within a year" in browse.text
        assert "The toolkit has no resource yet" in browse.text
        assert "Nobody who was signed in" in browse.get(f"{USE}/organisations").text

    @pytest.mark.usefixtures("resource")
    def test_tell_staff_everything(self, browse: Browse, make: Make, work: Working) -> None:
        amina = make.account("Amina", organisation=make.organisation("Brent"), sector=Sector.COUNCILLOR)
        browse.another().get(PAGE)
        browse.another().sign_in(amina).get(PAGE)
        tell(make, work, amina, Step.USED, words="In Harlesden.")
        browse.sign_in(make.admin()).get(USE)
        rows = table_rows(browse)
        assert rows["March 2026"] == ["2", "0"]
        assert [rows[name] for name in ("Seen", "Downloaded", "Used", "Adapted")] == [
            ["1", "1"],
            ["1", "1"],
            ["1", "1"],
            ["0", "0"],
        ]
        assert rows["Councillor"] == ["1", "1", "1", "0", "0"]
        assert rows["Starting a residents’ panel"] == ["2", "0", "1", "1", "0", "0"]
        assert "Brent" in browse.get(f"{USE}/organisations").text
        browse.get(f"{USE}/resources/panel")
        assert "In Harlesden." in browse.text
        assert "Used: Amina, Brent" in browse.text

    @pytest.mark.usefixtures("resource")
    def test_tell_evaluators_no_names_no_words_and_nothing_of_few(
        self, browse: Browse, make: Make, work: Working, evaluator: Person
    ) -> None:
        brent = make.organisation("Brent")
        for number in range(7):
            person = make.account(f"Person {number}", organisation=brent, sector=Sector.COUNCILLOR)
            tell(make, work, person, Step.USED, words="In Harlesden.")
            with work(make.actor(person)) as unit:
                toolkit_use.say_useful(unit, slug="panel", useful=number > 0, words="Clear.", visitor=b"")
        tell(make, work, make.account("Rosa", organisation=brent, sector=Sector.RESIDENT), Step.RESULT)
        browse.sign_in(evaluator)
        for page in (USE, f"{USE}/resources/panel"):
            text = browse.get(page).text
            assert [name for name in ("Person", "Rosa", "Brent", "Harlesden", "Clear.") if name in text] == []
            rows = table_rows(browse)
            assert [rows[name][0] for name in ("Seen", "Downloaded", "Used", "Adapted", "Something came of it")] == [
                "8",
                "8",
                "8",
                "not shown",
                "not shown",
            ]
            assert [rows[name][2] for name in ("Councillor", "Resident")] == ["not shown", "not shown"]
        assert "Yes: not shown. Answers in all: 7." in browse.text
        assert browse.get(f"{USE}/organisations").status == 404

    def test_of_a_rung_that_a_few_fewer_reached_are_hidden(
        self, make: Make, work: Working, reading: Reads, resource: Resource, evaluator: Person
    ) -> None:
        """Eight adapted it and six of them got farther: beside the eight, six would tell of two."""
        people = [make.account(f"Person {number}") for number in range(8)]
        for number, person in enumerate(people):
            tell(make, work, person, *([Step.ADAPTED, Step.RESULT] if number < 6 else [Step.ADAPTED]))
        with reading(make.actor(evaluator)) as read:
            found = queries.use_of_resource(read, slug=resource.slug)
        assert [figure.value for figure in found.ladder.people] == [8, 8, 8, 8, None]

    @pytest.mark.usefixtures("resource")
    def test_are_for_those_who_read_surveys(self, browse: Browse, make: Make) -> None:
        host, elsewhere = make.account("Hal"), make.account("Eve")
        make.grant(host, Role.HOST, programme=make.programme())
        make.grant(elsewhere, Role.EVALUATOR, programme=make.programme("another"))
        for person, statuses in ((make.account(), [404] * 3), (host, [404] * 3), (elsewhere, [200, 404, 404])):
            browse.sign_in(person)
            paths = (USE, f"{USE}/resources/panel", f"{USE}?programme={make.programme().slug}")
            assert [browse.get(path).status for path in paths] == statuses

    def test_of_a_draft_are_not_there_and_of_a_withdrawn_resource_stay(
        self, browse: Browse, make: Make, work: Working, toolkit: Toolkit, resource: Resource
    ) -> None:
        draft = toolkit.draft("Draft")
        tell(make, work, make.account(), Step.USED)
        with work(SYSTEM) as unit:
            editing.withdraw(unit, resource_id=resource.id, reason="Out of date")
        browse.sign_in(make.admin())
        assert browse.get(f"{USE}/resources/{draft.slug}").status == 404
        assert "It was withdrawn" in browse.get(f"{USE}/resources/panel").text
        assert "(withdrawn)" in browse.get(USE).text
        assert "Draft" not in browse.text

    def test_leave_out_other_programmes_and_what_is_older_than_a_year(
        self, browse: Browse, make: Make, work: Working, reading: Reads, clock: FixedClock, resource: Resource
    ) -> None:
        browse.get(f"/toolkit/{resource.slug}")
        clock.move(timedelta(days=365))
        with reading(make.actor(make.admin())) as read:
            found = queries.use(read)
            assert [month.viewed for month in found.months] == [0] * 12
            assert queries.lines(read, found)[0].viewed == 1
        make.programme("another")
        with reading(make.actor(make.admin())) as read:
            assert queries.lines(read, queries.use(read, programme="another")) == []

    def test_take_the_same_statements_for_one_resource_and_for_many(
        self, browse: Browse, make: Make, work: Working, toolkit: Toolkit
    ) -> None:
        browse.sign_in(make.admin())
        counted = []
        for number in (1, 4):
            for each in range(number):
                made = toolkit.resource(f"Resource {number} {each}", slug=f"resource-{number}-{each}")
                person = make.account(f"Person {number} {each}", organisation=make.organisation())
                tell(make, work, person, Step.USED, slug=made.slug)
            with count_queries() as sent:
                for page in (USE, f"{USE}/organisations", f"{USE}/resources/resource-{number}-0"):
                    assert browse.get(page).status == 200
            counted.append(len(sent))
        assert counted[0] == counted[1]


def test_what_a_link_holder_may_not_do(make: Make, work: Working, reading: Reads, toolkit: Toolkit) -> None:
    """Whoever came by a link sees no more of the toolkit than everybody does."""
    hidden = toolkit.members_only()
    member = make.account(organisation=make.organisation())
    with reading(Actor(member.id, via="link")) as read, pytest.raises(NotFound):
        queries.own(read, slug=hidden.slug)
