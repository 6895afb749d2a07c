"""One record that fails holds up no other, and the run says so."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from cop.core.audiences import Audience
from cop.models.telling import Announcement, MessageRule
from scheduled.one_by_one import IncompleteError, added_up
from tests.support.clock import FixedClock
from tests.support.make import Make, Working
from tests.support.rules import DAY, Rules
from tests.support.telling import Telling


def test_a_rule_that_fails_holds_up_no_other(
    app: Flask, make: Make, clock: FixedClock, work: Working, caplog: pytest.LogCaptureFixture
) -> None:
    rules, visit = Rules(app, clock), make.visit()
    make.booking(make.person(), visit)
    broken, sound = rules.add(visit), rules.add(visit)
    with work() as unit:
        before_all_time = timedelta(days=-2_500_000)
        unit.session.execute(update(MessageRule).where(MessageRule.id == broken.id).values(after=before_all_time))
    clock.set(visit.parts[0].starts_at - DAY)
    with pytest.raises(IncompleteError, match=r"^1 messages of rules posted, 1 failed$"):
        rules.run()
    assert [row.params["rule_id"] for row in rules.posted()] == [sound.id]
    (logged,) = [record for record in caplog.records if record.message == "rule failed"]
    assert logged.__dict__["fields"] == {"rule": broken.id}


def test_an_announcement_that_fails_holds_up_no_other(app: Flask, make: Make, work: Working) -> None:
    telling = Telling(app, make)
    telling.reader("Ann", "ann@council.example")
    broken, _sound = (telling.send(telling.draft(Audience(consent=True))) for _time in (1, 2))
    with work() as unit:
        unit.session.execute(update(Announcement).where(Announcement.id == broken.id).values(audience=[]))
    with pytest.raises(IncompleteError, match=r"^1 letters of announcements posted, 1 failed$"):
        telling.release()


def test_where_the_database_is_away_the_others_are_not_tried() -> None:
    tried = []

    def act(record_id: int) -> int:
        tried.append(record_id)
        raise OperationalError("", {}, Exception("away"))

    with pytest.raises(OperationalError):
        added_up(act, [1, 2], one="rule", words="messages")
    assert tried == [1]
