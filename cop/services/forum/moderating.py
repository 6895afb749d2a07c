"""Keeping order: reports, hiding with a reason, locking. Each can be taken back."""

from sqlalchemy import select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.forum import Act, Post, Report, ReportState, Space, Topic
from cop.services.forum.shared import forget_answer, locked_post, locked_topic, note_act, to_moderate


def report_post(work: Work, *, post_id: int, reason: str) -> Report:
    """Ask the facilitators to look at a post."""
    post, _topic, _space = locked_post(work, post_id)
    if work.actor.person_id is None:
        raise NotFound
    if post.deleted_at is not None or post.hidden_at is not None:
        raise Refusal(marked("This post is deleted or hidden already."))
    own = select(Report.id).where(Report.post_id == post.id, Report.reporter_id == work.actor.person_id)
    if work.session.scalar(own) is not None:
        raise Refusal(marked("You have reported this post already. A facilitator looks at it."))
    report = Report(
        post_id=post.id,
        reporter_id=work.actor.person_id,
        reason=reason,
        made_at=work.now,
        state=ReportState.OPEN,
    )
    work.session.add(report)
    work.session.flush()
    return report


def uphold_report(work: Work, *, report_id: int, reason: str) -> None:
    """Agree, and hide the post with a reason that everybody sees; all open reports of it are settled by that."""
    report, post = _report_to_settle(work, report_id)
    hide_post(work, post_id=post.id, reason=reason)
    open_ones = update(Report).where(Report.post_id == report.post_id, Report.state == ReportState.OPEN)
    work.session.execute(
        open_ones.values(state=ReportState.UPHELD, handled_at=work.now, handled_by=work.actor.person_id, note=reason)
    )


def dismiss_report(work: Work, *, report_id: int, reason: str) -> None:
    """Leave the post as it is; the reason is for the log."""
    report, _post = _report_to_settle(work, report_id)
    report.state, report.note = ReportState.DISMISSED, reason
    report.handled_at, report.handled_by = work.now, work.actor.person_id


def _report_to_settle(work: Work, report_id: int) -> tuple[Report, Post]:
    post_id = work.session.scalar(select(Report.post_id).where(Report.id == report_id))
    if post_id is None:
        raise NotFound
    post, _topic, space = locked_post(work, post_id)
    to_moderate(work, space)
    report = work.session.get_one(Report, report_id, with_for_update=True)
    if report.state is not ReportState.OPEN:
        raise Refusal(marked("Another facilitator settled this report a moment ago."))
    return report, post


def hide_post(work: Work, *, post_id: int, reason: str) -> None:
    """Take a post's words from the page, from search and from mails; the reason stands in their place."""
    post, topic, space = locked_post(work, post_id)
    to_moderate(work, space)
    if _hide(work, post, reason):
        note_act(work, Act.POST_HIDDEN, space, topic, post, why=reason)
    forget_answer(topic, post)


def unhide_post(work: Work, *, post_id: int) -> None:
    post, topic, space = locked_post(work, post_id)
    to_moderate(work, space)
    if _unhide(post):
        note_act(work, Act.POST_SHOWN, space, topic, post)


def hide_topic(work: Work, *, topic_id: int, reason: str) -> None:
    """Take a topic from lists, search and mails; whoever has its address reads the reason."""
    topic, space = _topic_to_moderate(work, topic_id)
    if _hide(work, topic, reason):
        note_act(work, Act.HIDDEN, space, topic, why=reason)


def unhide_topic(work: Work, *, topic_id: int) -> None:
    topic, space = _topic_to_moderate(work, topic_id)
    if _unhide(topic):
        note_act(work, Act.SHOWN, space, topic)


def lock_topic(work: Work, *, topic_id: int) -> None:
    """Let nobody write in it any more; it stays to be read."""
    topic, space = _topic_to_moderate(work, topic_id)
    if topic.locked_at is None:
        topic.locked_at = work.now
        note_act(work, Act.LOCKED, space, topic)


def unlock_topic(work: Work, *, topic_id: int) -> None:
    topic, space = _topic_to_moderate(work, topic_id)
    if topic.locked_at is not None:
        topic.locked_at = None
        note_act(work, Act.UNLOCKED, space, topic)


def _topic_to_moderate(work: Work, topic_id: int) -> tuple[Topic, Space]:
    topic, space = locked_topic(work, topic_id)
    to_moderate(work, space)
    return topic, space


def _hide(work: Work, record: Post | Topic, reason: str) -> bool:
    """The first reason stands: somebody else may have hidden it a moment ago. False where they had."""
    if record.hidden_at is not None:
        return False
    record.hidden_at, record.hidden_by, record.hidden_why = work.now, work.actor.person_id, reason
    return True


def _unhide(record: Post | Topic) -> bool:
    was_hidden = record.hidden_at is not None
    record.hidden_at, record.hidden_by, record.hidden_why = None, None, ""
    return was_hidden
