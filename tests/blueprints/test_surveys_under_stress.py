"""What people, browsers and strangers do to a survey: far too much text, two clicks, old links, invented links."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.models.surveys import Ask, Response, ResponseState
from tests.support.browse import Browse
from tests.support.clock import FixedClock
from tests.support.make import Make, Reads, Working
from tests.support.surveys import Surveys, needed_in_words

MEGABYTE = 1024 * 1024


@pytest.fixture
def surveys(app: Flask, make: Make, clock: FixedClock) -> Surveys:
    return Surveys(app, make, clock)


@pytest.fixture
def pulse(surveys: Surveys, make: Make) -> Ask:
    amina = make.person("Amina", "amina@council.example")
    surveys.pulse([amina])
    return surveys.ask_of(amina)


def responses(reading: Reads) -> list[Response]:
    with reading() as read:
        return list(read.session.scalars(select(Response)).all())


class TestFarTooMuch:
    @pytest.mark.parametrize("size", [10_020, 100_000, 450_000])
    def test_comes_back_with_every_word(
        self, size: int, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads
    ) -> None:
        words = ("Many words. " * (size // 12 + 1))[:size]
        browse.get(surveys.address(pulse)).submit(**needed_in_words(pulse), e1_6=words)
        assert (browse.status, browse.errors) == (422, ["Use 10000 characters or fewer"])
        assert browse.soup.select_one("#e1_6").get_text().strip() == words.strip()  # type: ignore[union-attr]
        assert len(browse.soup.select("input[checked]")) == len(needed_in_words(pulse))
        assert responses(reading) == []

    def test_a_megabyte_is_refused_and_what_was_saved_stays(
        self, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads
    ) -> None:
        browse.get(surveys.address(pulse)).submit(**needed_in_words(pulse), e1_6="x" * MEGABYTE)
        assert browse.status in {413, 422}
        assert responses(reading) == []
        browse.get(surveys.address(pulse)).submit(**needed_in_words(pulse), e1_6="Fewer words")
        assert browse.heading == "Thank you"

    def test_ten_thousand_fields_are_refused(
        self, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads
    ) -> None:
        address = surveys.address(pulse)
        browse.get(address).post(address, {f"e1_{number}": "1" for number in range(10_000)})
        assert browse.status in {413, 422}
        assert responses(reading) == []


class TestAgainAndAgain:
    def test_two_clicks_are_one_response(self, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads) -> None:
        address = surveys.address(pulse)
        browse.get(address)
        given = {**needed_in_words(pulse), "revision": "0"}
        for _ in range(2):
            browse.post(address, given, follow=False)
            assert browse.status == 302
        (sent,) = responses(reading)
        assert (sent.state, sent.revision) == (ResponseState.SUBMITTED, 2)

    def test_an_old_revision_is_refused(self, pulse: Ask, browse: Browse, surveys: Surveys, reading: Reads) -> None:
        address = surveys.address(pulse)
        browse.get(address)
        for revision in ("7", "-1", "x", ""):
            browse.post(address, {**needed_in_words(pulse), "revision": revision, "e1_6": "Tea"})
            if revision:
                assert browse.status == 422
                assert "Tea" in browse.html
                assert responses(reading) == []
        assert len(responses(reading)) == 1


class TestLinks:
    def test_that_expired_say_so_and_take_nothing(
        self, pulse: Ask, browse: Browse, surveys: Surveys, clock: FixedClock, reading: Reads
    ) -> None:
        address = surveys.address(pulse)
        browse.get(address)
        clock.set(pulse.closes_at + timedelta(days=400))
        browse.submit(**needed_in_words(pulse), e1_6="Too late, but typed")
        assert browse.status == 422
        assert "Too late, but typed" in browse.html
        assert browse.get(address).status == 410
        assert responses(reading) == []

    def test_that_were_called_back_are_nothing_even_while_the_page_is_open(
        self, pulse: Ask, browse: Browse, surveys: Surveys, work: Working, reading: Reads
    ) -> None:
        browse.get(surveys.address(pulse))
        with work() as unit:
            unit.session.get_one(Ask, pulse.id).generation += 1
        browse.submit(**needed_in_words(pulse))
        assert browse.status == 404
        assert responses(reading) == []

    def test_that_somebody_made_up_are_nothing(self, pulse: Ask, browse: Browse, surveys: Surveys) -> None:
        token = surveys.address(pulse).rpartition("/")[2]
        forged = [
            token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],  # some bits of the last sign stand for nothing
            token.swapcase(),
            token + "x",
            pulse.public_id,
            secrecy.sign("booking", pulse.public_id, pulse.generation),
            secrecy.sign("survey", "nobody", 0),
            secrecy.sign("survey", pulse.public_id, 10**12),
            "%00",
            "x" * 5_000,
        ]
        for each in forged:
            browse.get("/surveys/")  # somewhere with a token of the session
            assert browse.get(f"/surveys/{each}").status == 404, each
            assert browse.post(f"/surveys/{each}", needed_in_words(pulse)).status == 404, each
