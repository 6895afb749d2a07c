"""Counts what each request of a journey says to the database, in an application of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from bench.load import Answer, Journey


def statements(app: Flask, journey: Journey) -> list[int]:
    """SQL statements of each request, without what begins, ends or checks a connection."""
    client, counts = app.test_client(use_cookies=False), []
    request: bytes | None = next(journey)
    while request is not None:
        with _heard() as said:
            answer = _answer(client, request)
        counts.append(len(said))
        try:
            request = journey.send(answer)
        except StopIteration:
            request = None
    return counts


@contextmanager
def _heard() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _answer(client: FlaskClient, request: bytes) -> Answer:
    head, _, body = request.partition(b"\r\n\r\n")
    asked, *lines = head.decode().split("\r\n")
    method, path, _version = asked.split(" ")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    response = client.open(path, method=method, headers=headers, data=body)
    return Answer(response.status_code, str(response.headers).encode(), response.data)
