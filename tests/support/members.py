"""The directory of members in tests: who stands in it, and the words that they chose."""

from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.members import Profile, Relay
from cop.models.organisations import Organisation
from cop.models.tags import Tag
from cop.services import accounts, members, relays, tags
from tests.support.make import Make, working


class Directory:
    """Every method opens its own unit of work and returns an object that no session holds."""

    def __init__(self, app: Flask, make: Make) -> None:
        self._app, self._make = app, make

    def words(self, *names: str) -> list[int]:
        """The ids of these words of the ready-made lists."""
        with working(self._app) as work:
            tags.ensure(work)
            rows = work.session.execute(select(Tag.name, Tag.id).where(Tag.name.in_(names)))
            found = {row.name: row.id for row in rows}
        return [found[name] for name in names]

    def works_as(self, person: Person, role_title: str, organisation: Organisation) -> None:
        with working(self._app) as work:
            accounts.set_affiliation(work, person_id=person.id, organisation_id=organisation.id, role_title=role_title)

    def join(
        self,
        person: Person,
        *,
        about: str = "",
        offers: Sequence[str] = (),
        seeks: Sequence[str] = (),
        revision: int = 0,
        **more: Any,
    ) -> Profile:
        said: dict[str, Any] = {"shows_organisation": True, "shows_role": True, "takes_letters": True} | more
        said |= {"offers": self.words(*offers), "seeks": self.words(*seeks)}
        with working(self._app, self._make.actor(person)) as work:
            return members.save(work, about=about, revision=revision, **said)

    def leave(self, person: Person) -> None:
        with working(self._app, self._make.actor(person)) as work:
            members.leave(work)

    def write(self, sender: Person, recipient: Person, body: str = "Have you done this before?") -> Relay:
        with working(self._app, self._make.actor(sender)) as work:
            return relays.write(work, public_id=recipient.public_id, body=body)

    def answer(self, sender: Person, letter: Relay, body: str = "Yes, twice.") -> Relay:
        with working(self._app, self._make.actor(sender)) as work:
            return relays.answer(work, public_id=letter.public_id, body=body)

    def report(self, person: Person, letter: Relay, reason: str = "It is rude.") -> Relay:
        with working(self._app, self._make.actor(person)) as work:
            return relays.report(work, public_id=letter.public_id, reason=reason)
