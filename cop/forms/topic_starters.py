"""Templates with which somebody can begin a topic, chosen by a link: a title to start from, and questions to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

WEBINAR, VISIT = "webinar", "visit"


@dataclass(frozen=True)
class Starter:
    """``kind`` is what the form has chosen already (``KINDS`` of forms/topics.py); ``body`` is what the box holds."""

    name: Any
    about: Any
    kind: str
    body: Any


STARTERS: Mapping[str, Starter] = {
    "question": Starter(
        _("Ask a question"),
        _("You would like to know how others do it."),
        "question",
        _("**What I would like to know**\n\n\n**What I have tried so far**\n\n\n**By when it would help me**\n\n"),
    ),
    "what-works": Starter(
        _("Look at what works already"),
        _("Appreciative inquiry: begin with what is strong, and ask what made it so."),
        "talk",
        _(
            "**What works already**\n\nWhen was it at its best, and who was there?\n\n"
            "**Which levers made it work**\n\nPeople, money, places, trust, rules?\n\n"
            "**What value was added**\n\nFor whom, and how do you know?\n\n"
            "**What we could do more of**\n\n"
        ),
    ),
    "what-worked": Starter(
        _("Tell what worked"),
        _("What you did, what came of it, and what you would do differently."),
        "talk",
        _(
            "**What we did**\n\n\n**What worked, and how we know**\n\n\n"
            "**What did not work**\n\n\n**What could be different**\n\n"
        ),
    ),
    "funding": Starter(
        _("Pass on a funding opportunity"),
        _("A grant or a bid, before its deadline."),
        "talk",
        _(
            "**Who gives the money, and for what**\n\n\n**How much, and until when one can apply**\n\n\n"
            "**Who can apply**\n\n\n**What I am looking for**\n\nPartners, somebody who has done it before?\n\n"
        ),
    ),
    "introduction": Starter(
        _("Introduce yourself"),
        _("Who you are, and what you would like to learn."),
        "talk",
        _(
            "**Where I work, and with whom**\n\n\n**What I am proud of**\n\n\n"
            "**What I can help others with**\n\n\n**What I would like to learn**\n\n"
        ),
    ),
    "offer": Starter(
        _("Offer help"),
        _("What you can do for others. Choose the skills and themes, so that those who look for it find you."),
        "offer",
        _("**What I can help with**\n\n\n**How much time I have for it**\n\n\n**How to take it up**\n\n"),
    ),
    "ask": Starter(
        _("Ask for help"),
        _("What you need from others. Choose the skills and themes, so that those who can help find you."),
        "ask",
        _("**What I need**\n\n\n**What it is for**\n\n\n**By when**\n\n"),
    ),
    WEBINAR: Starter(
        _("Propose a webinar"),
        _("Others say “Me too”, and the facilitators decide."),
        "proposal-webinar",
        _("**What it would be about**\n\n\n**Who could speak**\n\n\n**What people could do afterwards**\n\n"),
    ),
    VISIT: Starter(
        _("Propose a visit"),
        _("Others say “Me too”, and the facilitators decide."),
        "proposal-visit",
        _("**Where to**\n\n\n**What there is to see**\n\n\n**What people could do afterwards**\n\n"),
    ),
}
"""By the word in the address; the page offers them in this order."""
