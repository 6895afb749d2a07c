"""How often somebody hears of the forum by e-mail, and what came back by e-mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Encrypted, Id, word


class Pace(StrEnum):
    """A letter for each reply, one a day or a week with all that is new, or none."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class ForumMail(Base):
    """What somebody chose. ``told_until`` is the last moment of which a digest told, ``generation`` that of the address
    by which they answer.
    """

    __tablename__ = "forum_mail"
    __table_args__ = (Index("ix_forum_mail_pace", "pace", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    pace: Mapped[Pace] = mapped_column(word(Pace))
    chosen_at: Mapped[datetime]
    told_until: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=0)


class MailOutcome(StrEnum):
    """``left`` is what no person wrote: notes of absence and mail of machines, which nobody answers."""

    POSTED = "posted"
    REFUSED = "refused"
    LEFT = "left"


class Because(StrEnum):
    """Why an answer that came by e-mail was not posted, or (``FILES``) not all of it."""

    AUTOMATIC = "automatic"
    STRANGER = "stranger"
    OFTEN = "often"
    GONE = "gone"
    RULES = "rules"
    LOCKED = "locked"
    CLOSED = "closed"
    EMPTY = "empty"
    LONG = "long"
    OTHER = "other"
    FILES = "files"


class ForumAnswer(Base):
    """One message that came to an address of the forum, known again by its Message-ID.

    ``reason`` is a word of ``Because``, or empty. ``words`` are kept where they go back to their author.
    """

    __tablename__ = "forum_answer"
    __table_args__ = (Index("ix_forum_answer_person", "person_id", "id"),)

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    outcome: Mapped[MailOutcome] = mapped_column(word(MailOutcome))
    reason: Mapped[str] = mapped_column(default="")
    words: Mapped[str | None] = mapped_column(Encrypted)
    came_at: Mapped[datetime]
