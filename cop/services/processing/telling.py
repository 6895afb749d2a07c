"""What an entry of the records of processing says."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Told:
    """``review_on`` is the day on which it is to be looked at again."""

    name: str
    purpose: str
    basis: str
    people: str
    data: str
    recipients: str = ""
    transfers: str = ""
    kept: str = ""
    safeguards: str = ""
    review_on: date | None = None
