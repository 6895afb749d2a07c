"""Reports of mail servers, in the shapes in which several of them write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop.formats.delivery_reports import read_delivery_report
from tests.support.reports import HARD, report

ID, ADDRESS = "c0ffee", "amina@council.example"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("exchange-online", "5.1.10", "RecipientNotFound"),
        ("postfix", "5.1.1", "User unknown in local recipient table"),
        ("exim", "5.0.0", ""),
        ("gmail", "5.1.1", "550 5.1.1 unnecessary spaces."),
        ("mailbox-full", "5.2.2", "over quota"),
    ],
)
def test_tells_who_did_not_get_which_message_and_why(name: str, status: str, words: str) -> None:
    found = read_delivery_report(report(name, ID, "Amina@Council.example"))
    assert found is not None
    assert found.message_ids[0] == f"<{ID}@localhost>"
    (failure,) = found.failures
    assert (set(failure.recipients), failure.action, failure.status) == ({ADDRESS}, "failed", status)
    assert words in failure.diagnostic
    assert "\n" not in failure.diagnostic


def test_of_a_delay_says_so() -> None:
    found = read_delivery_report(report("delayed", ID, ADDRESS))
    assert found is not None
    assert [(failure.action, failure.status) for failure in found.failures] == [("delayed", "4.4.1")]


def test_has_a_name_of_its_own_that_stays() -> None:
    ids = [found.id for name in HARD if (found := read_delivery_report(report(name, ID, ADDRESS)))]
    assert len(set(ids)) == len(HARD)
    nameless = report("postfix", ID, ADDRESS).replace(b"Message-Id: <2026", b"X-Id: <2026")
    first, second = read_delivery_report(nameless), read_delivery_report(nameless)
    other = read_delivery_report(nameless.replace(ADDRESS.encode(), b"ben@council.example"))
    assert first
    assert second
    assert other
    assert first.id == second.id != other.id


def test_knows_the_address_that_we_wrote_to_though_it_was_forwarded() -> None:
    raw = report("postfix", ID, ADDRESS).replace(b"Final-Recipient: rfc822; amina@", b"Final-Recipient: rfc822; home@")
    found = read_delivery_report(raw)
    assert found is not None
    assert found.failures[0].recipients == {ADDRESS, "home@council.example"}


@pytest.mark.parametrize(
    "raw",
    [
        report("on-holiday", ID, ADDRESS),
        b"",
        b"Subject: hello\r\n\r\nStatus: 5.1.1\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n5.1.1\r\n--x--\r\n",
        report("postfix", ID, ADDRESS).replace(b"multipart/report", b"multipart/mixed"),
    ],
    ids=["on holiday", "nothing", "a letter", "no status", "another sort"],
)
def test_is_nothing_else(raw: bytes) -> None:
    assert read_delivery_report(raw) is None


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("cut", [300, 900, 1500])
def test_that_is_cut_short_is_read_as_far_as_it_goes(name: str, cut: int) -> None:
    found = read_delivery_report(report(name, ID, ADDRESS)[:cut])
    assert found is None or all(failure.recipients == {ADDRESS} for failure in found.failures)


def test_holds_no_control_characters() -> None:
    raw = report("postfix", ID, ADDRESS).replace(b"User unknown", b"User \x00\x07 unknown \xff")
    found = read_delivery_report(raw)
    assert found is not None
    assert all(character.isprintable() for character in found.failures[0].diagnostic)


@given(st.binary(max_size=400))
def test_whatever_stands_in_the_middle_never_breaks_the_reader(noise: bytes) -> None:
    raw = report("postfix", ID, ADDRESS)
    half = raw.index(b"Final-Recipient")
    read_delivery_report(raw[:half] + noise + raw[half:])
