"""When the second factor was given in this session, and asking for it again before a heavy act.

The instant lies in the signed cookie, as that of the last act does, and is real time: a service's clock that is moved
on asks nobody anew.
"""

from collections.abc import Mapping

from flask import session

from cop.core.clock import SystemClock
from cop.web.acting import SECOND_FACTOR, current_person, forget_actor
from cop.web.database import ports

FRESH_SECONDS = 15 * 60
"""For so long after a second factor somebody may export names, erase, grant roles and the like."""

VOUCHED = "vouched"
"""Where a session names the organisation's sign-in that counted as its second factor."""


class SecondFactorWanted(Exception):  # noqa: N818  nothing went wrong
    """What was asked for needs a second factor that was given a moment ago; the page that asks for it is shown."""


def real_time() -> int:
    """Seconds by the machine's clock."""
    return int(SystemClock().now().timestamp())


def note_second_factor() -> None:
    """The second factor was given now: grants come into force with the next request."""
    session[SECOND_FACTOR] = real_time()
    forget_actor()


def note_vouched(provider: str, signed_in_at: float | None) -> None:
    """An organisation's sign-in counts as the second factor, which was given when the person signed in there.

    It may have let them through without asking for anything. Where it does not say when it asked, that is long ago.
    """
    session[SECOND_FACTOR] = min(int(signed_in_at or 0), real_time())
    session[VOUCHED] = provider
    forget_actor()


def vouched_by() -> str | None:
    """The public id of the organisation's sign-in that counted as the second factor of this session."""
    found: str | None = session.get(VOUCHED)
    return found


def held_second_factor() -> Mapping[str, object]:
    """What this session knows of its second factor, for :func:`keep_second_factor`."""
    return {name: session[name] for name in (SECOND_FACTOR, VOUCHED) if name in session}


def keep_second_factor(held: Mapping[str, object]) -> None:
    """Carry it over into the session that follows at once; it becomes no fresher by that."""
    session.update(held)
    forget_actor()


def is_second_factor_given() -> bool:
    return SECOND_FACTOR in session


def is_fresh() -> bool:
    """Whether a heavy act may go ahead: the second factor was given a moment ago, or there is none to give.

    There is none for those who need none, and in the demonstration for staff who have set up none.
    """
    person = current_person()
    if person is None or not person.needs_factor:
        return True
    given = session.get(SECOND_FACTOR)
    if given is not None and 0 <= real_time() - given <= FRESH_SECONDS:
        return True
    return ports().settings.demo and not person.has_factor


def fresh() -> None:
    """Go on if the second factor is fresh; else ask for it, and lead back to this page.

    For views that need it in some cases only; a route that always needs it is declared with ``fresh=True``. Call it on
    GET too: what was typed into a form is lost on the way.
    """
    if not is_fresh():
        raise SecondFactorWanted
