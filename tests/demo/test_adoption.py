"""Self-ratings, pledges and stories of the demonstration."""

import pytest
from sqlalchemy import select

from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.queries import adoption, programmes
from tests.support.browse import Browse
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_shows_how_councils_got_on(reading: Reads, browse: Browse) -> None:
    with reading() as read:
        programme = programmes.current(read)
        assert programme is not None
        found = adoption.adoption(read, programme)
        admin = read.session.scalars(select(Person).where(Person.email == ROLES["admin"])).one()
    assert (found.rated_first.value, found.rated_second.value, found.rose.value) == (2, 1, 1)
    assert (found.by_organisations.kept.value, found.by_organisations.open.value) == (1, 1)
    assert (found.stories_public.value, found.stories_network.value) == (2, 1)
    assert "The reception that residents run" in browse.get("/stories/").text
    assert "What the physiotherapist said" not in browse.text
    assert "Begun" in browse.sign_in(admin).get("/admin/adoption").text
