"""Surveys: who is asked what and when, and how they answer."""

from cop.services.surveys.asking import ROUNDS, ask_due, remind_due
from cop.services.surveys.by_hand import ask_by_hand
from cop.services.surveys.closing import close_due
from cop.services.surveys.responding import save, save_and_send, send

__all__ = ["ROUNDS", "ask_by_hand", "ask_due", "close_due", "remind_due", "save", "save_and_send", "send"]
