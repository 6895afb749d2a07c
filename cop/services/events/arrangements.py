"""What somebody needs for one booking: access, diet, whom to call. Encrypted, and forgotten when it has served."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.events import Arrangement, Booking, Part
from cop.queries.retention import NEEDS_KEPT


@dataclass(frozen=True)
class Diet:
    """Allergens by the names that food labels in the UK use, ways of eating, and what no list foresees."""

    allergens: Sequence[str] = ()
    ways: Sequence[str] = ()
    other: str = ""

    def __bool__(self) -> bool:
        return bool(self.allergens or self.ways or self.other)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def save_arrangements(
    work: Work,
    *,
    booking_id: int,
    access: str = "",
    diet: Diet | None = None,
    emergency_contact: str = "",
    travel: str = "",
) -> None:
    """Keep what this booking needs in the place of what was said before; the caller has checked who says it."""
    booking = work.session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    last = work.session.scalar(select(func.max(Part.ends_at)).where(Part.event_id == booking.event_id))
    values = {
        "access": access or None,
        "diet": diet.to_json() if diet else None,
        "emergency_contact": emergency_contact or None,
        "travel": travel or None,
        "saved_at": work.now,
        "forget_at": max(last or work.now, work.now) + NEEDS_KEPT,
    }
    work.session.execute(
        insert(Arrangement)
        .values(booking_id=booking_id, **values)
        .on_conflict_do_update(index_elements=["booking_id"], set_=values)
    )
