"""The tools that other tests rely on do what they promise."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Flask, Response
from sqlalchemy import select

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.outbox import Outbox
from tests.support.browse import Browse
from tests.support.golden import Golden
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads
from tests.support.queries import count_queries

FORM = """<!DOCTYPE html><html lang="en"><head><title>Form</title></head><body><main><h1>Form</h1>
<form method="get" action="/found"><label for="q">Q</label><input id="q" name="q" value="old">
<button>Search</button></form>
<form method="get" action="/done"><input type="hidden" name="token" value="t">
<label for="a">A</label><textarea id="a" name="text">kept</textarea>
<label for="b">B</label><input type="checkbox" id="b" name="box" value="y">
<label for="c">C</label><select id="c" name="one">
<option value="1">1</option><option value="2" selected>2</option></select>
<button name="act" value="save">Save</button></form></main></body></html>"""


@pytest.fixture
def form(app: Flask, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> Browse:
    monkeypatch.setitem(app.view_functions, "accounts.sign_in", lambda: Response(FORM, mimetype="text/html"))
    return browse.get("/sign-in")


def asked(page: Browse) -> str:
    return page.path


def test_a_form_sends_what_it_came_with(form: Browse) -> None:
    assert set(asked(form.submit("Save")).partition("?")[2].split("&")) == {"token=t", "text=kept", "one=2", "act=save"}


def test_a_form_sends_what_was_filled_in(form: Browse) -> None:
    sent = asked(form.submit("Save", text="new", box=True, one="1"))
    assert set(sent.partition("?")[2].split("&")) == {"token=t", "text=new", "box=y", "one=1", "act=save"}


def test_a_form_is_found_by_its_fields(form: Browse) -> None:
    assert asked(form.submit(q="new")) == "/found?q=new"


@pytest.mark.parametrize(
    ("button", "fields"),
    [(None, {}), ("Delete", {}), ("Save", {"nothing": "1"}), ("Save", {"one": "3"}), ("Search", {"text": "a"})],
)
def test_nobody_can_send_what_no_form_offers(button: str | None, fields: dict[str, str], form: Browse) -> None:
    with pytest.raises(AssertionError):
        form.submit(button, **fields)


def test_a_link_that_is_not_there_cannot_be_followed(browse: Browse) -> None:
    assert browse.get("/").click("Sign in").path == "/sign-in"
    with pytest.raises(AssertionError, match="no link says"):
        browse.click("No such link")


def test_a_visit_is_made_with_all_that_hangs_on_it(make: Make, outbox: Callable[..., Sequence[Outbox]]) -> None:
    visit = make.visit(slots=3, capacity=8, day_capacity=4, party_max=3)
    booking = make.booking(make.account(), visit, 1, 3, ["Ben"])
    assert [part.places_left for part in make.event(visit.id).parts] == [1, 1, 1]
    assert (booking.party_size, [row.template for row in outbox()]) == (3, ["booking_confirmed"])
    assert outbox("reminder") == []


def test_an_actor_has_the_grants_of_the_database(make: Make) -> None:
    person, programme = make.account(), make.programme()
    make.grant(person, Role.FACILITATOR, programme=programme)
    assert make.actor(person).may(Role.FACILITATOR, programme_id=programme.id)


def test_tables_are_empty_at_the_start(reading: Reads, make: Make) -> None:
    with reading() as read:
        assert read.session.scalars(select(Person)).all() == []
    assert make.person().id == 1


def test_statements_are_counted(reading: Reads) -> None:
    with reading() as read, count_queries() as statements:
        read.session.scalars(select(Person)).all()
        read.session.scalars(select(Outbox)).all()
    assert [statement.partition(" ")[0] for statement in statements] == ["SELECT", "SELECT"]


def test_mail_goes_over_a_real_wire(browse: Browse, mailbox: Mailbox) -> None:
    browse.get("/sign-in").submit(email="amina@council.example")
    [mail] = mailbox.deliver()
    assert mail["To"] == "amina@council.example"
    assert mail.code() in mail.soup.get_text().replace(" ", "")
    browse.another().get(mail.link("/sign-in/"))
    assert mailbox.deliver() == []
    assert mailbox.messages == [mail]


def test_a_golden_file_is_compared_and_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mail.txt"
    with pytest.raises(AssertionError, match="is missing"):
        Golden(update=False)(path, "a\r\n")
    Golden(update=True)(path, "a\r\n")
    Golden(update=False)(path, "a\r\n")
    with pytest.raises(AssertionError, match="tells something else"):
        Golden(update=False)(path, "a\n")
