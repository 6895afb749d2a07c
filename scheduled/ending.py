"""Whether this process was asked to end: jobs that take long look between two steps, and leave the rest to the next."""

from threading import Event

ENDING = Event()
