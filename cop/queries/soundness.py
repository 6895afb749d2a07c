"""Whether the database keeps the service's promises about places: an independent look, by plain SQL; and whether the
record of each course's selection is the one that was written.

The constraints and the trigger refuse most of this anyway. The tests, ``make soak``, ``cop db verify`` and
``cop restore`` ask again.
"""

from sqlalchemy import text

from cop.core.work import Reading
from cop.queries.cohorts.drawing import broken_chains
from cop.queries.waiting import LAST_CALL

NEVER = {
    "event {0} counts {1} seats, and {2} are claimed": """
        SELECT e.slug, e.seats_taken, coalesce(sum(c.seats), 0) FROM event e
        LEFT JOIN claim c ON c.event_id = e.id AND c.part_id IS NULL AND c.released_at IS NULL
        GROUP BY e.id HAVING e.seats_taken <> CASE WHEN e.capacity IS NULL THEN 0 ELSE coalesce(sum(c.seats), 0) END
    """,
    "day limit {0} counts {1} seats, and {2} are claimed": """
        SELECT d.id, d.seats_taken, coalesce(sum(c.seats), 0) FROM day_limit d
        LEFT JOIN part p ON p.day_limit_id = d.id
        LEFT JOIN claim c ON c.part_id = p.id AND c.released_at IS NULL
        GROUP BY d.id HAVING d.seats_taken <> coalesce(sum(c.seats), 0)
    """,
    "part {0} counts {1} seats, and {2} are claimed": """
        SELECT p.id, p.seats_taken, coalesce(sum(c.seats), 0) FROM part p
        LEFT JOIN claim c ON c.part_id = p.id AND c.released_at IS NULL
        GROUP BY p.id HAVING p.seats_taken <> CASE WHEN p.capacity IS NULL THEN 0 ELSE coalesce(sum(c.seats), 0) END
    """,
    "booking {0} is for a party of {1}, and has {2} seats": """
        SELECT b.id, b.party_size, (SELECT count(*) FROM seat s WHERE s.booking_id = b.id AND s.live) FROM booking b
        WHERE (SELECT count(*) FROM seat s WHERE s.booking_id = b.id AND s.live)
            <> CASE b.state WHEN 'live' THEN b.party_size ELSE 0 END
    """,
    "booking {0} is for a party of {1}, and a claim of it says {2}": """
        SELECT b.id, b.party_size, c.seats FROM booking b
        JOIN claim c ON c.booking_id = b.id AND c.released_at IS NULL WHERE c.seats <> b.party_size
    """,
    "booking {0} has {1} claims on its event": """
        SELECT b.id, count(c.id) FROM booking b
        LEFT JOIN claim c ON c.booking_id = b.id AND c.event_id = b.event_id
            AND c.part_id IS NULL AND c.released_at IS NULL
        GROUP BY b.id HAVING count(c.id) <> CASE WHEN b.state = 'live' AND b.source <> 'walk-in' THEN 1 ELSE 0 END
    """,
    "booking {0} has calendar entries for the parts {1}, and claims on {2}": """
        SELECT booking_id, coalesce(shown.parts, '{}'), coalesce(held.parts, '{}') FROM (
            SELECT booking_id, array_agg(part_id ORDER BY part_id) AS parts FROM entry
            WHERE status = 'confirmed' GROUP BY booking_id) shown
        FULL JOIN (
            SELECT booking_id, array_agg(part_id ORDER BY part_id) AS parts FROM claim
            WHERE released_at IS NULL AND part_id IS NOT NULL AND booking_id IS NOT NULL GROUP BY booking_id) held
        USING (booking_id) WHERE shown.parts IS DISTINCT FROM held.parts
    """,
    "{0} holds more than its capacity": """
        SELECT 'event ' || id FROM event WHERE seats_taken > capacity
        UNION ALL SELECT 'part ' || id FROM part WHERE seats_taken > capacity
        UNION ALL SELECT 'day ' || id FROM day_limit WHERE seats_taken > capacity
    """,
    "person {0} holds two bookings of one event": """
        SELECT person_id::text FROM booking WHERE state = 'live' GROUP BY event_id, person_id HAVING count(*) > 1
    """,
    "open offer {0} has {1} claims on its event": """
        SELECT o.id, count(c.id) FROM offer o
        LEFT JOIN claim c ON c.offer_id = o.id AND c.event_id = o.event_id
            AND c.part_id IS NULL AND c.released_at IS NULL
        WHERE o.state = 'open' GROUP BY o.id HAVING count(c.id) <> 1
    """,
    "open offer {0} is of {1} places, and a claim of it says {2}": """
        SELECT o.id, o.party_size, c.seats FROM offer o
        JOIN claim c ON c.offer_id = o.id AND c.released_at IS NULL WHERE c.seats <> o.party_size
    """,
    "open offer {0} has claims on the parts {1}, and belongs to {2}": """
        SELECT o.id, held.parts, wanted.parts FROM offer o JOIN event e ON e.id = o.event_id
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(c.part_id ORDER BY c.part_id), '{}') AS parts FROM claim c
            WHERE c.offer_id = o.id AND c.released_at IS NULL AND c.part_id IS NOT NULL) held
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(p.id ORDER BY p.id), '{}') AS parts FROM part p
            WHERE p.event_id = o.event_id AND p.state = 'planned'
            AND (e.choice = 'all' OR e.choice = 'any' AND p.kind = 'agenda' OR EXISTS (
                SELECT FROM waiting_part w WHERE w.waiting_id = o.waiting_id AND w.part_id = p.id))) wanted
        WHERE o.state = 'open' AND CASE e.choice
            WHEN 'one' THEN cardinality(held.parts) <> 1 OR NOT held.parts <@ wanted.parts
            ELSE held.parts <> wanted.parts END
    """,
    "claim {0} is held for an offer that has ended": """
        SELECT claim.id::text FROM claim JOIN offer ON offer.id = claim.offer_id
        WHERE claim.released_at IS NULL AND offer.state <> 'open'
    """,
    "entry {0} of a waiting list and its offer contradict each other": """
        SELECT waiting.id::text FROM waiting WHERE (waiting.state = 'offered') <> EXISTS (
            SELECT FROM offer WHERE offer.waiting_id = waiting.id AND offer.state = 'open')
    """,
    "entry {0} of a waiting list is by somebody who holds a booking": """
        SELECT waiting.id::text FROM waiting JOIN booking USING (event_id, person_id)
        WHERE booking.state = 'live' AND waiting.state IN ('waiting', 'offered') AND NOT waiting.split_ok
    """,
}
"""What may be true at no instant: a sentence, and the SELECT of what goes into it.

Of the slots that somebody waits for, an offer holds one. Of a course it holds every half-day, and of a summit the whole
agenda with the breakouts that were wished for; what was called off belongs to nobody.
"""

