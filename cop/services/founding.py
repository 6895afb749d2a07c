"""A new programme with what every programme begins with."""

from datetime import date

from cop.core.work import Work
from cop.models.programmes import Programme
from cop.services import forum, programmes, tags


def found_programme(
    work: Work, *, name: str, summary: str, starts_on: date, ends_on: date, slug: str = ""
) -> Programme:
    """Add a programme with the ready-made spaces of its forum, and the words to sort by where they are missing."""
    programme = programmes.create_programme(
        work, name=name, summary=summary, starts_on=starts_on, ends_on=ends_on, slug=slug
    )
    tags.ensure(work)
    forum.add_ready_made(work, programme_id=programme.id)
    return programme
