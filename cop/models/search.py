"""Words that the search suggests to whoever mistyped one."""

from sqlalchemy.orm import Mapped, mapped_column

from cop.models.base import Base


class SearchWord(Base):
    """A word as it is written, and how often. Those of public pages (``is_public``) are suggested to everybody. The
    others, of the forum, are there for members, and none of them that fewer than three people wrote.
    """

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(primary_key=True)
    uses: Mapped[int]
    is_public: Mapped[bool]
