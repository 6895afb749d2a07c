"""What a message is: what its templates show, why it is sent, and what it does to a calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cop.core.work import Reading
from cop.models.outbox import Outbox

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of message: ``load`` reads what its templates show, and None means that it has become pointless.

    What it gives as ``headers`` becomes headers of the letter.

    ``why`` is the footer's answer to "why did I get this"; ``method`` is the iTIP method of its calendar entries.
    """

    load: Callable[[Reading, Outbox], Values | None]
    why: str
    method: str | None = None


def is_preview(row: Outbox) -> bool:
    """Whether a message is only looked at: then it is drawn whatever has become of what it tells about."""
    return row.id is None
