"""Those who speak at an event of any kind: staff name them and ask them, and they answer by the link in their mail.

``seen`` is the revision of the event that the page showed: see ``event_as_seen``.
"""

import io
from collections.abc import Collection, Sequence
from typing import BinaryIO
from zoneinfo import available_timezones

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.formats import pictures
from cop.models.events import Event, Part, PartState
from cop.models.webinars import Speaker
from cop.queries import speakers as queries
from cop.queries.speakers import TO_ASK, Standing, standing
from cop.services import accounts, outbox
from cop.services.events.editing.shared import event_as_seen, lock_all_parts
from cop.services.files import keep_own

PHOTO_BYTES = 5 * 1024 * 1024
"""Of one photo."""


def add(
    work: Work,
    *,
    event_id: int,
    seen: int,
    name: str,
    role_title: str = "",
    organisation: str = "",
    about: str = "",
    timezone: str | None = None,
    email: str = "",
    part_id: int | None = None,
) -> Speaker:
    """The last in the order so far. ``timezone`` is that of where they speak from; None is that of the programme."""
    event = event_as_seen(work, event_id, seen)
    last = select(func.max(Speaker.position)).where(Speaker.event_id == event.id)
    position = work.session.scalar(last)
    speaker = Speaker(event_id=event.id, position=0 if position is None else position + 1)
    _say(speaker, name, role_title, organisation, about, timezone)
    speaker.email, speaker.part_id = _address(email), _part_of(work, event, part_id)
    work.session.add(speaker)
    return _saved(work, event, speaker)


def edit(  # noqa: PLR0913  one for each thing that a speaker has
    work: Work,
    *,
    event_id: int,
    seen: int,
    speaker_id: int,
    name: str,
    role_title: str = "",
    organisation: str = "",
    about: str = "",
    timezone: str | None = None,
    email: str = "",
    part_id: int | None = None,
) -> Speaker:
    """Whoever is asked at another address gets a link of their own, and the one before is worth nothing."""
    event = event_as_seen(work, event_id, seen)
    speaker = _one(work, event, speaker_id)
    _say(speaker, name, role_title, organisation, about, timezone)
    speaker.part_id, address = _part_of(work, event, part_id), _address(email)
    if address != speaker.email:
        speaker.email, speaker.generation = address, speaker.generation + 1
        speaker.asked_at = None
    return _saved(work, event, speaker)


def _say(
    speaker: Speaker,
    name: str,
    role_title: str,
    organisation: str,
    about: str,
    timezone: str | None,
) -> None:
    _refuse_unknown_zone(timezone)
    speaker.name, speaker.role_title, speaker.organisation = name, role_title, organisation
    speaker.about, speaker.timezone = about, timezone


def _address(email: str) -> str | None:
    return accounts.clean_email(email) if email else None


def _part_of(work: Work, event: Event, part_id: int | None) -> int | None:
    part = work.session.get(Part, part_id) if part_id is not None else None
    if part_id is not None and (part is None or part.event_id != event.id or part.state is PartState.CANCELLED):
        raise Refusal(marked("Choose one from the list"), field="part_id")
    return part_id


def _refuse_unknown_zone(timezone: str | None) -> None:
    if timezone is not None and timezone not in available_timezones():
        raise Refusal(marked("Choose a time zone from the list"), field="timezone")


def move_up(work: Work, *, event_id: int, seen: int, speaker_id: int) -> None:
    """Let somebody change places with whoever speaks before them; the first stays where they are."""
    event = event_as_seen(work, event_id, seen)
    _one(work, event, speaker_id)
    listed = list(queries.of_event(work, event.id))
    place = [speaker.id for speaker in listed].index(speaker_id)
    listed.insert(max(place - 1, 0), listed.pop(place))
    for position, speaker in enumerate(listed):
        speaker.position = position
    event.changed_at = work.now
    work.session.flush()


def remove(work: Work, *, event_id: int, seen: int, speaker_id: int) -> None:
    """The photo goes with the next clearing away of files that nothing points to."""
    event = event_as_seen(work, event_id, seen)
    work.session.delete(_one(work, event, speaker_id))
    event.changed_at = work.now
    work.session.flush()


