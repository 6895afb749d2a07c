"""Files, known by their content: the same bytes are kept once, whoever adds them and wherever they are shown."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cop.core.secrecy import random_word
from cop.models.base import Base, Id


class File(Base):
    """What is known of some bytes. ``sha256`` is their hash in hexadecimal, ``place`` the store that holds them.

    ``made_at`` is when they were last handed in: bytes that nothing points to are kept for a while after it.
    """

    __tablename__ = "file"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_in_hexadecimal"),
        CheckConstraint("size >= 0", name="size_not_negative"),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    place: Mapped[str] = mapped_column(default="database")
    made_at: Mapped[datetime]


class FileContent(Base):
    """The bytes themselves in pieces, where the database is their store: nobody has to hold a large file whole."""

    __tablename__ = "file_content"

    sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class EventFile(Base):
    """A file that an event offers to those who booked, such as a map or a risk assessment.

    ``public`` offers it to whoever may see the event's page.
    """

    __tablename__ = "event_file"
    __table_args__ = (UniqueConstraint("event_id", "sha256"), Index("ix_event_file_event", "event_id", "position"))

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=random_word)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    name: Mapped[str]
    title: Mapped[str]
    position: Mapped[int]
    public: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    file: Mapped[File] = relationship(lazy="raise")
