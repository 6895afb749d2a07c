"""Answers that people send to the forum by e-mail: posted where there is no doubt, and else sent back with the reason.

Nothing is ever said to whoever wrote, only to the person to whom the address was given, and never to a machine.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.core.work import Work
from cop.formats.answers import Answer
from cop.models.accounts import Person
from cop.models.forum import POST_MOST, PostSource
from cop.models.forum_mail import Because, ForumAnswer, MailOutcome
from cop.queries import forum as queries
from cop.services import outbox
from cop.services.forum.writing import reply

POSTS_AN_HOUR = 20
"""By e-mail and by one person: above what anybody writes by hand, and below what a loop of two machines does."""

LETTERS_A_DAY = 5
"""With which we say why something was not posted. What comes beyond that is put away in silence."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

KEPT_MOST = 20_000
"""Characters that are kept to be sent back; whoever sent more has it in their own mailbox."""


def receive(work: Work, *, answer: Answer, own_domain: str) -> MailOutcome | None:
    """Take a mail from the mailbox; what became of it, or None where it is not to us or was read before.

    It counts as somebody's own where it came to the address that only they were given, and from their address. Then
    it does what they could do on the page of the topic. ``own_domain`` is the one in the names of our own mails.
    """
    if not work.actor.is_admin():
        raise NotFound
    to = queries.addressee(work, queries.answers_named(answer.recipients))
    taken = _claim(work, answer, to) if to is not None else None
    if to is None or taken is None:
        return None
    if answer.is_automatic or answer.id.endswith(f"@{own_domain}>"):
        return _note(work, taken, MailOutcome.LEFT, Because.AUTOMATIC)
    if answer.is_forged or answer.sender != to.email:
        return _refuse(work, taken, Because.STRANGER, words=None)
    because = _post(work, taken, answer, to)
    if because is not None:
        return _refuse(work, taken, because, words=answer.words[:KEPT_MOST] or None)
    if answer.files:
        _note(work, taken, MailOutcome.POSTED, Because.FILES)
        _tell(work, taken)
        return MailOutcome.POSTED
    return _note(work, taken, MailOutcome.POSTED, None)


def _claim(work: Work, answer: Answer, to: queries.Addressed) -> ForumAnswer | None:
    """Note the mail under its name; None where that is known, or another process was first to take it."""
    row = insert(ForumAnswer).values(
        message_id=answer.id, person_id=to.person_id, outcome=MailOutcome.LEFT, reason="", came_at=work.now
    )
    taken_id = work.session.scalar(row.on_conflict_do_nothing().returning(ForumAnswer.id))
    return work.session.get_one(ForumAnswer, taken_id) if taken_id is not None else None


def _post(work: Work, taken: ForumAnswer, answer: Answer, to: queries.Addressed) -> Because | None:
    """Post it as its author, or say why not."""
    author = replace(work, actor=Actor(to.person_id, via="mail"))
    found = queries.standing(author, topic_id=to.topic_id)
    if found is None or not found.is_open_to_them:
        return Because.GONE
    taken.topic_id = found.topic_id
    because = _doubt(work, answer, to, found)
    if because is not None:
        return because
    try:
        with work.session.begin_nested():
            post = reply(author, topic_id=found.topic_id, body=answer.words, source=PostSource.EMAIL)
    except Refusal as refusal:
        return Because.EMPTY if refusal.field == "body" else Because.OTHER
    except NotFound:
        return Because.GONE
    taken.post_id = post.id
    return None


def _doubt(work: Work, answer: Answer, to: queries.Addressed, found: queries.Standing) -> Because | None:
    doubts = {
        Because.LOCKED: found.is_locked,
        Because.CLOSED: found.is_closed,
        Because.RULES: not found.has_accepted,
        Because.EMPTY: not answer.words,
        Because.LONG: len(answer.words) > POST_MOST,
    }
    because = next((because for because, holds in doubts.items() if holds), None)
    if because is not None:
        return because
    since = work.now - HOUR
    lately = queries.count_answers(work, person_id=to.person_id, outcome=MailOutcome.POSTED, since=since)
    return Because.OFTEN if lately >= POSTS_AN_HOUR else None


def _refuse(work: Work, taken: ForumAnswer, because: Because, *, words: str | None) -> MailOutcome:
    """Tell the owner of the address, if they were not told too often already; words go back to who wrote them."""
    told = queries.count_answers(
        work, person_id=taken.person_id or 0, outcome=MailOutcome.REFUSED, since=work.now - DAY
    )
    taken.words = words if told < LETTERS_A_DAY else None
    _note(work, taken, MailOutcome.REFUSED, because)
    if told < LETTERS_A_DAY:
        _tell(work, taken)
    return MailOutcome.REFUSED


def _tell(work: Work, taken: ForumAnswer) -> None:
    person = work.session.get_one(Person, taken.person_id)
    outbox.post(work, key=f"forum-answer:{taken.id}", to=person, template="forum_answer", answer_id=taken.id)


def _note(work: Work, taken: ForumAnswer, outcome: MailOutcome, because: Because | None) -> MailOutcome:
    taken.outcome, taken.reason = outcome, because or ""
    work.session.flush()
    return outcome
