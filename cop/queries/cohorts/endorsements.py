"""Reads about those whom applicants ask to support them: by the applicant, by a mailed link, and by the chair."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.cohorts import (
    Application,
    ApplicationState,
    Cohort,
    Endorsement,
    EndorsementState,
    Endorsing,
)
from cop.models.events import Event
from cop.queries.cohorts.calls import Phase, phase_of


def everybody_asked(read: Reading, application_id: int) -> Sequence[Endorsement]:
    """Whom the applicant asked, in order, those too who were replaced; the caller has checked who reads."""
    return read.session.scalars(_support(), {"application_id": application_id}).all()


def support_of(read: Reading, application_id: int) -> Sequence[Endorsement]:
    """Whom the applicant asks now, one of each kind."""
    return [item for item in everybody_asked(read, application_id) if item.replaced_at is None]


@cache
def _support() -> Select[Endorsement]:
    of_application = Endorsement.application_id == bindparam("application_id")
    return select(Endorsement).where(of_application).order_by(Endorsement.id)


def is_still_needed(cohort: Cohort, support: Sequence[Endorsement]) -> bool:
    """Whether the course wants somebody's support and nobody is asked who has not declined."""
    is_asked = any(item.state is not EndorsementState.REFUSED for item in support)
    return cohort.endorsing is Endorsing.REQUIRED and not is_asked


@cache
def _with_all() -> Select[Endorsement]:
    application = joinedload(Endorsement.application)
    event = joinedload(Application.cohort).joinedload(Cohort.event)
    return select(Endorsement).options(
        application.options(joinedload(Application.person), event.selectinload(Event.parts))
    )


def endorsement_of_link(read: Reading, *, token: str) -> Endorsement:
    """With its application, person, course and half-days; NotFound once somebody else was asked in their place."""
    signed = secrecy.read_signed("endorsement", token)
    if signed is None:
        raise NotFound
    wanted = _with_all().where(Endorsement.public_id == signed[0], Endorsement.replaced_at.is_(None))
    found = read.session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def endorsement_by_id(read: Reading, endorsement_id: int) -> Endorsement:
    """As a mail about it shows it."""
    found = read.session.scalars(_with_all().where(Endorsement.id == endorsement_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def link_token(endorsement: Endorsement) -> str:
    """What stands for the question in the address of its page."""
    return secrecy.sign("endorsement", endorsement.public_id)


def can_be_answered(read: Reading, endorsement: Endorsement) -> bool:
    """A link works while the call is open and the application is not withdrawn, until it was answered."""
    application = endorsement.application
    return (
        endorsement.state is EndorsementState.ASKED
        and endorsement.replaced_at is None
        and application.state is not ApplicationState.WITHDRAWN
        and phase_of(application.cohort.event, read.now) is Phase.OPEN
    )
