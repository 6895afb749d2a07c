"""The audit, written by every unit of work by itself: who changed what, and how it was before."""

from cop.services.auditing.recording import attach

__all__ = ["attach"]
