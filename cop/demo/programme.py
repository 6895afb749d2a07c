"""The demo programme: the real Policy Lab and real organisations, with invented people, loaded through the services.

All dates are relative to the service's clock when it is loaded. What was booked in the past is booked by a unit of
work whose instant lies there, so the record reads as if it had grown.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from cop.core.access import SYSTEM, Role
from cop.core.errors import Refusal
from cop.core.work import Work
from cop.demo import (
    adoption,
    coding,
    cohorts,
    directory,
    equality,
    files,
    forum,
    forum_mails,
    funder_reports,
    history,
    indicators,
    meet_ups,
    members,
    messages,
    panel,
    plans,
    privacy,
    programs,
    questionnaires,
    replies,
    requests,
    rules,
    statement,
    summits,
    support,
    surveys,
    telling,
    toolkit,
    toolkit_use,
    visits,
    webinars,
)
from cop.demo.people import NAMES, NEEDS
from cop.demo.roles import NAMES as ROLE_NAMES
from cop.demo.roles import ROLES
from cop.demo.stage import Stage
from cop.formats.tables import read_csv
from cop.models.accounts import Account, Person, Sector
from cop.models.organisations import Organisation
from cop.models.outbox import Outbox, OutboxState
from cop.models.programmes import Programme
from cop.services import accounts, imports, programmes, searching
from cop.services.founding import found_programme
from cop.web import ports, run

DATA = Path(__file__).parent / "data"


def load(say: Callable[[str], None]) -> None:
    """Fill an empty database, all of it or nothing. Refusal where it holds a programme already."""
    say("organisations")
    run(_load, SYSTEM)
    history.load()
    say("demo programme loaded")


def _load(work: Work) -> None:
    if work.session.scalar(select(Programme.id).limit(1)) is not None:
        raise Refusal("the database is not empty: the demo programme is only loaded into an empty one")
    chance = random.Random(15)  # noqa: S311  the same invented world each time
    _organisations(work, chance)
    programme = _programme(work)
    people = _people(work, chance)
    _roles(work, programme)
    zone = ports().settings.timezone
    stage = Stage(work, programme, people, zone, chance)
    directory.begin(stage)
    before = (visits, webinars, summits, files, cohorts, support, panel, equality, toolkit, toolkit_use)
    for part in (
        *before,
        forum,
        forum_mails,
        members,
        plans,
        adoption,
        meet_ups,
        surveys,
    ):  # surveys last: they ask who came
        part.load(stage)
    questionnaires.load(stage)
    visits.offer_online(stage)
    directory.finish(stage)
    telling.load(stage)
    requests.load(stage)
    privacy.load(stage)
    _history_was_sent(work)
    telling.finish(stage)
    messages.load(stage)
    replies.load(stage)
    rules.load(stage)
    statement.load(stage)
    programs.load(stage)
    indicators.load(stage)
    coding.load(stage)
    funder_reports.load(stage)
    searching.count_words(work)


def _organisations(work: Work, chance: random.Random) -> None:
    """The 90 real ones. Joining dates are not known: they are invented, and the source says so."""
    rows = read_csv((DATA / "organisations.csv").read_bytes(), *_columns())
    imports.import_organisations(work, rows)
    today = work.now.date()
    for organisation in work.session.scalars(select(Organisation).order_by(Organisation.id)):
        organisation.joined_on = today - timedelta(days=chance.randrange(120, 4_000))
        organisation.source = f"{organisation.source}. Joining date invented for this demonstration."


def _columns() -> tuple[frozenset[str], frozenset[str]]:
    return imports.ORGANISATIONS.required, imports.ORGANISATIONS.optional


def _programme(work: Work) -> Programme:
    today = work.now.date()
    programme = found_programme(
        work,
        slug="health-inequalities",
        name="Taking a co-operative approach to tackling health inequalities",
        summary=(
            "A Policy Lab of the Co-operative Councils’ Innovation Network: councils, residents and partners learn "
            "from one another how to close the gap in healthy life, and put it into practice at home."
        ),
        starts_on=today - timedelta(days=270),
        ends_on=today + timedelta(days=240),
    )
    programmes.create_series(
        work,
        programme_id=programme.id,
        slug="site-visits",
        name="Site visits",
        summary="Places where a council and its community run health together, open to all members.",
    )
    return programme


def _people(work: Work, chance: random.Random) -> Sequence[Person]:
    """Invented people from all sectors, spread over the organisations."""
    organisation_ids = work.session.scalars(select(Organisation.id).order_by(Organisation.id)).all()
    sectors = list(Sector)
    people = []
    for number, name in enumerate(NAMES):
        address = f"{'.'.join(name.lower().split())}@people.example".replace("’", "")
        person, _made = accounts.person_with_email(work, email=address, name=name)
        person.needs = NEEDS[number // 6 % len(NEEDS)] if number % 6 == 0 else None
        accounts.set_affiliation(
            work,
            person_id=person.id,
            organisation_id=chance.choice(organisation_ids),
            sector=sectors[number % len(sectors)],
        )
        work.session.add(Account(person_id=person.id, email_verified_at=work.now, session_epoch=0))
        people.append(person)
    work.session.flush()
    return people


def _roles(work: Work, programme: Programme) -> None:
    """One account per role; who only takes part holds no grant."""
    stevenage = work.session.scalars(select(Organisation.id).where(Organisation.name.contains("Stevenage"))).first()
    for role, address in ROLES.items():
        person, _made = accounts.person_with_email(work, email=address, name=ROLE_NAMES[role])
        is_of_network = role == Role.ADMIN  # the secretariat belongs to no member, so it has a conflict with nobody
        accounts.set_affiliation(
            work,
            person_id=person.id,
            organisation_id=None if is_of_network else stevenage,
            sector=Sector.COUNCIL_OFFICER,
            role_title="Secretariat" if is_of_network else "Officer",
        )
        work.session.add(Account(person_id=person.id, email_verified_at=work.now, session_epoch=0))
        if role in list(Role):
            scope = None if role == Role.ADMIN else programme.slug
            accounts.grant(work, email=address, role=Role(role), programme_slug=scope)
    work.session.flush()


def _history_was_sent(work: Work) -> None:
    """The invented past sent its mail long ago; only what is posted from now on is delivered."""
    past = update(Outbox).where(Outbox.state == OutboxState.PENDING, Outbox.due_at < work.now - timedelta(hours=1))
    work.session.execute(past.values(state=OutboxState.SENT, sent_at=Outbox.due_at, attempts=1))
