"""What the search finds among the stories that were told."""

from typing import Any

from sqlalchemy import Select, case, func, select

from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.adoption import STORY_WORDS, Story
from cop.models.organisations import Organisation
from cop.queries.search_page.shared import LIMIT, OFFSET, excerpt, ranked, vector
from cop.queries.stories import seen_by


def stories(read: Reading) -> Select[*tuple[Any, ...]]:
    """Those that the actor may read; with the teller's name only where the story stands with it."""
    fits = ranked(Story.id, vector(STORY_WORDS), seen_by(read))
    best = select(fits).order_by(fits.c.rank.desc(), fits.c.id.desc()).limit(LIMIT).offset(OFFSET).subquery("best")
    teller = case((Story.named, func.concat_ws(", ", Person.name, Organisation.name)), else_="")
    told = (Story.activity, Story.insight, Story.application, Story.result, Story.change)
    return (
        select(Story.title, teller, excerpt(func.concat_ws(" ", *told)), Story.public_id.label("public_id"))
        .join(best, best.c.id == Story.id)
        .join(Person, Person.id == Story.person_id)
        .outerjoin(Organisation, Organisation.id == Story.organisation_id)
        .order_by(best.c.rank.desc(), Story.id.desc())
    )
