"""Publishing a new version of a privacy notice. Versions are only ever added: what somebody was told can be shown."""

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.formats import markdown
from cop.models.privacy import Notice
from cop.queries.privacy import notices as queries

PUBLISHING = 8_124_163
"""With the hash of a place: a lock that is held while somebody publishes, so that numbers follow one another."""


def publish(work: Work, *, place: str, summary: str, body: str, seen: int) -> Notice:
    """Make a new version count from now on. ``seen`` is the version that the page showed."""
    if not work.actor.is_admin():
        raise NotFound
    queries.ready_made(place)
    work.session.execute(select(func.pg_advisory_xact_lock(PUBLISHING, func.hashtext(place))))
    now = queries.current(work, place=place)
    if now.version != seen:
        raise Refusal(marked("Somebody else published a version meanwhile. Read it, then publish yours again."))
    if (summary, body) == (now.summary, now.body):
        raise Refusal(marked("This says what the version before it says. Change something, or leave it."), field="body")
    if not markdown.to_html(body):
        raise Refusal(marked("Write something that others can see"), field="body")
    made = Notice(
        place=place,
        version=now.version + 1,
        summary=summary,
        body=body,
        published_at=work.now,
        published_by=work.actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    return made
