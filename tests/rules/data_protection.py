"""A request, a breach and a record of processing, for the walks over all addresses."""

from flask import Flask

from cop.models.accounts import Person
from cop.models.privacy import RequestKind
from cop.services import breaches, processing, requests
from tests.support.make import Make, working


def make_data_protection(app: Flask, make: Make, person: Person) -> list[tuple[str, str, list[str]]]:
    """Part of an address, parameter, and values that name something there."""
    with working(app, make.actor(person)) as work:
        request = requests.ask(work, kind=RequestKind.ACCESS, asked_for="All of it")
    with working(app) as work:
        breach = breaches.enter(work, told=breaches.Told(noticed_at=work.now, what="A list went astray"))
        entry = processing.add(
            work, told=processing.Told(name="Visits", purpose="To run them", basis="Task", people="All", data="Names")
        )
    return [
        ("/admin/requests/", "public_id", [request.public_id]),
        ("/admin/requests/", "step", ["answer", "acknowledge", "note"]),
        ("/account/privacy/requests/", "public_id", [request.public_id]),
        ("/admin/retention/", "code", ["tasks"]),
        ("/admin/breaches/", "public_id", [breach.public_id]),
        ("/admin/processing/", "entry_id", [str(entry.id)]),
    ]
