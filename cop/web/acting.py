"""Who acts in a request: the person who is signed in, and the actor that the layers below are given."""

from flask import g, request
from flask_login import current_user

from cop.core.access import VISITOR, Actor
from cop.queries import accounts


def current_person() -> accounts.SignedInPerson | None:
    if "person" not in g:
        g.person = current_user.person if current_user.is_authenticated else None
    person: accounts.SignedInPerson | None = g.person
    return person


def current_actor() -> Actor:
    """The actor of this request, built once."""
    if "actor" not in g:
        person = current_person() if request else None
        g.actor = Actor(person.id, person.grants) if person else VISITOR
    actor: Actor = g.actor
    return actor


def forget_actor() -> None:
    g.pop("actor", None)
    g.pop("person", None)
