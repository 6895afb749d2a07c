"""What somebody wants to be mailed about, said on their own page or by the link in a mail."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import NotFound
from cop.core.work import Work
from cop.models.accounts import Person
from cop.models.forum import FollowLevel
from cop.models.outbox import MailTopic, Preference
from cop.queries import subscriptions
from cop.services import forum


def choose(work: Work, *, wanted: Collection[MailTopic]) -> None:
    """Let the acting person get mail of these topics and of no others."""
    if work.actor.person_id is None:
        raise NotFound
    for topic in MailTopic:
        _say(work, work.actor.person_id, topic, wanted=topic in wanted)


def choose_by_link(work: Work, *, token: str, wanted: bool) -> None:
    """End what the signed link of a mail stands for, or take it up again, by whoever holds it."""
    signed = subscriptions.read_token(token)
    if signed is None:
        forum.follow_by_link(work, token=token, level=FollowLevel.FOLLOW if wanted else FollowLevel.MUTE)
        return
    topic, public_id = signed
    person_id = work.session.scalar(select(subscriptions.WHOSE).where(Person.public_id == public_id))
    if person_id is None:
        raise NotFound
    _say(work, person_id, topic, wanted=wanted)


def _say(work: Work, person_id: int, topic: MailTopic, *, wanted: bool) -> None:
    said = insert(Preference).values(person_id=person_id, topic=topic, wanted=wanted, changed_at=work.now)
    changed = {"wanted": wanted, "changed_at": work.now}
    work.session.execute(
        said.on_conflict_do_update(
            index_elements=["person_id", "topic"], set_=changed, where=Preference.wanted.is_not(wanted)
        )
    )
