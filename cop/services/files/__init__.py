"""Files by their content: kept once, in the database or in a folder, and removed when nothing points to them."""

from cop.services.files.keeping import MOST_BYTES, keep, keep_own, pieces, purge

__all__ = ["MOST_BYTES", "keep", "keep_own", "pieces", "purge"]
