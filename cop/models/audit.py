"""Who changed what: append-only, the values encrypted under the key of the person whom they are about."""

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base, Encrypted, Id


class PersonKey(Base):
    """The key under which a person's values in the audit lie; forgetting it makes them unreadable for good."""

    __tablename__ = "person_key"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    key: Mapped[str | None] = mapped_column(Encrypted)
    made_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]


class Audit(Base):
    """One change of one record. ``values`` is encrypted JSON: ``{field: [before, after]}``.

    ``action`` is a word, or two where the change was to something that belongs to the subject: "changed part".
    ``about_person_id`` names whose key was used; without it, the service's own. A value that stands for the same
    before and after only tells which part it was.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_actor", "actor_id", "id"),
        Index("ix_audit_about", "about_person_id", "id"),
        Index("ix_audit_programme", "programme_id", "id", postgresql_where=text("programme_id IS NOT NULL")),
        Index("ix_audit_at", "at", postgresql_using="brin"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    via: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    about_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    values: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(default="")
