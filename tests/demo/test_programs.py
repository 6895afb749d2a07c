"""What programs read of the demonstration: the token that it has, and every list against the exports."""

import csv
import io
from collections import Counter

import pytest
import schemathesis
from flask import Flask
from sqlalchemy import select

from cop import exporting
from cop.blueprints.api.resources import LISTINGS
from cop.exporting.columns import written
from cop.models.accounts import Person
from cop.models.security import ApiToken
from tests.support.api import PROGRAMME, Tokens
from tests.support.make import Make, Reads


@pytest.mark.usefixtures("loaded")
def test_the_demonstration_has_a_token_that_reads_nobody(reading: Reads) -> None:
    with reading() as read:
        token = read.session.scalars(select(ApiToken)).one()
    assert token.scopes == ["events", "toolkit", "indicators"]
    assert token.used_at is None


@pytest.mark.usefixtures("loaded")
def test_programs_read_what_the_exports_hold(app: Flask, make: Make, reading: Reads) -> None:
    with reading() as read:
        admin = read.session.scalars(select(Person).where(Person.email == "admin@demo.example")).one()
    program = Tokens(app, make).program(admin)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for one in LISTINGS:
        address = one.rule.replace("<slug>", PROGRAMME)
        assert program.items(f"{address}?limit=500"), one.name
        schema.find_operation_by_id(one.name).validate_response(program.call(f"{address}?limit=500"))
    for kind in ("attendance", "bookings", "forum"):
        items = program.items(f"/programmes/{PROGRAMME}/{kind}?limit=500")
        with reading() as read:
            chunks = exporting.table(read, kind=kind, programme_slug=PROGRAMME, pseudonymised=True)
            rows = list(csv.reader(io.StringIO(b"".join(chunks).decode(), newline="")))
        assert Counter(tuple(written(item.values())) for item in items) == Counter(map(tuple, rows[1:]))
