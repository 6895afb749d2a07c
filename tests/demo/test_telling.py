"""The demo has people who agreed to news, a list for the next round, and announcements to look at."""

from sqlalchemy import func, select

from cop.models.outbox import Outbox, OutboxState
from cop.models.telling import Announcement, AnnouncementState, Consent, Interest
from cop.queries import announcements
from tests.support.make import Reads


def test_one_announcement_went_out_and_one_waits_to_be_sent(loaded: None, reading: Reads) -> None:
    with reading() as read:
        went, draft = read.session.scalars(select(Announcement).order_by(Announcement.id)).all()
        assert (went.state, draft.state) == (AnnouncementState.SENT, AnnouncementState.DRAFT)
        progress = announcements.progress(read, announcement_id=went.id)
        assert progress.count(OutboxState.SENT) == progress.posted > 5
        assert announcements.counted(read, draft).reached > 3
        assert read.session.scalars(select(func.count()).select_from(Consent)).one() > progress.posted
        assert read.session.scalars(select(func.count()).select_from(Interest)).one() > 3
        letters = select(Outbox.posted_at).where(Outbox.template == "announcement")
        assert {at < read.now for at in read.session.scalars(letters)} == {True}
