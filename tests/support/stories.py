"""Stories in tests, told by the services."""

from typing import Any

from cop.core.access import Actor
from cop.models.accounts import Person
from cop.models.adoption import Story, StoryConsent
from cop.queries.stories import STEPS
from cop.services import stories as services
from tests.support.make import Make, Working

WORDS = {
    "activity": "I came to the morning at the hub.",
    "insight": "Residents run the reception themselves.",
    "application": "We asked two residents to run ours.",
    "result": "People stay for tea now.",
    "change": "Forty more people come each week.",
}


def write_all(work: Working, actor: Actor, story: Story, **other: str) -> Story:
    """All five steps, with words of one's own for some."""
    words = {**WORDS, **other}
    for step in STEPS:
        with work(actor) as opened:
            story = services.write(opened, public_id=story.public_id, step=step, words=words[step], seen=story.revision)
    return story


def begin(make: Make, work: Working, person: Person, title: str = "Tea at reception") -> Story:
    make.programme()
    with work(make.actor(person)) as opened:
        return services.begin(opened, title=title)


def tell(
    make: Make,
    work: Working,
    person: Person,
    title: str = "Tea at reception",
    consent: StoryConsent = StoryConsent.PUBLIC,
    *,
    named: bool = True,
    **words: Any,
) -> Story:
    """A story from its first word to its readers."""
    story = write_all(work, make.actor(person), begin(make, work, person, title), **words)
    with work(make.actor(person)) as opened:
        return services.tell(opened, public_id=story.public_id, consent=consent, named=named)
