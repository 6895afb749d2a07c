"""To whom an announcement goes, in the shape in which it is stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

ANY_EVENT = "any"
"""In the place of an event's slug: whichever of the programme."""


@dataclass(frozen=True)
class Audience:
    """Whoever fits everything that is said; of several words for one thing, any will do.

    ``kinds``, ``memberships`` are those of the organisation where somebody belongs now, ``sectors`` and ``roles`` their
    own. ``event`` is the slug of one that they booked, and came to if ``attended``. ``interest`` are those who want to
    hear of the next round, ``consent`` those who agreed to news.
    """

    kinds: tuple[str, ...] = ()
    memberships: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    event: str = ""
    attended: bool = False
    interest: bool = False
    consent: bool = False

    @property
    def is_everybody(self) -> bool:
        return self == Audience()

    def as_json(self) -> dict[str, Any]:
        """What was said, and nothing of what was not."""
        said = {name: value for name, value in asdict(self).items() if value}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def read_audience(stored: Mapping[str, Any]) -> Audience:
    known = {field.name for field in fields(Audience)}
    said = {name: value for name, value in stored.items() if name in known}
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Audience(**values)