def ask(work: Work, *, event_id: int, seen: int, speaker_ids: Collection[int]) -> Sequence[Speaker]:
    """Write to those of them who have not answered: for the first time, or to remind them, once a day at most."""
    event = event_as_seen(work, event_id, seen)
    if queries.is_over(event, lock_all_parts(work, event), work.now):
        raise Refusal(marked("“%(title)s” is over, so nobody needs to be asked"), title=event.title)
    wanted = [speaker for speaker in queries.of_event(work, event.id) if speaker.id in speaker_ids]
    if not wanted or len(wanted) != len(set(speaker_ids)):
        raise Refusal(marked("Choose whom to ask"), field="speaker_ids")
    for speaker in wanted:
        _refuse_needless(work, speaker)
    for speaker in wanted:
        _write(work, speaker)
    event.changed_at = work.now
    work.session.flush()
    return wanted


def _refuse_needless(work: Work, speaker: Speaker) -> None:
    if standing(speaker) not in TO_ASK:
        raise Refusal(marked("%(name)s has answered, or has no e-mail address"), field="speaker_ids", name=speaker.name)
    if speaker.asked_at is not None and day_of(speaker.asked_at) == day_of(work.now):
        raise Refusal(
            marked("We wrote to %(name)s today already. Remind them tomorrow."), field="speaker_ids", name=speaker.name
        )


def _write(work: Work, speaker: Speaker) -> None:
    """To the address that staff gave: it need not belong to anybody whom we know."""
    template = "speaker_reminder" if standing(speaker) is Standing.SILENT else "speaker_asked"
    outbox.post(
        work,
        key=f"speaker-asked:{speaker.id}:{speaker.generation}:{day_of(work.now)}",
        to=speaker.email or "",
        template=template,
        speaker_id=speaker.id,
        generation=speaker.generation,
    )
    speaker.asked_at = work.now


def answer(  # noqa: PLR0913  one for each thing that they say
    work: Work,
    *,
    token: str,
    role_title: str,
    organisation: str,
    about: str,
    abstract: str,
    timezone: str | None,
    may_record: bool,
    photo: BinaryIO | None = None,
    photo_alt: str = "",
    removes_photo: bool = False,
    seen: int,
) -> Speaker:
    """What somebody says of themselves and their talk; until the event is over they can say it anew.

    ``seen`` is what stood on the page, by ``queries.speakers.revision``.
    """
    event, speaker = _by_link(work, token)
    if seen != queries.revision(speaker):
        raise Refusal(
            marked("We changed something here meanwhile. Look at this page in another window, and save again.")
        )
    _say(speaker, speaker.name, role_title, organisation, about, timezone)
    speaker.abstract, speaker.may_record = abstract, may_record
    if photo is not None:
        speaker.photo = _keep(work, photo)
    elif removes_photo:
        speaker.photo = None
    speaker.photo_alt = photo_alt if speaker.photo is not None else ""
    speaker.answered_at, speaker.declined_at = work.now, None
    return _saved(work, event, speaker)


def _keep(work: Work, stream: BinaryIO) -> str:
    """The hash of the photo alone, without what was noted beside it."""
    data = stream.read(PHOTO_BYTES + 1)
    if len(data) > PHOTO_BYTES:
        raise Refusal(marked("The photo is larger than %(most)s MB"), field="photo", most=PHOTO_BYTES // 1024**2)
    try:
        picture = pictures.cleaned(data)
    except pictures.NoPicture:
        raise Refusal(
            marked("Choose a whole JPEG or PNG picture, from %(least)s to %(most)s pixels wide and high"),
            field="photo",
            least=pictures.SIDE_LEAST,
            most=pictures.SIDE_MOST,
        ) from None
    return keep_own(work, io.BytesIO(picture.content), media_type=picture.media_type).sha256


def decline(work: Work, *, token: str) -> Speaker:
    """They do not speak after all: the page of the event names them no longer. Saying it twice changes nothing."""
    event, speaker = _by_link(work, token)
    speaker.declined_at = speaker.declined_at or work.now
    return _saved(work, event, speaker)


def _by_link(work: Work, token: str) -> tuple[Event, Speaker]:
    """The locked event with whoever holds the link, as they stand once it is locked."""
    event_id = queries.of_link(work, token=token).event.id
    locked = select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    event = work.session.scalars(locked.execution_options(populate_existing=True)).one()
    work.session.expire_all()
    asked = queries.of_link(work, token=token)
    if asked.is_over(work.now):
        raise Refusal(marked("“%(title)s” is over or cancelled, so nothing can be changed here"), title=event.title)
    return event, asked.speaker


def _one(work: Work, event: Event, speaker_id: int) -> Speaker:
    speaker = work.session.get(Speaker, speaker_id)
    if speaker is None or speaker.event_id != event.id:
        raise NotFound
    return speaker


def _saved(work: Work, event: Event, speaker: Speaker) -> Speaker:
    event.changed_at = work.now
    work.session.flush()
    return speaker
