"""The audit of the demonstration names somebody."""

from flask import Flask

from cop.demo.programme import load
from tests.support import audit
from tests.support.make import Reads


def test_the_latest_changes_are_those_of_the_secretariat(app: Flask, reading: Reads) -> None:
    with app.app_context():
        load(lambda _step: None)
    lines = audit.lines(reading)[-2:]
    assert [(line.actor, line.action, line.kind) for line in lines] == [
        ("Ada Secretariat", "changed", "event"),
        ("Ada Secretariat", "changed", "person"),
    ]
    assert [item.name for line in lines for item in line.differences] == ["bring", "phone", "prefers"]
    assert {line.reason for line in audit.lines(reading)} == {""}
