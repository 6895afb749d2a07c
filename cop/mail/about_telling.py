"""Announcements, and the letter by which somebody confirms that they want to hear of the next round."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cop.core.work import Reading
from cop.mail.drawing import name_of
from cop.mail.kinds import Values, is_preview
from cop.mail.letters_by_staff import written
from cop.models.accounts import Person
from cop.models.outbox import Outbox
from cop.models.telling import AnnouncementState, Interest
from cop.queries import announcements, interest
from cop.queries.interest import Stage
from cop.web import address


def announcement(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it was stopped, and for somebody to whom we may not write any more.

    Whoever wants to hear of the next round can leave that list from here too.
    """
    if row.person_id is None:
        return None
    found = announcements.of_letter(read, announcement_id=row.params["announcement_id"])
    is_over = found.state is AnnouncementState.STOPPED
    may_get = not is_over and announcements.may_still_get(read, found, person_id=row.person_id)
    if not may_get and not is_preview(row):
        return None
    fields = {"name": name_of(read.session.get(Person, row.person_id)), "programme": found.programme.name}
    listed = interest.of_person(read, programme_id=found.programme_id, person_id=row.person_id)
    leave = address("interest.by_link", token=interest.token_of(listed)) if listed is not None else None
    return {"letter": written(subject=found.subject, body=found.body, fields=fields), "leave_link": leave}


def interest_confirm(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it was confirmed, or waited too long."""
    wanted = select(Interest).where(Interest.id == row.params["interest_id"]).options(joinedload(Interest.programme))
    found = read.session.scalars(wanted).one_or_none()
    if found is None or interest.stage_of(read, found) is not Stage.WAITING:
        return None
    link = address("confirmations.confirm", token=interest.token_of(found))
    return {"programme": found.programme, "link": link}
