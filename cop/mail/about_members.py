"""Letters that members write to one another, and news of offers and asks that fit together."""

from cop.core.work import Reading
from cop.mail.kinds import Values
from cop.models.accounts import Person
from cop.models.members import Relay
from cop.models.outbox import Outbox
from cop.queries.forum import offers
from cop.web import address


def member_letter(read: Reading, row: Outbox) -> Values | None:
    """Pointless once it was reported or forgotten. Staff who look at the message do not read its words."""
    letter = read.session.get(Relay, row.params["letter_id"])
    if letter is None or letter.reported_at is not None:
        return None
    sender = read.session.get_one(Person, letter.from_person_id)
    return {
        "sender": " ".join(sender.name.split()),
        "words": letter.body if read.actor.via == "system" else None,
        "is_answer": letter.answers is not None,
        "link": address("members.letter", public_id=letter.public_id),
        "entry_link": address("members.me"),
    }


def forum_match(read: Reading, row: Outbox) -> Values | None:
    """Pointless once either was taken up, hidden or changed, or the recipient does not get in any more."""
    if row.person_id is None:
        return None
    topic_id, own_id = row.params["topic_id"], row.params["own_id"]
    found = offers.told(read, person_id=row.person_id, topic_id=topic_id, own_id=own_id)
    if found is None:
        return None
    topic, own, shared = found
    where = {"space": topic.space_slug, "topic_id": topic.id, "slug": topic.slug}
    return {
        "topic": topic,
        "own": own,
        "shared": shared,
        "link": address("forum.topic", **where),
        "own_link": address("forum.offer", topic_id=own.id),
    }
