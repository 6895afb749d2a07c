"""A privacy notice that was written anew, and somebody who was erased at their wish."""

from cop.demo.stage import Stage
from cop.models.accounts import Person
from cop.queries.privacy.notices import FIRST
from cop.queries.privacy.ready_made import READY_MADE
from cop.services import erasing, notices
from cop.services.erasing import Posts

BOOKING = (
    "We use this to run the visit, and to count whom the programme reaches. The hosts at the Healthy Hub see who is "
    "coming, and nobody else does."
)


def load(stage: Stage) -> None:
    ready_made = READY_MADE["booking"]
    notices.publish(stage.work, place="booking", summary=BOOKING, body=ready_made.body, seen=FIRST)
    _somebody_left(stage)


def _somebody_left(stage: Stage) -> None:
    """Nobody can tell any more who: that is what it shows."""
    work = stage.ago(days=2)
    person = Person(name="Gone Again", email="gone-again@demo.example", created_at=work.now)
    work.session.add(person)
    work.session.flush()
    erasing.erase_person(work, public_id=person.public_id, posts=Posts.DELETE)
