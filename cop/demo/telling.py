"""Who agreed to news, who wants to hear of the next round, and two announcements: one that went out, and a draft."""

from dataclasses import replace

from cop.core.access import Actor, Grant, Role
from cop.core.audiences import Audience
from cop.core.work import Work
from cop.demo.stage import Stage, as_person
from cop.models.telling import How, Purpose
from cop.services import announcements, consents, interest

DAYS_AGO = 6
"""When the announcement that is over went out."""

TO_NEWS = Audience(consent=True)
TO_THE_LIST = Audience(interest=True)

SUBJECT = "What three mornings in Stevenage changed"
BODY = """Three councils came to the Healthy Hub this spring, and each took something home.

- **Paying people for their time** before the first meeting, not after the last
- One page that says who decides what
- A kettle in every room

The notes are on the page of each visit. Would you show others what you do? Tell us, and we look for a date."""

DRAFT_SUBJECT = "The next course opens, {name}"
DRAFT_BODY = """You asked us to tell you: the next Change Maker course takes applications from Monday.

Fifteen places, two days on site, residents and council people and partners together."""


def load(stage: Stage) -> None:
    """Before the past is said to have been sent: its letters are among it."""
    early = stage.ago(days=30)
    for person in stage.people[::4]:
        consents.give(as_person(early, person), purpose=Purpose.NEWS)
    consents.give(as_person(early, stage.role("alumna")), purpose=Purpose.QUOTES)
    secretariat = _secretariat(stage, early)
    consents.note(secretariat, public_id=stage.people[1].public_id, purpose=Purpose.PHOTOGRAPHS, how=How.TELEPHONE)
    for person in (*stage.people[5:40:7], stage.role("participant")):
        interest.join(as_person(early, person), programme_id=stage.programme.id)
    then = stage.ago(days=DAYS_AGO)
    went = announcements.write(
        _secretariat(stage, then), programme_id=stage.programme.id, subject=SUBJECT, body=BODY, audience=TO_NEWS
    )
    announcements.send(
        _secretariat(stage, then), public_id=went.public_id, revision=went.revision, send_at=None, stage=None
    )
    announcements.release(then, announcement_id=went.id)
    announcements.write(
        _secretariat(stage, stage.work),
        programme_id=stage.programme.id,
        subject=DRAFT_SUBJECT,
        body=DRAFT_BODY,
        audience=TO_THE_LIST,
    )


def finish(stage: Stage) -> None:
    """Once the past was sent: what went out is over."""
    then = stage.ago(days=DAYS_AGO - 2)
    for announcement_id in announcements.under_way(then):
        announcements.release(then, announcement_id=announcement_id)


def _secretariat(stage: Stage, work: Work) -> Work:
    return replace(work, actor=Actor(stage.role("admin").id, (Grant(Role.ADMIN),)))
