"""The demo has requests in every state, a breach, and records of processing that hold."""

from flask import Flask

from cop.core.access import SYSTEM
from cop.demo.programme import load
from cop.models.privacy import RequestState
from cop.queries import breaches, processing, requests
from cop.queries.requests import Shown
from tests.support.make import Reads


def test_there_is_a_request_in_every_state_a_breach_and_the_records(app: Flask, reading: Reads) -> None:
    with app.app_context():
        load(lambda _step: None)
    with reading(SYSTEM) as read:
        rows = requests.register(read, shown=Shown.ALL)
        assert {row.state for row in rows} == set(RequestState)
        assert any(row.acknowledge_by for row in rows)
        assert requests.counts(read)[Shown.SOON] >= 1
        assert requests.counts(read)[Shown.OVERDUE] == 0
        (breach,) = breaches.listed(read)
        assert breach.closed_at is not None
        assert processing.count_to_review(read) == 0
        assert len(processing.listed(read)) > 10
