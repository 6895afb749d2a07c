"""Tables, one module per feature; importing the package knows them all."""

from cop.models import accounts, events, organisations, outbox, programmes, service

__all__ = ["accounts", "events", "organisations", "outbox", "programmes", "service"]
