"""Records that are only ever added to, each with the hash of the one before it.

Whoever changes one of them has to change all that come after, and whoever noted the last hash can tell.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

FIRST = ""
"""What the first record of a chain has in place of the hash of the one before."""


def canonical(content: Any) -> str:
    """JSON in the one form that its content has: keys in order, no spaces, no characters beyond ASCII."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(words: str) -> str:
    """The SHA-256 of the words in UTF-8, as 64 hexadecimal characters."""
    return sha256(words.encode()).hexdigest()


def link(previous: str, *, of: str, number: int, step: str, body: str, at: datetime) -> str:
    """The hash of one record: of the canonical JSON of all of its parts, ``previous`` among them.

    ``of`` names the chain, ``number`` counts its records from 1, ``at`` is an instant in any time zone.
    """
    parts = {
        "previous": previous,
        "of": of,
        "number": number,
        "step": step,
        "body": body,
        "at": at.astimezone(UTC).isoformat(),
    }
    return digest(canonical(parts))
