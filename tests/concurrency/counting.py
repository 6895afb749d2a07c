"""Whether what the database counts equals what is really claimed."""

from sqlalchemy import text
from sqlalchemy.orm import Session

MISCOUNTS = {
    "event": """
        SELECT e.id, e.seats_taken, coalesce(sum(c.seats), 0) FROM event e
        LEFT JOIN claim c ON c.event_id = e.id AND c.part_id IS NULL AND c.released_at IS NULL
        WHERE e.capacity IS NOT NULL GROUP BY e.id HAVING e.seats_taken <> coalesce(sum(c.seats), 0)
    """,
    "day": """
        SELECT d.id, d.seats_taken, coalesce(sum(c.seats), 0) FROM day_limit d
        LEFT JOIN part p ON p.day_limit_id = d.id
        LEFT JOIN claim c ON c.part_id = p.id AND c.released_at IS NULL
        GROUP BY d.id HAVING d.seats_taken <> coalesce(sum(c.seats), 0)
    """,
    "part": """
        SELECT p.id, p.seats_taken, coalesce(sum(c.seats), 0) FROM part p
        LEFT JOIN claim c ON c.part_id = p.id AND c.released_at IS NULL
        WHERE p.capacity IS NOT NULL GROUP BY p.id HAVING p.seats_taken <> coalesce(sum(c.seats), 0)
    """,
    "party": """
        SELECT b.id, b.party_size, (SELECT count(*) FROM seat s WHERE s.booking_id = b.id AND s.live) FROM booking b
        WHERE (SELECT count(*) FROM seat s WHERE s.booking_id = b.id AND s.live)
            <> CASE b.state WHEN 'live' THEN b.party_size ELSE 0 END
    """,
    "claim": """
        SELECT b.id, b.party_size, c.seats FROM booking b
        LEFT JOIN claim c ON c.booking_id = b.id AND c.released_at IS NULL
        WHERE (b.state = 'live' AND b.source <> 'walk-in') <> (c.id IS NOT NULL) OR c.seats <> b.party_size
    """,
}
"""Where a counter, a party's seats or its claims differ from one another: id, what is kept, what is found."""


def miscounts(session: Session) -> list[str]:
    """One line for every number that is not what it should be; nothing when all promises were kept."""
    return [
        f"{unit} {row[0]}: {row[1]} kept, {row[2]} found"
        for unit, statement in MISCOUNTS.items()
        for row in session.execute(text(statement))
    ]


def live_seats(session: Session) -> int:
    """People who hold a place, over all events."""
    return int(session.scalar(text("SELECT count(*) FROM seat WHERE live")) or 0)
