"""The pages of the draw: the steps of the chair, the report for everybody, and what nobody is told too early."""

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from cop.algorithms.lottery.reports import fault_of
from cop.core.chain import link
from cop.models.accounts import Person
from cop.models.cohorts import SelectionPolicy
from cop.models.events import Event
from cop.queries.cohorts.drawing import Fixed, Reach
from scheduled import run_tasks
from tests.support import drawing as draws
from tests.support import panel, pdf
from tests.support.browse import Browse
from tests.support.make import Make, reading
from tests.support.queries import count_queries

Ready = tuple[Event, Person]

DRAW = "/cohorts/change-makers/selection/draw"
REPORT = "/cohorts/change-makers/selection/report"
SELECTION = "/cohorts/change-makers/selection"


@pytest.fixture
def ready(make: Make) -> Ready:
    return draws.course(make)


@pytest.fixture
def tasks(app: Flask) -> Callable[[], str]:
    def carry_out() -> str:
        with app.app_context():
            return run_tasks.run()

    return carry_out


def numbers_of_chosen(make: Make, event: Event) -> list[int]:
    drawn = draws.chain(make, event).drawn
    assert drawn is not None
    return list(drawn.body["panel"])


def on_paper(browse: Browse) -> str:
    words = pdf.words(browse.get(f"{REPORT}.pdf").response.get_data())
    return re.sub(r" \d+ / \d+\b", "", words)


def unsaid_on_paper(browse: Browse) -> list[str]:
    """What the page of the report says and the paper does not: how many were good enough, for the panel alone, and
    what leads to the files.
    """
    paper, page = "".join(on_paper(browse).split()), browse.get(REPORT)
    panels = [cell for row in page.soup.select(".cop-mix tr") for cell in row.select(":nth-child(4)")]
    files = page.soup.select("main .cop-timeline ~ *")
    for left_out in (*panels, *files):
        left_out.decompose()
    texts = [each.text for each in page.soup.select("main :is(h2, p, li, th, td, dt, dd)")]
    return [text for text in texts if "".join(text.split()) not in paper]


def test_the_chair_goes_from_the_pool_to_the_report(
    browse: Browse, make: Make, ready: Ready, tasks: Callable[[], str]
) -> None:
    event, chair = ready
    browse.sign_in(chair)
    page = browse.get(SELECTION).click("Draw the places fairly, or see how far the draw is")
    assert "8 people" in page.text
    page = page.click("Freeze the pool").submit(fixed="2 in Promised a place")
    assert "The pool is frozen and on record." in page.text
    page = page.click("Compute and seal the chances").submit(source="Dice")
    tasks()
    page = browse.get(page.path).click("Go on to the draw")
    assert "The smallest chance of anybody" in page.text
    page = page.click("Draw")
    assert "comes from: Dice" in page.text
    page = page.submit(words="4 4 2")
    assert "3 people are drawn." in page.text
    assert draws.chain(make, event).reach is Reach.DRAWN
    report = page.click("Read the report")
    assert "3 places were drawn among 8 people" in report.text
    assert "Promised a place" in report.text


def test_rules_are_saved_and_what_was_typed_stays(browse: Browse, ready: Ready) -> None:
    _event, chair = ready
    browse.sign_in(chair)
    page = browse.get("/cohorts/change-makers/selection/rules")
    wrong = page.submit(policy="highest-scores", threshold="seven")
    assert wrong.status == 422
    assert "Enter a score from 1 to 5" in wrong.text
    saved = wrong.submit(policy="highest-scores", threshold="3.5", per_organisation="2")
    assert "How places are given is saved." in saved.text
    assert "To the highest scores" in saved.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("twelve in Promised", "Write a number"),
        ("2 in", "Say why application 2 is fixed"),
        ("2 in a\n2 out b", "Application 2 stands there twice"),
        ("99 in a", "There is no application 99 that you could fix"),
    ],
)
def test_lines_that_cannot_be_read_are_refused_and_stay(
    browse: Browse, make: Make, ready: Ready, typed: str, sentence: str
) -> None:
    event, chair = ready
    browse.sign_in(chair)
    page = browse.get(f"{DRAW}/freeze").submit(fixed=typed)
    assert page.status == 422
    assert sentence in page.text
    assert typed.splitlines()[0] in page.text
    assert not draws.chain(make, event).steps


