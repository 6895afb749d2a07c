"""Writes of the practice forum."""

from cop.services.forum.answering import accept_answer, react, take_answer_back, take_back
from cop.services.forum.attaching import MOST_BYTES, MOST_FILES, Upload
from cop.services.forum.by_mail import receive
from cop.services.forum.digests import post_digests
from cop.services.forum.following import (
    choose_pace,
    follow_by_link,
    follow_space,
    follow_topic,
    listen,
    note_asked,
    renew_addresses,
)
from cop.services.forum.moderating import (
    dismiss_report,
    hide_post,
    hide_topic,
    lock_topic,
    report_post,
    unhide_post,
    unhide_topic,
    unlock_topic,
    uphold_report,
)
from cop.services.forum.nudging import ask_askers, nudge_facilitators
from cop.services.forum.ordering import (
    close_space,
    merge_topics,
    move_topic,
    pin_topic,
    reopen_space,
    undo,
    unpin_topic,
)
from cop.services.forum.proposing import decide_proposal
from cop.services.forum.rules import accept_rules
from cop.services.forum.seeing import mark_seen
from cop.services.forum.sorting import MOST_TAGS, About, sort_topic
from cop.services.forum.spaces import add_ready_made, create_space, edit_space, ensure_cohort_space
from cop.services.forum.writing import delete_post, edit_post, open_topic, reply, restore_post

__all__ = [
    "MOST_BYTES",
    "MOST_FILES",
    "MOST_TAGS",
    "About",
    "Upload",
    "accept_answer",
    "accept_rules",
    "add_ready_made",
    "ask_askers",
    "choose_pace",
    "close_space",
    "create_space",
    "decide_proposal",
    "delete_post",
    "dismiss_report",
    "edit_post",
    "edit_space",
    "ensure_cohort_space",
    "follow_by_link",
    "follow_space",
    "follow_topic",
    "hide_post",
    "hide_topic",
    "listen",
    "lock_topic",
    "mark_seen",
    "merge_topics",
    "move_topic",
    "note_asked",
    "nudge_facilitators",
    "open_topic",
    "pin_topic",
    "post_digests",
    "react",
    "receive",
    "renew_addresses",
    "reopen_space",
    "reply",
    "report_post",
    "restore_post",
    "sort_topic",
    "take_answer_back",
    "take_back",
    "undo",
    "unhide_post",
    "unhide_topic",
    "unlock_topic",
    "unpin_topic",
    "uphold_report",
]
