"""What guests of a summit said that they need, as pages ask for it and as kitchens and hosts read it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cop.core.work import Reading
from cop.models.events import Arrangement
from cop.models.summits import Need


@dataclass(frozen=True)
class Needs:
    """Things to arrange from the list, and in words what no list foresees; then the same about food."""

    needs: Sequence[str] = ()
    access: str = ""
    allergens: Sequence[str] = ()
    ways: Sequence[str] = ()
    food: str = ""

    @property
    def has_access(self) -> bool:
        return bool(self.needs or self.access)

    @property
    def has_diet(self) -> bool:
        return bool(self.allergens or self.ways or self.food)

    @property
    def access_text(self) -> str:
        """Both as one text, a thing a line, as the arrangement of a booking keeps it."""
        return "\n".join([*self.needs, *([self.access] if self.access else [])])

    def or_before(self, before: "Needs") -> "Needs":
        """These, and about access or food what was said before where nothing is said now."""
        access, food = self if self.has_access else before, self if self.has_diet else before
        return Needs(access.needs, access.access, food.allergens, food.ways, food.food)


def needs_from(access: str | None, diet: str | None) -> Needs:
    """What the two texts of an arrangement say."""
    lines = (access or "").splitlines()
    known = tuple(line for line in lines if line in set(Need))
    food = json.loads(diet) if diet else {}
    return Needs(
        needs=known,
        access="\n".join(line for line in lines if line not in known).strip(),
        allergens=tuple(food.get("allergens", ())),
        ways=tuple(food.get("ways", ())),
        food=food.get("other", ""),
    )


def kept_needs(read: Reading, *, booking_id: int) -> Needs:
    """What was said for this booking; the caller has checked who asks."""
    row = read.session.execute(
        select(Arrangement.access, Arrangement.diet).where(Arrangement.booking_id == booking_id)
    ).one_or_none()
    return needs_from(row.access, row.diet) if row is not None else Needs()
