"""Messages about pledges, and to leads about how their organisation rates itself."""

from cop.core.errors import NotFound
from cop.core.place import day_of
from cop.core.work import Reading
from cop.mail.kinds import Values, is_preview
from cop.models.accounts import Person
from cop.models.adoption import RatingWave
from cop.models.outbox import Outbox
from cop.queries import pledges, ratings
from cop.web import address


def pledge_check(read: Reading, row: Outbox) -> Values | None:
    """Pointless once somebody has said how the pledge stands, or it was put off or removed."""
    if row.person_id is None:
        return None
    try:
        found = pledges.asked(read, commitment_id=row.params["pledge_id"], person_id=row.person_id).pledge
    except NotFound:
        return None
    if not (found.is_due(day_of(read.now)) or is_preview(row)):
        return None
    person = read.session.get_one(Person, row.person_id)
    return {
        "pledge": found,
        "again": row.params["again"],
        "link": address("pledges.by_link", token=pledges.link_token(person, found.id)),
    }


def rating_invitation(read: Reading, row: Outbox) -> Values | None:
    """Pointless once the rating is complete, or for somebody who does not speak for the organisation any more."""
    wave = RatingWave(row.params["wave"])
    found = ratings.for_mail(read, organisation_id=row.params["organisation_id"])
    if found is None or row.person_id is None:
        return None
    if not ratings.is_lead(read, person_id=row.person_id, organisation_id=found.organisation.id):
        return None
    if found.is_done(wave) and not is_preview(row):
        return None
    return {
        "organisation": found.organisation,
        "wave": wave,
        "link": address("ratings.rating", slug=found.organisation.slug),
    }
