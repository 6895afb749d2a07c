"""What stores outside the database share: nothing is taken away while somebody puts something there."""

from sqlalchemy import func, select

from cop.core.work import Work

PIECE = 256 * 1024
"""Bytes that are in memory at once, and in one row of the database."""

LOCK = 8_124_160
"""Held together by all who put files outside the database, and alone by whoever takes some out."""


class Outside:
    def hold(self, work: Work) -> None:
        """Keep others from taking anything out before the end of ``work``."""
        work.session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))

    def may_remove(self, work: Work) -> bool:
        """Whether nobody else puts a file here before the end of ``work``, or copies what is here."""
        return bool(work.session.scalars(select(func.pg_try_advisory_xact_lock(LOCK))).one())
