"""What mail servers report: samples of several, about any message and address."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "formats" / "reports"

HARD = ("exchange-online", "postfix", "exim", "gmail")


def report(name: str, message_id: str, address: str) -> bytes:
    """The report of that name about one of our messages; ``message_id`` is what the outbox knows."""
    raw = (FOLDER / f"{name}.eml").read_bytes()
    return raw.replace(b"MESSAGE", message_id.encode()).replace(b"ADDRESS", address.encode())
