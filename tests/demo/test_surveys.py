"""What people of the demonstration were asked, and what they said."""

from collections import Counter, defaultdict

import pytest
from flask import Flask
from sqlalchemy import func, select

from cop.core.place import months_after
from cop.models.accounts import Person
from cop.models.events import Event, Part
from cop.models.outbox import Outbox, OutboxState
from cop.models.surveys import AnonymousResponse, Ask, Mode, Questionnaire, Response, Wave
from cop.queries import surveys as queries
from cop.services.surveys import ROUNDS
from scheduled import ask_surveys
from tests.support.browse import Browse
from tests.support.clock import START
from tests.support.make import Make, Reads

COURSE = "change-makers-1"


pytestmark = pytest.mark.usefixtures("loaded")


def asks(reading: Reads, slug: str) -> dict[Wave, list[Ask]]:
    found: dict[Wave, list[Ask]] = defaultdict(list)
    with reading() as read:
        for ask in read.session.scalars(select(Ask).join(Event, Event.id == Ask.subject_id).where(Event.slug == slug)):
            found[ask.wave].append(ask)
    return found


@pytest.mark.parametrize("slug", ["healthy-hub-opening", "neighbours-before-doctors"])
def test_those_who_came_said_how_it_was(slug: str, reading: Reads, make: Make, browse: Browse) -> None:
    pulse = asks(reading, slug)[Wave.PULSE]
    assert all(ask.closes_at < START for ask in pulse)
    assert sum(ask.done_on is not None for ask in pulse) >= 5
    browse.sign_in(make.admin()).get(f"/surveys/{min(ask.id for ask in pulse)}/results")
    shown = len(browse.soup.select(".cop-figure"))
    assert shown >= 2
    assert shown + browse.text.count("The answers are spread so widely") == 5
    assert browse.soup.select(".cop-quotes li")


def test_those_who_were_silent_about_a_visit_were_reminded_twice(reading: Reads) -> None:
    silent = [ask for ask in asks(reading, "healthy-hub-opening")[Wave.PULSE] if ask.done_on is None]
    with reading() as read:
        sent = read.session.scalars(select(Outbox).where(Outbox.template == "survey_reminder")).all()
    about = Counter((row.params["ask_id"], row.state) for row in sent)
    assert silent
    assert [about[ask.id, OutboxState.SENT] for ask in silent] == [2] * len(silent)


def test_the_course_was_asked_whatever_fell_due(reading: Reads) -> None:
    found = asks(reading, COURSE)
    with reading() as read:
        ends = select(func.max(Part.ends_at)).join(Event, Event.id == Part.event_id).where(Event.slug == COURSE)
        end = read.session.scalars(ends).one()
    due = {wave for wave, plan in ROUNDS.items() if plan.months is not None and months_after(end, plan.months) <= START}
    assert set(found) == {Wave.BASELINE, *due}
    for wave in (Wave.BASELINE, Wave.END):
        assert sum(ask.done_on is not None for ask in found[wave]) >= 10


def test_the_alumna_is_silent_about_what_is_open(reading: Reads) -> None:
    with reading() as read:
        alumna = select(Person.id).where(Person.email == "alumna@demo.example").scalar_subquery()
        hers = read.session.scalars(select(Ask).where(Ask.person_id == alumna)).all()
    assert hers
    assert not [ask for ask in hers if ask.closes_at > START and ask.done_on is not None]


def test_some_spoke_freely_and_nobody_can_tell_who_said_what(reading: Reads) -> None:
    with reading() as read:
        kept = read.session.scalars(select(AnonymousResponse)).all()
        mode = select(Questionnaire.id).where(Questionnaire.mode == Mode.ANONYMOUS)
        of_somebody = read.session.scalars(select(Response).where(Response.questionnaire_id.in_(mode))).all()
    assert len(kept) >= 5
    assert of_somebody == []


def test_people_are_surer_of_themselves_after_the_course(reading: Reads) -> None:
    sure: dict[Wave, list[int]] = defaultdict(list)
    with reading() as read:
        programme_id = read.session.scalars(select(Event.programme_id).where(Event.slug == COURSE)).one()
        for row in queries.survey_rows(read, programme_id=programme_id):
            if row.code.startswith("se"):
                sure[row.wave].append(int(row.value))
    means = {wave: sum(values) / len(values) for wave, values in sure.items()}
    assert means[Wave.BASELINE] + 2 < means[Wave.END]


def test_the_job_finds_nobody_who_was_forgotten(app: Flask) -> None:
    with app.app_context():
        assert ": 0 asked" in ask_surveys.run()
