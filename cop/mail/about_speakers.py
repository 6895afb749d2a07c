"""Messages to those who speak at an event."""

from cop.core.work import Reading
from cop.mail.kinds import Values
from cop.models.outbox import Outbox
from cop.queries import speakers
from cop.web import address


def asked(read: Reading, row: Outbox) -> Values | None:
    """Pointless once they have answered, at another address, or it is over."""
    found = speakers.asked(read, row.params["speaker_id"])
    is_open = speakers.standing(found.speaker) is speakers.Standing.SILENT and not found.is_over(read.now)
    if not is_open or found.speaker.generation != row.params["generation"]:
        return None
    return {
        "speaker": found.speaker,
        "event": found.event,
        "parts": found.parts,
        "link": address("speakers.speaker", token=speakers.link_token(found.speaker)),
    }
