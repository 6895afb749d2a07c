"""Tables, one module per feature; importing the package knows them all."""

from cop.models import (
    accounts,
    cohorts,
    events,
    forum,
    organisations,
    outbox,
    programmes,
    service,
    summits,
    surveys,
    webinars,
)

__all__ = [
    "accounts",
    "cohorts",
    "events",
    "forum",
    "organisations",
    "outbox",
    "programmes",
    "service",
    "summits",
    "surveys",
    "webinars",
]