WAITS_THOUGH_THERE_IS_ROOM = """
        SELECT waiting.id::text FROM waiting JOIN event ON event.id = waiting.event_id
        JOIN waiting_part ON waiting_part.waiting_id = waiting.id
        JOIN part ON part.id = waiting_part.part_id AND part.state = 'planned' AND part.starts_at > :soon
        LEFT JOIN day_limit day ON day.id = part.day_limit_id
        WHERE waiting.state = 'waiting' AND event.choice = 'one' AND event.state = 'published'
        AND (event.queue = 'fit' OR waiting.id = (
            SELECT min(first.id) FROM waiting first WHERE first.event_id = event.id AND first.state = 'waiting'))
        AND event.per_organisation IS NULL
        AND least(event.capacity - event.seats_taken, part.capacity - part.seats_taken,
            day.capacity - day.seats_taken) >= CASE WHEN waiting.split_ok THEN 1 ELSE waiting.party_size END
    """
"""Entries of visits without shares who would get a place if somebody made the offer now."""


def unsound(read: Reading, *, at_rest: bool = True) -> list[str]:
    """One line for each promise that is not kept, of all events.

    ``at_rest``: also whether somebody waits who would fit, which holds as soon as nobody is at work on the event.
    """
    found = [
        sentence.format(*row) for sentence, statement in NEVER.items() for row in read.session.execute(text(statement))
    ]
    found += broken_chains(read)
    if at_rest:
        waits = read.session.scalars(text(WAITS_THOUGH_THERE_IS_ROOM), {"soon": read.now + LAST_CALL})
        found += [f"entry {entry} of a waiting list waits though there is room" for entry in waits]
    return found
