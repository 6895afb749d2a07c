"""The breach log: what happened, how great the risk is, and whom the network told within 72 hours or why not."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.privacy import Breach, BreachRisk

CLOSED = marked("This entry is closed.")


@dataclass(frozen=True)
class Told:
    """What is known of a breach. ``people`` is how many it concerns, where somebody knows."""

    noticed_at: datetime
    what: str
    happened_at: datetime | None = None
    effects: str = ""
    measures: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Assessed:
    """How great the risk is, and what was done about it."""

    risk: BreachRisk
    why_risk: str
    reported_at: datetime | None = None
    why_not_reported: str = ""
    people_told_at: datetime | None = None
    why_not_told: str = ""


def enter(work: Work, *, told: Told) -> Breach:
    """Begin an entry; the 72 hours run from the moment at which somebody noticed."""
    _only_admins(work)
    _check(work, told)
    breach = Breach(**asdict(told), made_at=work.now, made_by=work.actor.person_id)
    work.session.add(breach)
    work.session.flush()
    return breach


def edit(work: Work, *, public_id: str, told: Told) -> Breach:
    breach = _open(work, public_id)
    _check(work, told)
    for name, value in asdict(told).items():
        setattr(breach, name, value)
    return breach


def assess(work: Work, *, public_id: str, assessed: Assessed) -> Breach:
    """Say how great the risk is, and whether the ICO and the people were told, or why not."""
    breach = _open(work, public_id)
    if not assessed.why_risk:
        raise Refusal(marked("Say why the risk is as you say"), field="why_risk")
    for name in ("reported_at", "people_told_at"):
        instant = getattr(assessed, name)
        if instant is not None and not breach.noticed_at <= instant <= work.now:
            raise Refusal(marked("Enter a time after it was noticed that is not to come"), field=name)
    for name, value in asdict(assessed).items():
        setattr(breach, name, value)
    return breach


def close(work: Work, *, public_id: str) -> Breach:
    """End an entry once it says all that the law asks for."""
    breach = _open(work, public_id)
    if breach.risk is None:
        raise Refusal(marked("Say first how great the risk is."))
    if breach.risk is not BreachRisk.UNLIKELY and breach.reported_at is None and not breach.why_not_reported:
        raise Refusal(marked("Say first when it was reported to the ICO, or why not."))
    if breach.risk is BreachRisk.HIGH and breach.people_told_at is None and not breach.why_not_told:
        raise Refusal(marked("Say first when the people were told, or why not."))
    if not breach.measures:
        raise Refusal(marked("Say first what was done about it."))
    breach.closed_at = work.now
    return breach


def _check(work: Work, told: Told) -> None:
    if not told.what:
        raise Refusal(marked("Say what happened"), field="what")
    if told.noticed_at > work.now:
        raise Refusal(marked("Enter a time that is not to come"), field="noticed_at")
    if told.happened_at is not None and told.happened_at > told.noticed_at:
        raise Refusal(marked("It cannot have happened after it was noticed"), field="happened_at")


def _open(work: Work, public_id: str) -> Breach:
    _only_admins(work)
    found = select(Breach).where(Breach.public_id == public_id).with_for_update()
    breach = work.session.scalars(found).one_or_none()
    if breach is None:
        raise NotFound
    if breach.closed_at is not None:
        raise Refusal(CLOSED)
    return breach


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound
