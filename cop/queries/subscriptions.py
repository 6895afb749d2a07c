"""The links in mails that end what they are about: a topic of mail, or what somebody follows in the forum."""

from dataclasses import dataclass

from sqlalchemy import func, select

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.forum import FollowLevel
from cop.models.outbox import MailTopic
from cop.queries import forum
from cop.queries.reach import turned_off

UNSUBSCRIBE = "unsubscribe"
"""The purpose under which links that turn a topic off are signed."""

WHOSE = func.coalesce(Person.merged_into, Person.id)
"""The person whom a link means: links of a record that was merged into another mean that one."""


def token_for(person: Person, topic: MailTopic) -> str:
    return secrecy.sign(UNSUBSCRIBE, f"{topic}:{person.public_id}")


def read_token(token: str) -> tuple[MailTopic, str] | None:
    """The topic and the person's random word of a genuine token, else None."""
    signed = secrecy.read_signed(UNSUBSCRIBE, token)
    topic, _, public_id = signed[0].partition(":") if signed else ("", "", "")
    return (MailTopic(topic), public_id) if topic in set(MailTopic) else None


@dataclass(frozen=True)
class Subscription:
    """What a link in a mail ends: all mail of a topic, or of one thing that was followed in the forum."""

    wanted: bool
    topic: MailTopic
    followed: forum.Followed | None = None


def subscription(read: Reading, *, token: str) -> Subscription:
    """What the signed link of a mail stands for; NotFound for a forged one."""
    signed = read_token(token)
    if signed is None:
        followed = forum.followed_by_link(read, token=token)
        return Subscription(followed.level is FollowLevel.FOLLOW, MailTopic.FORUM, followed)
    topic, public_id = signed
    is_off = read.session.scalar(select(turned_off(WHOSE, topic)).where(Person.public_id == public_id))
    if is_off is None:
        raise NotFound
    return Subscription(not is_off, topic)
