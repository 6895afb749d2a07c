"""Writes of the practice forum."""

from cop.services.forum.following import follow_by_link, follow_space, follow_topic
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
from cop.services.forum.rules import accept_rules
from cop.services.forum.spaces import create_space, edit_space, ensure_cohort_space
from cop.services.forum.writing import delete_post, edit_post, open_topic, reply, restore_post

__all__ = [
    "accept_rules",
    "create_space",
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
    "lock_topic",
    "open_topic",
    "reply",
    "report_post",
    "restore_post",
    "unhide_post",
    "unhide_topic",
    "unlock_topic",
    "uphold_report",
]
