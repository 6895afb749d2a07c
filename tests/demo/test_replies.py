"""The demo has answers from calendars for the host of the coming visit to decide."""

from flask import Flask

from cop.demo.programme import load
from cop.queries import replies
from cop.queries.replies import Effect
from tests.support.make import Reads


def test_two_answers_wait_and_one_of_them_would_cancel(app: Flask, reading: Reads) -> None:
    with app.app_context():
        load(lambda _step: None)
    with reading() as read:
        waiting = replies.waiting(read)
        assert [(item.reply.reason, item.effect) for item in waiting] == [
            ("counter", Effect.NOTHING),
            ("stranger", Effect.END),
        ]
        assert all(item.email and item.email.endswith(".example") for item in waiting)
