"""Who acts in a request: the person who is signed in, and the actor that the layers below are given."""

from flask import g, request, session
from flask_login import current_user

from cop.core.access import VISITOR, Actor
from cop.queries import accounts

SECOND_FACTOR = "second"
"""Where a session says when its second factor was given, in seconds of real time."""


def current_person() -> accounts.SignedInPerson | None:
    if "person" not in g:
        g.person = current_user.person if current_user.is_authenticated else None
    person: accounts.SignedInPerson | None = g.person
    return person


def current_actor() -> Actor:
    """The actor of this request, built once."""
    if "actor" not in g:
        person = current_person() if request else None
        g.actor = _acting(person) if person else VISITOR
    actor: Actor = g.actor
    return actor


def _acting(person: accounts.SignedInPerson) -> Actor:
    """With the grants of somebody who needs a second factor only once it was given: the one place that decides it."""
    if person.needs_factor and SECOND_FACTOR not in session:
        return Actor(person.id, withheld=bool(person.grants))
    return Actor(person.id, person.grants)


def act_as(actor: Actor) -> None:
    """Let this request act as somebody who did not come by a session."""
    g.actor, g.person = actor, None


def forget_actor() -> None:
    g.pop("actor", None)
    g.pop("person", None)
