"""Announcements: written as drafts, sent at once, at a time or in stages, and stopped midway."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, update

from cop.core import fields
from cop.core.audiences import Audience
from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.core.working_hours import is_quiet
from cop.models.accounts import Person
from cop.models.outbox import Dropped, Outbox, OutboxClass, OutboxState
from cop.models.programmes import Programme
from cop.models.telling import Announcement, AnnouncementState
from cop.queries import announcements as queries
from cop.queries.messages import of_announcement
from cop.services import messages, outbox

FIELDS = ("name", "programme")
"""What can stand in braces in the subject and the text."""

STAGE = timedelta(hours=1)

USEFUL_FOR = timedelta(days=14)
"""A letter that has waited longer behind other mail is news no more."""

UNDER_WAY = (AnnouncementState.SCHEDULED, AnnouncementState.SENDING)


def write(work: Work, *, programme_id: int, subject: str, body: str, audience: Audience) -> Announcement:
    """A draft, which nobody gets."""
    _only_admins(work)
    _refuse_unknown_fields(subject, body)
    if work.session.get(Programme, programme_id) is None:
        raise Refusal(marked("Choose a programme"), field="programme_id")
    made = Announcement(
        programme_id=programme_id,
        subject=subject,
        body=body,
        audience=audience.as_json(),
        made_at=work.now,
        made_by=work.actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def rewrite(work: Work, *, public_id: str, revision: int, subject: str, body: str, audience: Audience) -> None:
    """Change a draft; ``revision`` is that of the page."""
    found = _draft(work, public_id, revision)
    _refuse_unknown_fields(subject, body)
    found.subject, found.body, found.audience = subject, body, audience.as_json()
    found.revision += 1


def send(work: Work, *, public_id: str, revision: int, send_at: datetime | None, stage: int | None) -> Announcement:
    """Let a draft go out, now or at a time, to all at once or to so many an hour."""
    found = _draft(work, public_id, revision)
    if send_at is not None and send_at <= work.now:
        raise Refusal(marked("Choose a time that is still to come"), field="send_at")
    if not queries.counted(work, found).reached:
        raise Refusal(marked("Nobody would get it. Choose another audience first."))
    found.state, found.send_at, found.stage = AnnouncementState.SCHEDULED, send_at or work.now, stage
    found.revision += 1
    return found


def stop(work: Work, *, public_id: str) -> int:
    """End it where it is: what was not sent yet is dropped, and how much that was.

    What nobody has begun to send becomes a draft again.
    """
    found = _locked(work, public_id)
    if found.state is AnnouncementState.SCHEDULED:
        found.state, found.send_at, found.stage = AnnouncementState.DRAFT, None, None
        found.revision += 1
        return 0
    if found.state is not AnnouncementState.SENDING:
        raise Refusal(marked("There is nothing left to stop. Look at the page again."))
    found.state, found.ended_at = AnnouncementState.STOPPED, work.now
    own = update(Outbox).where(of_announcement(found.id), Outbox.state == OutboxState.PENDING)
    dropped = own.values(state=OutboxState.DROPPED, last_error=Dropped.POINTLESS).returning(Outbox.id)
    return len(work.session.scalars(dropped).all())


def send_test(work: Work, *, public_id: str) -> None:
    """Send the acting admin what they would get, and nobody else anything."""
    found = queries.announcement(work, public_id=public_id)
    if work.actor.person_id is None:
        raise NotFound
    about = {"announcement_id": found.id}
    messages.send_test(work, kind="announcement", for_person=work.actor.person_id, about=about)


def under_way(work: Work) -> Sequence[int]:
    """The announcements whose time has come."""
    due = select(Announcement.id).where(Announcement.state.in_(UNDER_WAY), Announcement.send_at <= work.now)
    return work.session.scalars(due.order_by(Announcement.send_at, Announcement.id)).all()


def release(work: Work, *, announcement_id: int) -> int:
    """Post the letters that are due; how many.

    A stage goes out in working hours only: what a night brings together would leave at once in the morning. Once all
    are posted and none waits any more, the announcement is sent.
    """
    if work.actor.via != "system":
        raise NotFound
    locked = select(Announcement).where(Announcement.id == announcement_id).with_for_update(skip_locked=True)
    found = work.session.scalars(locked).one_or_none()
    if found is None or found.state not in UNDER_WAY:
        return 0
    is_due = _is_due(found, work.now)
    posted = _post(work, found) if is_due else 0
    if is_due:
        found.state, found.stage_at = AnnouncementState.SENDING, work.now
    all_posted = not posted if is_due else found.stage is None
    if all_posted and not queries.progress(work, announcement_id=found.id).waiting:
        found.state, found.ended_at = AnnouncementState.SENT, work.now
    return posted


def _is_due(found: Announcement, now: datetime) -> bool:
    if found.stage is None:
        return found.stage_at is None
    return not is_quiet(now) and (found.stage_at is None or found.stage_at <= now - STAGE)


def _post(work: Work, found: Announcement) -> int:
    """A letter for everybody who has none yet, or for as many as a stage has."""
    people = queries.recipients(found).order_by(func.md5(Person.public_id)).limit(found.stage).subquery("people")
    key = func.concat("announcement:", found.id, ":", people.c.id)
    until = literal(work.now + USEFUL_FOR)
    return outbox.post_all(
        work,
        found=select(people.c.id.label("person_id"), key.label("key"), until.label("until")),
        template="announcement",
        urgency=OutboxClass.ROUTINE,
        announcement_id=found.id,
    )


def _draft(work: Work, public_id: str, revision: int) -> Announcement:
    found = _locked(work, public_id)
    if found.state is not AnnouncementState.DRAFT:
        raise Refusal(marked("This announcement is under way already, so it cannot be changed any more."))
    if found.revision != revision:
        raise Refusal(
            marked("Somebody else has changed this announcement since you opened the page. Look at it again.")
        )
    return found


def _locked(work: Work, public_id: str) -> Announcement:
    _only_admins(work)
    found = select(Announcement).where(Announcement.public_id == public_id).with_for_update()
    one = work.session.scalars(found).one_or_none()
    if one is None:
        raise NotFound
    return one


def _only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound


def _refuse_unknown_fields(subject: str, body: str) -> None:
    for name, text in (("subject", subject), ("body", body)):
        for unknown in fields.unknown(text, FIELDS):
            raise Refusal(
                marked("{%(unknown)s} stands for nothing: use {name} or {programme}"), field=name, unknown=unknown
            )
