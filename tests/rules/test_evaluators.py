"""Evaluators see keys in place of people, on every page and in every file that they can open.

What anybody sees who is signed out they see as well, such as the name of whoever told a story in public; and on the
page of quotations the name of whoever said that it may stand beside their words. Nothing else.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import String, cast, func, select, update

from cop.core.access import VISITOR
from cop.exporting import KINDS, Format
from cop.models.accounts import Person, RoleGrant
from cop.models.events import Seat
from cop.models.surveys import Ask, Response
from tests.rules.conftest import World
from tests.rules.walks import access_of, addresses, rules
from tests.support.browse import Browse
from tests.support.make import Make, Reads, Working

FORENAME, DOMAIN = "Quonsettia", "participants-own.example"
"""What stands in the name and in the address of every participant, and nowhere else."""

OUTSIDE = ("/demo/", "/static/", "/metrics", "/sign-out")
"""The demonstration's own pages show every letter to everybody, and no other installation has them."""


@pytest.fixture
def participants(world: World, work: Working) -> None:
    """Everybody without a role has a name and an address that can be told from all other words."""
    with work() as renaming:
        staff = select(RoleGrant.person_id)
        number = cast(Person.id, String)
        renaming.session.execute(
            update(Person)
            .where(Person.id.not_in(staff))
            .values(
                name=func.concat(FORENAME, " ", number),
                email=func.concat("p", number, f"@{DOMAIN}"),
            )
        )
        guests = (
            update(Seat).where(Seat.name.is_not(None)).values(name=func.concat(FORENAME, " ", cast(Seat.id, String)))
        )
        renaming.session.execute(guests)


QUOTATIONS = "/evaluation/coding/health-inequalities/quotations"


def pages(app: Flask, make: Make, world: World, who: Person | None) -> Iterator[tuple[str, str]]:
    """Each address with all that it answers, archives unpacked."""
    actor = make.actor(who) if who is not None else VISITOR
    actor_may = [rule for rule in rules(app, "GET") if access_of(app, rule).allows(actor)]
    found = [address for rule in actor_may for address in addresses(rule, world)]
    exports = [
        f"/evaluation/exports/{kind}.{format_}?programme=health-inequalities"
        for kind, format_ in product(KINDS, Format)
    ]
    browse = Browse(app, make)
    if who is not None:
        browse.sign_in(who)
    for address in [*found, *exports]:
        if not address.startswith(OUTSIDE):
            answer = browse.client.get(address)
            yield address, said(answer.data)


def said(content: bytes) -> str:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    return content.decode(errors="replace")


def naming(app: Flask, make: Make, world: World, who: Person | None) -> dict[str, set[str]]:
    """The addresses that tell a name or an address of somebody, each with those that it tells."""
    telling = re.compile(rf"{FORENAME} \d+|{FORENAME}|{DOMAIN}")
    found = {address: {*telling.findall(text)} for address, text in pages(app, make, world, who)}
    return {address: names for address, names in found.items() if names}


@pytest.mark.usefixtures("participants")
def test_no_page_and_no_file_tells_an_evaluator_a_name_or_an_address(
    app: Flask, make: Make, world: World, reading: Reads
) -> None:
    open_to_all = naming(app, make, world, None)
    with reading() as read:
        of_answer = select(Person.name).join(Ask).join(Response).where(Response.answers["permission"].astext == "name")
        author = read.session.scalars(of_answer).one()
    found = naming(app, make, world, world.visitors["evaluator"])
    told = {address: names - open_to_all.get(address, set()) for address, names in found.items()}
    assert {address: names for address, names in told.items() if names} == {QUOTATIONS: {author}}


@pytest.mark.usefixtures("participants")
def test_the_walk_would_find_names(app: Flask, make: Make, world: World) -> None:
    found = naming(app, make, world, world.visitors["admin"])
    assert {"/admin/people", "/admin/people/"} & found.keys()
    assert any(address.startswith("/evaluation/exports/attendance.csv") for address in found)
