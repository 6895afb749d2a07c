"""The doors for programs: the token that they show, how often they may call, and who they act for."""

from flask import g, request
from sqlalchemy import case, text, update

from cop.core.access import VISITOR, Access
from cop.models.security import ApiToken
from cop.queries import api_tokens
from cop.queries.api_tokens import Bearer
from cop.web.acting import act_as
from cop.web.database import db, ports, read
from cop.web.problems import refuse

CALLS_A_MINUTE = 300

CHALLENGE = 'Bearer realm="api"'


def bearer() -> Bearer:
    """The token that this request showed, once it was let in."""
    found: Bearer = g.bearer
    return found


def admit(access: Access) -> None:
    """Let a program in by its token, or end the request: 401 without a good one, 429 where it calls too often, 403
    where the token is not for this. No session counts, and none is begun.
    """
    act_as(VISITOR)
    shown = request.authorization
    if shown is None or shown.type != "bearer" or not shown.token:
        refuse(401, "Send a token in the header Authorization: Bearer …", headers={"WWW-Authenticate": CHALLENGE})
    found = api_tokens.bearer(read(), secret=shown.token)
    if found is None:
        detail = "There is no such token, or it has run out or been taken back"
        refuse(401, detail, headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
    _count_call(found)
    if found.actor is None:
        refuse(403, "Whoever made this token may no longer read what it is for")
    act_as(found.actor)
    g.bearer = found
    if not access.allows(found.actor):
        challenge = f'{CHALLENGE}, error="insufficient_scope"'
        refuse(403, "This token is not good for what was asked", headers={"WWW-Authenticate": challenge})


def _count_call(found: Bearer) -> None:
    """Count this call within its minute, over all processes; with ``observe()`` all that a GET may write.

    It is a transaction of its own that does not wait for the disk: a crash of the server may forget some calls.
    """
    now = ports().clock.now()
    minute, hour = now.replace(second=0, microsecond=0), now.replace(minute=0, second=0, microsecond=0)
    one_more = case((ApiToken.calls_at == minute, ApiToken.calls + 1), else_=1)
    counted = (
        update(ApiToken)
        .where(ApiToken.id == found.id)
        .values(calls=one_more, calls_at=minute, used_at=hour)
        .returning(ApiToken.calls)
    )
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit TO off"))
        calls = connection.scalar(counted) or 0
    if calls > CALLS_A_MINUTE:
        wait = {"Retry-After": str(60 - now.second)}
        refuse(429, f"A token is good for {CALLS_A_MINUTE} calls a minute", headers=wait)
