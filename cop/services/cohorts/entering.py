"""Staff enter an application for somebody who telephones or writes on paper; it is then saved like any other."""

from sqlalchemy import Text, func, literal, literal_column, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.accounts import NAME_KEY, PHONE_KEY, Person, Sector
from cop.models.cohorts import Application, ApplicationState
from cop.models.events import BookingSource, EventKind, EventState
from cop.queries.accounts import standing_of
from cop.queries.cohorts.panel import hidden_because
from cop.services import accounts
from cop.services.cohorts.applications import begin, course, lock_application, refuse_non_editors
from cop.services.events.booking import Guest, person_of
from cop.services.events.locking import lock_event


def start_for(work: Work, *, event_id: int, guest: Guest) -> Application:
    """A draft for somebody else, with or without e-mail. Whoever is known already is taken as they are."""
    event = lock_event(work, event_id)
    refuse_non_editors(work, event)
    if event.kind is not EventKind.COHORT:
        raise NotFound
    if event.state is EventState.DRAFT:
        raise Refusal(marked("This is a draft: publish it before you enter an application"))
    person = _known_by_phone(work, guest) or person_of(work, guest)
    _refuse_second(work, event.id, person)
    made = begin(work, event, person, BookingSource.STAFF)
    _refuse_conflict(work, made.id, person)
    return made


def _known_by_phone(work: Work, guest: Guest) -> Person | None:
    """The one person without e-mail who has this name and number, however the number is written."""
    if guest.email or not guest.phone:
        return None
    given = select(literal(guest.name, Text).label("name"), literal(guest.phone, Text).label("phone")).subquery("given")
    names, phones = literal_column(NAME_KEY.text, Text), literal_column(PHONE_KEY.text, Text)
    alike = select(Person).where(
        Person.email.is_(None),
        Person.merged_into.is_(None),
        Person.erased_at.is_(None),
        names == select(names).select_from(given).scalar_subquery(),
        phones == select(phones).select_from(given).scalar_subquery(),
        func.length(phones) > 0,
    )
    found = work.session.scalars(alike.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _refuse_second(work: Work, event_id: int, person: Person) -> None:
    live = select(Application.id).where(
        Application.cohort_id == event_id,
        Application.person_id == person.id,
        Application.state != ApplicationState.WITHDRAWN,
    )
    found = work.session.scalar(live)
    if found is not None:
        _refuse_conflict(work, found, person)  # or they would learn that a colleague applies
        raise Refusal(
            marked("%(name)s has an application to this course already: look for it under “Who applied”."),
            name=person.name,
        )


def _refuse_conflict(work: Work, application_id: int, person: Person) -> None:
    """Whoever may not judge the application may not write it either."""
    hidden = select(hidden_because()).where(Application.id == application_id)
    if work.session.scalar(hidden, {"panellist": work.actor.person_id}) is not None:
        raise Refusal(
            marked("You have to do with %(name)s or with this call, so somebody else has to enter it."),
            name=person.name,
        )


def say_sector(work: Work, *, event_id: int, public_id: str, sector: Sector) -> Application:
    """Note how somebody comes to the programme, where nobody has said so; what they said themselves stays."""
    event = course(work, event_id)
    application = lock_application(work, event, public_id)
    standing = standing_of(work, application.person_id)
    if standing.sector is None:
        accounts.set_affiliation(
            work, person_id=application.person_id, organisation_id=standing.organisation_id, sector=sector
        )
    return application
