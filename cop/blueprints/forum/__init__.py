"""The practice forum: spaces, topics and posts for alumni and facilitators, and how order is kept in it."""

from cop.blueprints.forum import answering, copying, health, mails, moderating, offering, ordering, reading, writing
from cop.blueprints.forum.shared import area

__all__ = [
    "answering",
    "area",
    "copying",
    "health",
    "mails",
    "moderating",
    "offering",
    "ordering",
    "reading",
    "writing",
]
