"""Answers of calendars, as Outlook, Google, Apple and others send them, and mail that only looks like one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.formats.itip import read_reply, recipients_of_letter
from tests.support.replies import ADDRESS, CLIENTS, mailed

UID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"

every_client = pytest.mark.parametrize("client", CLIENTS)


@every_client
@pytest.mark.parametrize(
    ("partstat", "word"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "tentative")]
)
def test_the_answer_of_each_program_is_read(client: str, partstat: str, word: str) -> None:
    raw = mailed(UID, to=ADDRESS, client=client, partstat=partstat, sequence=3, message_id="<a1@mx.example>")
    reply = read_reply(raw)
    assert reply is not None
    assert (reply.uid, reply.sequence, reply.participation) == (f"{UID}@localhost", 3, word)
    assert (reply.sender, reply.attendee) == ("amina@council.example", "amina@council.example")
    assert (reply.id, reply.is_counter, reply.proposes) == ("<a1@mx.example>", False, None)
    assert reply.stamped_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert set(reply.recipients) == {ADDRESS}


@every_client
def test_a_line_may_be_folded_anywhere(client: str) -> None:
    attendee = f"{'a' * 60}@a-very-long-name-of-a-council.example"
    reply = read_reply(mailed(UID, to=ADDRESS, client=client, attendee=attendee))
    assert reply is not None
    assert reply.attendee == attendee


def test_another_time_is_a_proposal_in_the_zone_that_outlook_names() -> None:
    reply = read_reply(mailed(UID, to=ADDRESS, method="COUNTER", partstat="TENTATIVE"))
    assert reply is not None
    assert reply.is_counter
    assert reply.proposes == datetime(2026, 7, 14, 10, tzinfo=UTC)


def test_the_address_is_also_looked_for_where_servers_and_the_calendar_write_it() -> None:
    raw = mailed(UID, to=ADDRESS, client="thunderbird").replace(
        b"To: Learning Together <replies@cop.example>",
        b"To: undisclosed-recipients:;\r\nDelivered-To: Other@cop.example",
    )
    reply = read_reply(raw)
    assert reply is not None
    assert reply.recipients == ("other@cop.example", ADDRESS)


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        (b"METHOD:REPLY", b"METHOD:REQUEST"),
        (b"METHOD:REPLY", b"METHOD:PUBLISH"),
        (b"METHOD:REPLY\r\n", b""),
        (b"PARTSTAT=DECLINED", b"PARTSTAT=NEEDS-ACTION"),
        (b"PARTSTAT=DECLINED", b"PARTSTAT=DELEGATED"),
        (b"PARTSTAT=DECLINED;", b""),
        (b"SEQUENCE:0", b"SEQUENCE:-1"),
        (b"SEQUENCE:0", b"SEQUENCE:99999999999999999999"),
        (b"SEQUENCE:0", b"SEQUENCE:soon"),
        (f"UID:{UID}@localhost\r\n".encode(), b""),
        (b"BEGIN:VEVENT", b"BEGIN:VTODO"),
        (b"END:VCALENDAR", b""),
        (b"BEGIN:VCALENDAR", b"BEGIN"),
        (b"From: Amina Yusuf <amina@council.example>", b"From: a@x.example, b@x.example"),
        (b"From: Amina Yusuf <amina@council.example>\r\n", b""),
        (b":mailto:amina@council.example", b":https://council.example/amina"),
        (b"Content-Type: text/calendar", b"Content-Type: text/plain"),
    ],
)
def test_whatever_is_no_answer_is_none(was: bytes, is_now: bytes) -> None:
    raw = mailed(UID, to=ADDRESS, client="thunderbird")
    assert was in raw
    assert read_reply(raw.replace(was, is_now)) is None


def test_without_a_number_it_answers_the_first_invitation() -> None:
    reply = read_reply(mailed(UID, to=ADDRESS, client="thunderbird").replace(b"SEQUENCE:0\r\n", b""))
    assert reply is not None
    assert reply.sequence == 0


def test_of_several_attendees_the_sender_answers() -> None:
    other = b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@council.example\r\nATTENDEE;"
    raw = mailed(UID, to=ADDRESS, client="thunderbird").replace(b"ATTENDEE;", other)
    reply = read_reply(raw)
    assert reply is not None
    assert (reply.attendee, reply.participation) == ("amina@council.example", "declined")
    assert read_reply(raw.replace(b"From: Amina Yusuf <amina@", b"From: <clerk@")) is None


def test_an_answer_within_a_forwarded_mail_is_nobodys() -> None:
    inner = mailed(UID, to=ADDRESS)
    raw = (
        b"From: Ben <ben@council.example>\r\nTo: replies@cop.example\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"\r\n--q--\r\n"
    )
    assert read_reply(raw) is None


def test_two_events_in_one_answer_are_not_guessed_at() -> None:
    raw = mailed(UID, to=ADDRESS, client="thunderbird")
    event = raw[raw.index(b"BEGIN:VEVENT") : raw.index(b"END:VCALENDAR")]
    assert read_reply(raw.replace(event, event + event)) is None


def test_without_a_name_the_mail_is_known_by_its_bytes() -> None:
    raw = mailed(UID, to=ADDRESS, message_id="none")
    reply = read_reply(raw)
    again = read_reply(raw)
    assert reply is not None
    assert again is not None
    assert len(reply.id) == 64
    assert reply.id == again.id


@pytest.mark.parametrize(
    "stamp",
    ["20260302", "20260302T093000", "soon", "00010101T000000Z", "99991231T235959Z"],
)
def test_an_instant_that_is_not_sure_does_no_harm(stamp: str) -> None:
    assert read_reply(mailed(UID, to=ADDRESS, client="thunderbird", stamp=stamp)) is not None


LETTER = b"From: Amina <amina@council.example>\r\nTo: <Replies+abc@cop.example>\r\nSubject: Hello\r\n"


def test_the_letter_of_a_person_is_told_from_what_machines_send() -> None:
    assert recipients_of_letter(LETTER + b"\r\nMay I bring Ben?\r\n") == ("replies+abc@cop.example",)


@pytest.mark.parametrize(
    "header",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated (vacation)",
        b"Precedence: bulk",
        b"X-Autoreply: yes",
        b"X-Auto-Response-Suppress: All",
    ],
)
def test_what_machines_send_was_written_to_nobody(header: bytes) -> None:
    assert recipients_of_letter(LETTER + header + b"\r\n\r\nI am on holiday.\r\n") == ()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CLIENTS)), st.data())
def test_torn_and_mixed_mails_raise_nothing(client: str, data: st.DataObject) -> None:
    raw = mailed(UID, to=ADDRESS, client=client, message_id="<a1@mx.example>")
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    read_reply(raw[:start] + data.draw(st.binary(max_size=40)) + raw[end:])
    recipients_of_letter(raw[start:end])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_calendar_raises_nothing(text: str) -> None:
    head = b"From: a@x.example\r\nContent-Type: text/calendar\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    lines = f"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    read_reply(head + lines.encode("utf-8", "replace"))
