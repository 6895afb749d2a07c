"""The audit of the demonstration names somebody."""

import pytest

from tests.support import audit
from tests.support.make import Reads


@pytest.mark.usefixtures("loaded")
def test_the_latest_changes_are_those_of_the_secretariat(reading: Reads) -> None:
    lines = audit.lines(reading)[-2:]
    assert [(line.actor, line.action, line.kind) for line in lines] == [
        ("Ada Secretariat", "changed", "event"),
        ("Ada Secretariat", "changed", "person"),
    ]
    assert [item.name for line in lines for item in line.differences] == ["bring", "phone", "prefers"]
    assert {line.reason for line in audit.lines(reading)} == {""}
