"""Mail that somebody turned off and asks for again."""

from sqlalchemy import update

from cop.core.work import Work
from cop.models.outbox import MailTopic, Preference


def want_again(work: Work, *, person_id: int, topic: MailTopic) -> None:
    """Let mail of a topic go to somebody again who has just asked for it; the caller has seen that they may."""
    again = update(Preference).where(Preference.person_id == person_id, Preference.topic == topic, ~Preference.wanted)
    work.session.execute(again.values(wanted=True, changed_at=work.now))
