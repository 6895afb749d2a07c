"""The records of processing: ready-made entries, changing them, and looking at each again once a year."""

from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from cop.core import place
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.privacy import Processing
from cop.services.processing.ready_made import READY_MADE
from cop.services.processing.telling import Told

__all__ = ["Told", "add", "edit", "load_ready_made", "retire", "review", "take_up"]

NAME_MOST = 200


def load_ready_made(work: Work) -> int:
    """Add the entries for what the service does that are missing; how many. What was changed stays as it is."""
    _only_admins(work)
    first = work.session.scalars(select(func.coalesce(func.max(Processing.position), 0))).one()
    today = place.day_of(work.now)
    rows = [
        {
            **asdict(told),
            "code": code,
            "position": first + number,
            "reviewed_on": None,
            "review_on": today,
        }
        for number, (code, told) in enumerate(READY_MADE.items(), start=1)
    ]
    made = insert(Processing).values(rows).on_conflict_do_nothing().returning(Processing.id)
    return len(work.session.scalars(made).all())


def add(work: Work, *, told: Told) -> Processing:
    _only_admins(work)
    _check(work, told)
    last = work.session.scalars(select(func.coalesce(func.max(Processing.position), 0))).one()
    entry = Processing(**asdict(told), position=last + 1)
    work.session.add(entry)
    work.session.flush()
    return entry


def edit(work: Work, *, entry_id: int, told: Told) -> Processing:
    entry = _entry(work, entry_id)
    _check(work, told, but=entry.id)
    for name, value in asdict(told).items():
        setattr(entry, name, value)
    return entry


def review(work: Work, *, entry_id: int) -> Processing:
    """Note that it was looked at today and holds; the next time is in a year."""
    entry = _entry(work, entry_id)
    entry.reviewed_on = place.day_of(work.now)
    entry.review_on = place.day_of(place.months_after(work.now, 12))
    return entry


def retire(work: Work, *, entry_id: int) -> Processing:
    """Note that this is not done any more. The entry stays."""
    entry = _entry(work, entry_id)
    entry.retired_at = entry.retired_at or work.now
    return entry


def take_up(work: Work, *, entry_id: int) -> Processing:
    """Note that this is done again."""
    entry = _entry(work, entry_id)
    entry.retired_at = None
    return entry


def _check(work: Work, told: Told, *, but: int | None = None) -> None:
    for field in ("name", "purpose", "basis", "people", "data"):
        if not getattr(told, field).strip():
            raise Refusal(marked("Fill this in: the law asks for it"), field=field)
    if len(told.name) > NAME_MOST:
        raise Refusal(marked("Use %(most)s characters or fewer"), field="name", most=NAME_MOST)
    same = select(Processing.id).where(
        func.lower(Processing.name) == told.name.lower(), Processing.id.is_distinct_from(but)
    )
    if work.session.scalars(same).first() is not None:
        raise Refusal(marked("There is an entry of this name already"), field="name")


def _entry(work: Work, entry_id: int) -> Processing:
    _only_admins(work)
    found = select(Processing).where(Processing.id == entry_id).with_for_update()
    entry = work.session.scalars(found).one_or_none()
    if entry is None:
        raise NotFound
    return entry


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound
