"""Somebody else in the place of whoever is invited, on the pages of guests and of staff."""

import pytest

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.summits import Answer
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries
from tests.support.summits import answer, invitation_of, invite, link_to, make_summit, propose

STAFF = "/admin/summits/roundtable-summit"


@pytest.fixture
def summit(make: Make, work: Working) -> Event:
    return make_summit(make, work)


@pytest.fixture
def amina(make: Make, work: Working, reading: Reads, summit: Event) -> Person:
    person = make.account("Amina Yusuf", "amina@council.example")
    invite(work, summit, person)
    answer(work, invitation_of(reading, summit, person), Answer.YES)
    return person


@pytest.fixture
def editor(make: Make) -> Person:
    person = make.account("Femi Facilitator")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    return person


def test_somebody_is_proposed_by_the_link_and_takes_the_place(
    make: Make, browse: Browse, reading: Reads, summit: Event, amina: Person, editor: Person
) -> None:
    page = browse.get(link_to(invitation_of(reading, summit, amina))).click("Send somebody else in your place")
    assert "passes to the other person without being free for anybody else" in page.text
    page.submit("Propose this person", name="Ben Okri", email="ben")
    assert page.status == 422
    assert 'value="Ben Okri"' in page.html
    page.submit("Propose this person", email="ben@council.example", reason="I am on leave.")
    assert "Thank you. We look at it" in page.text
    assert "You would like to send Ben Okri in your place." in page.text
    page.submit("Send my answer", response="no")
    assert page.errors == [
        "You want to send Ben Okri in your place, so we keep it for now. If nobody is to come, take that back first."
    ]
    page = browse.sign_in(editor).get("/admin/")
    assert "person invited would like to send somebody else" in page.text
    page.get(f"{STAFF}/invitations").click("1 person would like to send somebody else: decide")
    assert "I am on leave." in page.text
    page.click("Agree (Ben Okri)").submit("Yes, let them come")
    assert "Ben Okri is invited. Both have a message." in page.text
    assert "Nobody waits for a decision." in page.text
    assert "Ben Okri for Amina Yusuf" in page.get(f"{STAFF}/invitations").text
    page = browse.another().get(link_to(invitation_of(reading, summit, amina)))
    assert "Ben Okri has this place now." in page.text
    assert page.soup.select_one("main form") is None
    assert "Yes, you come" in page.get(link_to(invitation_of(reading, summit, "Ben Okri"))).text


def test_is_taken_back_signed_in_and_declined_with_a_reason(
    make: Make, work: Working, browse: Browse, reading: Reads, summit: Event, amina: Person, editor: Person
) -> None:
    own = "/summits/roundtable-summit/rsvp"
    page = browse.sign_in(amina).get(own).click("Send somebody else in your place")
    page.submit("Propose this person", name="Ben Okri", email="ben@council.example")
    page.click("Take that back").submit("Yes, take it back")
    assert "It is taken back." in page.text
    assert browse.get(f"{own}/substitute/take-back").path == own
    proposal = propose(work, invitation_of(reading, summit, amina))
    page = browse.sign_in(editor).get(f"{STAFF}/substitutes").click("Decline (Ben Okri)")
    assert page.submit("Decline").errors == ["Enter the reason"]
    page.submit("Decline", reason="One place a council.")
    assert "Amina Yusuf is told, and keeps the invitation." in page.text
    for word in ("approve", "decline"):
        assert "decided, or taken back" in browse.get(f"{STAFF}/substitutes/{proposal.id}/{word}").text
        assert browse.get(f"{STAFF}/substitutes/{proposal.id + 1}/{word}").status == 404
    assert "We could not take Ben Okri in your place." in browse.sign_in(amina).get(own).text


def test_hosts_propose_for_whoever_telephones_and_decide_nothing(
    make: Make, work: Working, browse: Browse, reading: Reads, summit: Event, amina: Person
) -> None:
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=summit)
    page = browse.sign_in(host).get(f"{STAFF}/invitations").click("Send somebody else (Amina Yusuf)")
    page.submit("Propose this person", name="Ben Okri", email="ben@council.example")
    assert page.path == f"{STAFF}/invitations"
    page.get(f"{STAFF}/substitutes")
    assert "A facilitator or an admin of the programme decides." in page.text
    assert "Agree" not in page.text
    page.get(f"{STAFF}/invitations").click("Send somebody else (Amina Yusuf)").click("Take that back")
    page.submit("Yes, take it back")
    assert "Nobody waits" in page.get(f"{STAFF}/substitutes").text


def test_is_for_nobody_without_an_invitation(
    make: Make, work: Working, browse: Browse, reading: Reads, summit: Event, amina: Person, editor: Person
) -> None:
    other = make_summit(make, work, title="Another summit")
    proposal = propose(work, invitation_of(reading, summit, amina))
    assert browse.get("/invitations/forged/substitute").status == 404
    browse.sign_in(make.account())
    assert browse.get("/summits/roundtable-summit/rsvp/substitute").status == 404
    browse.sign_in(editor)
    assert browse.get(f"/admin/summits/{other.slug}/substitutes/{proposal.id}/approve").status == 404


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    make: Make, work: Working, browse: Browse, reading: Reads, summit: Event, amina: Person, editor: Person
) -> None:
    browse.sign_in(editor)
    propose(work, invitation_of(reading, summit, amina))
    with count_queries() as one:
        browse.get(f"{STAFF}/substitutes")
    for name in ("Cara", "Dan"):
        person = make.person(name, f"{name.lower()}@council.example")
        invite(work, summit, person)
        propose(work, invitation_of(reading, summit, person), email=f"for-{name.lower()}@x.example")
    with count_queries() as three:
        browse.get(f"{STAFF}/substitutes")
    assert len(three) == len(one)
