"""The board of offers and asks as members use it."""

from collections.abc import Callable

import pytest
from flask import Flask

from cop.models.accounts import Person
from cop.models.forum import Space, Topic, TopicKind
from cop.services import forum as services
from cop.services.forum.sorting import About
from tests.support.browse import Browse
from tests.support.forum import MakeForum, address_of
from tests.support.make import Make, Working
from tests.support.members import Directory

Offer = Callable[..., Topic]


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def directory(app: Flask, make: Make) -> Directory:
    return Directory(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()


@pytest.fixture
def write(make: Make, work: Working, directory: Directory, space: Space) -> Offer:
    def written(author: Person, kind: TopicKind, title: str, *words: str) -> Topic:
        about = About(kind=kind, tag_ids=directory.words(*words))
        with work(make.actor(author)) as unit:
            return services.open_topic(unit, space_id=space.id, title=title, body="In words.", about=about)

    return written


def test_is_for_those_who_are_in_the_forum(browse: Browse, make: Make, write: Offer, alma: Person) -> None:
    ask = write(alma, TopicKind.ASK, "Kestrel", "Housing")
    browse.sign_in(make.account("Stan Stranger"))
    for path in ("/forum/offers", f"/forum/offers/{ask.id}"):
        assert browse.get(path).status == 404
    for act in ("settle", "put-back"):
        assert browse.post(f"/forum/offers/{ask.id}/{act}").status == 404


def test_leads_from_what_somebody_asks_for_to_who_could_help(
    browse: Browse, directory: Directory, write: Offer, space: Space, alma: Person, ben: Person, forum: MakeForum
) -> None:
    cara = forum.alumna("Cara Cole")
    directory.join(cara, offers=["Peer research"])
    ask = write(alma, TopicKind.ASK, "Who has a lease?", "Housing", "Peer research")
    write(ben, TopicKind.OFFER, "A lease to copy", "Housing")
    browse.sign_in(alma).get("/forum/").click("Offers and asks: what members have for one another")
    assert "Both name: Housing" in browse.text
    browse.get(address_of(space, ask)).click("What and who fits this")
    assert "A lease to copy" in browse.text
    assert "Named: Peer research" in browse.text
    assert browse.click("Write to Cara Cole").heading == "Write to Cara Cole"


def test_is_filtered_and_says_what_to_do_when_nothing_waits(
    browse: Browse, write: Offer, directory: Directory, alma: Person, ben: Person
) -> None:
    directory.words()
    browse.sign_in(alma)
    assert "Nothing waits at the moment" in browse.get("/forum/offers").text
    write(ben, TopicKind.OFFER, "A lease to copy", "Housing")
    assert "A lease to copy" in browse.get("/forum/offers", kind="offer", tag="housing").text
    assert "Nothing of this sort waits" in browse.get("/forum/offers", kind="ask").text
    assert "Nothing of this sort waits" in browse.get("/forum/offers", tag="learning", kind="ask").text
    for nonsense in ({"kind": "talk"}, {"kind": "'"}, {"tag": "no-such-word"}, {"page": "x"}):
        assert "A lease to copy" in browse.get("/forum/offers", **nonsense).text


def test_its_author_takes_it_off_and_puts_it_back(browse: Browse, write: Offer, alma: Person, ben: Person) -> None:
    ask = write(alma, TopicKind.ASK, "Who has a lease?", "Housing")
    other = browse.another().sign_in(ben)
    assert "Take it off the board" not in other.get(f"/forum/offers/{ask.id}").html
    browse.sign_in(alma).get(f"/forum/offers/{ask.id}").submit("Take it off the board")
    assert "Settled" in browse.text
    assert "Who has a lease?" not in other.get("/forum/offers").text
    browse.submit("Put it on the board again")
    assert "Who has a lease?" in other.get("/forum/offers").text


def test_an_address_of_something_else_is_nothing(browse: Browse, write: Offer, alma: Person) -> None:
    talk = write(alma, TopicKind.TALK, "Just talk")
    browse.sign_in(alma)
    for number in (talk.id, 0, 2**62, 2**63 - 1):
        assert browse.get(f"/forum/offers/{number}").status == 404
