"""The alumni's hour in the demo programme, as it stands once it is loaded."""

from flask import Flask
from sqlalchemy import select

from cop.demo.meet_ups import SLUG
from cop.demo.programme import load
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.queries import events, joining, meet_ups
from cop.queries.soundness import unsound
from tests.support.browse import Browse
from tests.support.make import Make, Reads


def test_the_alumna_comes_to_most_dates_and_a_participant_finds_nothing(
    app: Flask, make: Make, reading: Reads, browse: Browse
) -> None:
    with app.app_context():
        load(lambda _step: None)
    with reading() as read:
        assert unsound(read) == []
        found = {name: select(Person).where(Person.email == ROLES[name]) for name in ("alumna", "participant")}
        people = {name: read.session.scalars(wanted).one() for name, wanted in found.items()}
    with reading(make.actor(people["alumna"])) as read:
        event = events.event_page(read, slug=SLUG)
        coming = meet_ups.coming(event, read.now)
        held = meet_ups.held_ids(joining.own_booking_to_join(read, event_id=event.id))
        assert 0 < len(coming) < len(event.parts) == len(held) + 1
        assert {part.starts_at.weekday() for part in event.parts} == {1}
    assert "Change Makers’ hour" in browse.sign_in(people["alumna"]).get("/meet-ups/").text
    assert browse.sign_in(people["participant"]).get(f"/meet-ups/{SLUG}").status == 404