def test_a_page_that_is_older_than_the_record_is_refused(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    draws.freeze(make, chair, event)
    draws.seal(make, chair, event)
    browse.sign_in(chair)
    page = browse.get(f"{DRAW}/panel")
    draws.set_aside(make, chair, event)
    refused = page.submit(words="1 2 3")
    assert (refused.status, "a step further" in refused.text) == (422, True)
    draws.freeze(make, chair, event)
    draws.seal(make, chair, event)
    refused = page.get(f"{DRAW}/panel")
    draws.set_aside(make, chair, event)
    draws.freeze(make, chair, event)
    draws.seal(make, chair, event)
    refused = refused.submit(words="1 2 3")
    assert refused.status == 422
    assert "a step further" in refused.text
    assert "1 2 3" in refused.html


def test_steps_that_are_not_next_lead_to_where_the_draw_is(browse: Browse, ready: Ready) -> None:
    _event, chair = ready
    browse.sign_in(chair)
    for step in ("seal", "panel", "set-aside"):
        assert browse.get(f"{DRAW}/{step}").path == DRAW


def test_targets_that_contradict_one_another_are_named_with_links_to_change_them(browse: Browse, make: Make) -> None:
    targets = [
        {"attribute": "sector", "value": "resident", "minimum": 2, "maximum": None},
        {"attribute": "sector", "value": "VCSE", "minimum": 2, "maximum": None},
    ]
    _event, chair = draws.course(make, targets=targets)
    browse.sign_in(chair)
    page = browse.get(DRAW)
    assert "No choice of people keeps all targets." in page.text
    assert "Freeze the pool" not in page.text
    target = page.click("Resident: 1 or more, in place of 2")
    assert target.path.endswith("/lists/targets/0")


class TestTheReport:
    def test_is_for_everybody_once_the_decisions_are_out(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        assert browse.get(REPORT).status == 404
        draws.drawn(make, chair, event)
        for ending in ("", ".json", ".pdf"):
            assert browse.get(f"{REPORT}{ending}").status == 404
        panel.release(make, chair, event)
        page = browse.get(REPORT)
        assert "How the places were given" in page.text
        assert "How likely a place was" in page.text
        told = json.loads(browse.get(f"{REPORT}.json").html)
        assert fault_of(told) is None
        words = pdf.words(browse.get(f"{REPORT}.pdf").response.get_data())
        assert "3 places were drawn among 8 people" in words
        assert told["digest"] in words
        assert "How the places were given" in browse.get("/cohorts/change-makers").text

    @pytest.mark.parametrize("policy", list(SelectionPolicy))
    def test_says_on_paper_whatever_it_says_on_the_page(
        self, browse: Browse, make: Make, policy: SelectionPolicy
    ) -> None:
        nobody = {"attribute": "sector", "value": "VCSE", "minimum": None, "maximum": 0}
        event, chair = draws.course(make, people=21, targets=[*draws.TARGETS, nobody])
        draws.rules(make, chair, event, policy=policy, per_organisation=2)
        draws.freeze(make, chair, event)
        draws.set_aside(make, chair, event, "A score was <wrong>")
        draws.freeze(make, chair, event, Fixed({2: "Promised & due"}, {3: "Moved away"}))
        draws.seal(make, chair, event, source="Dice")
        draws.draw(make, chair, event, "4 4 2")
        assert not unsaid_on_paper(browse.sign_in(panel.reviewer(make, "Rae")))
        assert "Promised" not in on_paper(browse)
        first, *_others = set(numbers_of_chosen(make, event)) - {2}
        browse.sign_in(chair).get(SELECTION).submit(**{f"outcome_{first}": "decline", "reason": "Cannot come at all"})
        panel.release(make, chair, event)
        panel.decline(make, panel.offers_of(make, event)[0])
        draws.replaced(make, event, make.actor(chair))
        assert not unsaid_on_paper(browse.sign_in(make.account("Anybody")))
        for words in ("Promised & due", "A score was <wrong>", "an offer, now declined", "among", "Dice", "4 4 2"):
            assert words in on_paper(browse)

    def test_has_a_chart_on_paper_with_words_in_its_place(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        panel.release(make, chair, event)
        body = browse.get(f"{REPORT}.pdf").response.get_data()
        assert b"/Alt(Chart: the chances of all people, the largest first. The table has the numbers.)" in body

    def test_names_nobody(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        panel.release(make, chair, event)
        for address in (REPORT, f"{REPORT}.json"):
            body = browse.get(address).html
            assert "Applicant" not in body
            assert chair.name not in body
            assert "score" not in body.replace("scored the applications without names", "").replace(
                "highest-scores", ""
            )

    def test_tells_the_panel_no_numbers_before_the_release(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.freeze(make, chair, event, Fixed({2: "Promised a place"}, {}))
        draws.seal(make, chair, event)
        draws.draw(make, chair, event)
        browse.sign_in(panel.reviewer(make, "Rae"))
        page = browse.get(REPORT)
        assert "Promised a place" not in page.text
        assert "Good enough" in page.text
        assert browse.get(f"{REPORT}.json").status == 404
        assert browse.get(f"{DRAW}/record.json").status in {403, 404}
        cora = panel.reviewer(make, "Cora in conflict")
        panel.declare(make, cora, event, 5)
        browse.sign_in(cora)
        assert browse.get(REPORT).status == browse.get(f"{REPORT}.pdf").status == 404
        browse.sign_in(chair)
        assert browse.get(f"{REPORT}.json").status == 200

    def test_applicants_read_their_own_chance(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        applicant = panel.application_of(make, event, 1)
        with reading(make._app) as read:
            person = read.session.get_one(Person, applicant.person_id)
        browse.sign_in(person)
        assert "Your chance" not in browse.get("/cohorts/change-makers/application").text
        panel.release(make, chair, event)
        page = browse.get("/cohorts/change-makers/application")
        assert "Your chance in the draw was" in page.text
        assert "How the places were given" in page.click("How the places were given").text


class TestConflicts:
    def test_a_chair_learns_nothing_of_whom_they_may_not_see(self, browse: Browse, make: Make, ready: Ready) -> None:
        event, chair = ready
        draws.drawn(make, chair, event)
        (hidden, *_others) = numbers_of_chosen(make, event)
        other = panel.chair(make, "Other Chair")
        panel.declare(make, other, event, hidden)
        browse.sign_in(chair)
        page = browse.get(SELECTION)
        page.submit(**{f"outcome_{hidden}": "decline", "reason": "Cannot come at all"})
        browse.sign_in(other)
        page = browse.get(DRAW)
        assert "application that you may not see" in page.text
        assert f"Application {hidden}" not in page.text
        assert "Cannot come at all" not in page.text
        assert "Download the whole record" not in page.text
        for address in (f"{REPORT}.json", f"{DRAW}/record.json"):
            assert browse.get(address).status == 404
        assert "Cannot come at all" not in browse.get(REPORT).text


def test_changing_a_drawn_decision_asks_for_a_reason_and_keeps_what_was_chosen(
    browse: Browse, make: Make, ready: Ready
) -> None:
    event, chair = ready
    draws.drawn(make, chair, event)
    (first, *_others) = numbers_of_chosen(make, event)
    browse.sign_in(chair)
    refused = browse.get(SELECTION).submit(**{f"outcome_{first}": "decline"})
    assert refused.status == 422
    assert "These places were drawn" in refused.text
    saved = refused.submit(reason="Moved away")
    assert "1 choice is saved." in saved.text
    assert "Moved away" in browse.get(DRAW).text


def test_so_does_changing_a_reserve_and_everybody_reads_of_it(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    drawn = draws.drawn(make, chair, event).drawn
    assert drawn is not None
    first = drawn.body["reserves"][0]
    browse.sign_in(chair)
    page = browse.get(SELECTION)
    assert "Why do you change who has an offer or is a reserve?" in page.text
    refused = page.submit(**{f"outcome_{first}": "decline"})
    assert refused.status == 422
    assert "Say why you change who has an offer or is a reserve" in refused.text
    assert "1 choice is saved." in refused.submit(reason="Moved away").text
    panel.release(make, chair, event)
    assert f"Moved away Application {first}: a reserve, now declined." in browse.get(REPORT).text


def test_so_does_changing_a_rank_where_the_highest_scores_decide(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    draws.rules(make, chair, event, policy=SelectionPolicy.HIGHEST_SCORES)
    drawn = draws.drawn(make, chair, event).drawn
    assert drawn is not None
    first = drawn.body["reserves"][0]
    browse.sign_in(chair)
    assert "So does another rank of a reserve" in browse.get(DRAW).text
    refused = browse.get(SELECTION).submit(**{f"rank_{first}": "40"})
    (rank,) = refused.soup.select(f"#rank_{first}")
    assert (refused.status, rank["value"]) == (422, "40")
    assert "1 choice is saved." in refused.submit(reason="Asked to come last").text
    told = f"Application {first}: reserve 1, now reserve 40."
    assert told in browse.get(DRAW).text
    panel.release(make, chair, event)
    assert told in browse.get(REPORT).text
    assert told in on_paper(browse)


def test_an_offer_that_is_taken_back_stands_in_the_report_without_the_reason(
    browse: Browse, make: Make, ready: Ready
) -> None:
    event, chair = ready
    (first, *_others) = numbers_of_chosen(make, event) if draws.drawn(make, chair, event) else []
    panel.release(make, chair, event)
    browse.sign_in(chair)
    page = browse.get(f"{SELECTION}/{first}").click("Take the offer back")
    assert "the report says that an offer was taken back, but not why" in page.text
    page.submit(reason="You told us of your illness")
    report = browse.get(REPORT)
    told = f"The offer was taken back Application {first}: an offer, now an offer that was taken back."
    assert told in report.text
    for body in (report.html, browse.get(f"{REPORT}.json").html, browse.get(DRAW).html):
        assert "illness" not in body


def test_nobody_is_moved_up_by_hand(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    drawn = draws.drawn(make, chair, event).drawn
    assert drawn is not None
    panel.release(make, chair, event)
    panel.decline(make, panel.offers_of(make, event)[0])
    browse.sign_in(chair)
    assert "Move up" not in browse.get(f"{SELECTION}/{drawn.body['reserves'][0]}").text


def test_a_panel_that_is_set_aside_is_followed_by_another(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    draws.freeze(make, chair, event)
    browse.sign_in(chair)
    assert "nothing can be released" not in browse.get(f"{DRAW}/set-aside").text
    draws.seal(make, chair, event)
    draws.draw(make, chair, event)
    page = browse.get(f"{DRAW}/set-aside")
    assert "nothing can be released before you have drawn again" in page.text
    page = page.submit(reason="A score was wrong")
    assert "Nothing can be released before you have drawn again" in page.text
    draws.rules(make, chair, event, threshold=5.0)
    assert "Give fewer places, or ask for a lower score." in browse.get(DRAW).text
    refused = browse.get(f"{SELECTION}/release").submit("Release and tell everybody")
    assert (refused.status, refused.errors) == (422, ["A panel was drawn and set aside. Draw again first."])


def test_pages_read_the_record_and_the_applications_once(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready

    def read_by(address: str) -> list[int]:
        with count_queries() as statements:
            assert browse.get(address).path == address
        return [sum(words in each for each in statements) for words in ("selection.body", "is_talked_over")]

    browse.sign_in(chair)
    assert read_by(f"{DRAW}/freeze") == [1, 1]
    draws.drawn(make, chair, event)
    assert read_by(DRAW) == read_by(SELECTION) == read_by(REPORT) == read_by(f"{DRAW}/record.json") == [1, 1]
    assert read_by(f"{DRAW}/set-aside") == [1, 1]
    panel.release(make, chair, event)
    applicant = panel.application_of(make, event, 1)
    with reading(make._app) as read:
        browse.sign_in(read.session.get_one(Person, applicant.person_id))
    assert read_by("/cohorts/change-makers/application") == [1, 0]


def test_a_place_that_became_free_is_drawn_by_a_button(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    draws.drawn(make, chair, event)
    panel.release(make, chair, event)
    browse.sign_in(chair)
    assert "Move up" not in browse.get(SELECTION).text
    assert "No place is free." in browse.get(DRAW).text
    panel.decline(make, panel.offers_of(make, event)[0])
    page = browse.get(DRAW)
    done = page.submit("Draw a replacement now")
    assert "1 reserve is offered a place." in done.text
    assert "No place is free." in done.text


def test_the_whole_record_can_be_computed_again(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    draws.drawn(make, chair, event)
    browse.sign_in(chair)
    told = json.loads(browse.get(f"{DRAW}/record.json").html)
    assert [step["step"] for step in told] == ["frozen", "sealed", "drawn"]
    for step in told:
        wanted = {name: step[name] for name in ("of", "number", "step", "body")}
        assert link(step["previous"], **wanted, at=datetime.fromisoformat(step["at"])) == step["hash"]


def test_only_the_chair_comes_to_the_pages_of_the_draw(browse: Browse, make: Make, ready: Ready) -> None:
    event, chair = ready
    addresses = [DRAW, f"{DRAW}/freeze", f"{SELECTION}/rules", f"{DRAW}/record.json"]
    stranger = panel.chair(make, "Of another course", event=make.visit("Elsewhere"))
    for address in addresses:
        browse.sign_in(stranger)
        assert browse.get(address).status == 404
    assert event.id
    assert chair.id
