"""What a person wrote in answer to a letter, out of whatever their mail program made of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop.formats.answers import Answer, own_words, read_answer
from tests.support.answers import QUOTED, html, mixed, part, plain

TO = "replies+abc@cop.example"

OUTLOOK_HTML = """<html><head><style>p {color: red}</style></head><body>
<div class="WordSection1"><p>Yes, we&nbsp;do.</p><ul><li>Tea</li><li>Cake &amp; time</li></ul></div>
<div id="divRplyFwdMsg"><b>From:</b> Learning Together<br><b>Sent:</b> 2 March</div><div>So did we.</div>
</body></html>"""

OUTLOOK_TEXT = """
From: Learning Together <programme@cop.example>
Sent: 02 March 2026 09:00
To: Alma Ashdown
Subject: Re: What works in Brent

So did we.
"""

GMAIL_HTML = """<div dir="ltr">Yes, we do.<div>And cake.</div></div><br>
<div class="gmail_quote"><div class="gmail_attr">On Mon, Ben wrote:<br></div><blockquote>So <div>did we.</div>
</blockquote></div>"""


def words(raw: bytes) -> str:
    return read_answer(raw).words


class TestTheWords:
    @pytest.mark.parametrize(
        "quoted",
        [
            "",
            QUOTED,
            "On Mon, 2 Mar 2026 at 09:00, Learning Together <programme@cop.example>\nwrote:\n\n> So did we.\n",
            "Am Mo., 2. März 2026 um 09:00 Uhr schrieb Learning Together <programme@cop.example>:\n> So did we.\n",
            "Le lun. 2 mars 2026 à 09:00, Learning Together <programme@cop.example> a écrit :\n> So did we.\n",
            OUTLOOK_TEXT,
            "\n-----Original Message-----\nFrom: Learning Together\nSent: 02 March 2026\n\nSo did we.\n",
            "\n> So did we.\n> Read it in the forum\n",
            "\nSent from my iPhone\n" + QUOTED,
            "\n-- \nAlma Ashdown\nBrent Council\n" + QUOTED,
        ],
        ids=["none", "usual", "folded", "german", "french", "outlook", "old outlook", "bare", "telephone", "signature"],
    )
    def test_stay_and_what_they_answer_goes(self, quoted: str) -> None:
        assert words(plain(TO, "We have a kettle.\n\n- It whistles.", quoted=quoted)) == (
            "We have a kettle.\n\n- It whistles."
        )

    def test_that_look_like_the_end_of_a_letter_stay(self) -> None:
        """Of an answer nothing may be lost: thanks and takes stand at the beginning of lines, too."""
        said = "Thanks, Ben.\n\nTake the bus, and a hat.\n\nBest regards from the tea room, where we begin on Monday."
        assert words(plain(TO, said)) == said

    def test_stay_alone_where_a_program_marks_nothing_as_quoted(self) -> None:
        """Our letter holds links that are for its recipient alone."""
        ours = "\nHello Alma,\n\nReply to this e-mail to answer in the forum. Everybody reads it.\n\nhttps://x/unsubscribe/k"
        assert words(plain(TO, "We have a kettle.", quoted=ours)) == "We have a kettle."

    def test_below_a_quotation_are_found(self) -> None:
        below = "On Mon, 2 Mar 2026, Ben wrote:\n> So did we.\n> And you?\n\nWe have a kettle."
        assert words(plain(TO, below, quoted="")) == "We have a kettle."

    def test_between_quotations_keep_what_they_answer(self) -> None:
        between = "On Mon, 2 Mar 2026, Ben wrote:\n> Tea?\n\nYes.\n\n> Cake?\n\nNo."
        assert words(plain(TO, between, quoted="")) == "> Tea?\n\nYes.\n\n> Cake?\n\nNo."

    def test_in_lines_that_were_broken_to_be_sent_are_put_together(self) -> None:
        raw = plain(TO, "We have a \nkettle that \nwhistles.\nAnd tea.", quoted="")
        flowed = raw.replace(b"text/plain; charset=utf-8", b"text/plain; charset=utf-8; format=flowed")
        assert words(flowed) == "We have a kettle that whistles.\nAnd tea."

    def test_of_a_very_long_line_stay_whole(self) -> None:
        said = "On and on it goes, " * 400
        assert words(plain(TO, f"Yes.\n\n{said}")) == f"Yes.\n\n{said.strip()}"

    def test_hold_no_characters_that_nobody_sees(self) -> None:
        assert words(plain(TO, "We\x00 have\x1b a\ue000 kettle.\u2028")) == "We have a kettle."

    def test_are_none_where_only_a_quotation_came(self) -> None:
        assert words(plain(TO, "")) == ""
        assert words(plain(TO, "> So did we.", quoted="")) == ""


class TestAMailInHtml:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (OUTLOOK_HTML, "Yes, we do.\n\n- Tea\n- Cake & time"),
            (GMAIL_HTML, "Yes, we do.\n\nAnd cake."),
            (
                "<p>One<br>two</p><blockquote><p>So <blockquote>x</blockquote> did we</p></blockquote><p>Three",
                "One\ntwo\n\nThree",
            ),
            ("<script>alert(1)</script><p>Tea &lt;b&gt;</p><img src=x onerror=y>", "Tea <b>"),
        ],
        ids=["outlook", "gmail", "nested", "hostile"],
    )
    def test_is_read_without_what_it_quotes(self, body: str, said: str) -> None:
        assert words(html(TO, body)) == said

    def test_that_has_plain_text_too_is_read_as_that(self) -> None:
        inner = b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n'
        inner += b"--in\r\n" + part("text/html", b"<p>In HTML</p>") + b"\r\n--in\r\n"
        inner += part("text/plain", b"In plain words") + b"\r\n--in--"
        assert words(mixed(TO, inner)) == "In plain words"


class TestFiles:
    def test_are_counted_and_kept_out(self) -> None:
        raw = mixed(
            TO,
            part("text/plain", b"See the file."),
            part("application/pdf", b"%PDF-1.7", 'Content-Disposition: attachment; filename="plan.pdf"'),
            part("text/plain", b"secret", 'Content-Disposition: attachment; filename="notes.txt"'),
            part('image/png; name="photo.png"', b"\x89PNG"),
        )
        answer = read_answer(raw)
        assert (answer.words, answer.files) == ("See the file.", 3)

    def test_are_not_what_mail_programs_add(self) -> None:
        raw = mixed(
            TO,
            part("text/plain", b"No file."),
            part("image/png", b"\x89PNG", "Content-ID: <logo>", 'Content-Disposition: inline; filename="logo.png"'),
            part("application/pgp-signature", b"x", 'Content-Disposition: attachment; filename="signature.asc"'),
            part("text/calendar", b"BEGIN:VCALENDAR", 'Content-Disposition: attachment; filename="a.ics"'),
        )
        assert read_answer(raw).files == 0


class TestAMachine:
    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "Precedence: auto_reply",
            "X-Auto-Response-Suppress: All",
            "X-Autoreply: yes",
            "Return-Path: <>",
            "List-Id: <tea.lists.example>",
            "List-Unsubscribe: <https://lists.example>",
        ],
    )
    def test_is_known_by_its_headers(self, header: str) -> None:
        assert read_answer(plain(TO, "I am away.", header)).is_automatic

    @pytest.mark.parametrize(
        "subject", ["Automatic reply: Re: Tea", "Out of Office: Tea", "Abwesenheitsnotiz: Tea", "Undeliverable: Tea"]
    )
    def test_is_known_by_its_subject(self, subject: str) -> None:
        assert read_answer(plain(TO, "I am away.", subject=subject)).is_automatic

    @pytest.mark.parametrize("sender", ["mailer-daemon@council.example", "no-reply@council.example"])
    def test_is_known_by_its_address(self, sender: str) -> None:
        assert read_answer(plain(TO, "Failed.", sender=sender)).is_automatic

    @pytest.mark.parametrize("header", ["Return-Path: <alma@council.example>", "Auto-Submitted: no", "X-Mailer: Tea"])
    def test_is_not_a_person(self, header: str) -> None:
        assert not read_answer(plain(TO, "I am here.", header, subject="Re: Out of office hours")).is_automatic


def test_what_the_server_that_took_it_found_forged_is_forged() -> None:
    assert read_answer(plain(TO, "x", "Authentication-Results: mx.example; spf=fail; dmarc=fail p=none")).is_forged
    assert not read_answer(plain(TO, "x", "Authentication-Results: mx.example; dmarc=pass")).is_forged


def test_two_senders_are_nobody() -> None:
    raw = plain(TO, "x").replace(b"From: Alma Ashdown <alma@council.example>", b"From: a@one.example, b@two.example")
    assert read_answer(raw).sender == ""


def test_a_mail_is_named_by_its_bytes_where_it_has_no_name() -> None:
    raw = plain(TO, "x").partition(b"\r\n")[2]
    assert read_answer(raw).id == read_answer(raw).id != read_answer(raw + b"y").id


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    answer = read_answer(raw)
    assert isinstance(answer, Answer)
    assert "\x00" not in answer.words


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n",
        b"Content-Type: text/plain; charset=nonsense; format=flowed\r\n\r\n",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Disposition: attachment; filename*=utf-8''%ff\r\n",
        b"--x\r\n",
        b"--x--\r\n",
        b"From: =?utf-8?b?/w==?= <a@b.example>\r\n",
        b"To: \xff\xfe <replies+abc@cop.example>\r\n",
        b"Message-ID: <\x00@x>\r\n",
        b"On Monday somebody wrote:\r\n> words\r\n",
        b"From: x\r\nSent: y\r\n\r\n",
        b"<div class=gmail_quote><blockquote></div><p>words",
        b"words \r\n",
        b"\xff\xfe\x00\r\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_heap_of_parts_is_read(pieces: list[bytes]) -> None:
    assert "\x00" not in read_answer(b"".join(pieces)).words


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=600))
def test_any_text_has_words_without_control_characters(text: str) -> None:
    found = own_words(text)
    assert not any(ord(character) < 32 and character not in "\n\t" for character in found)


def test_the_longest_of_what_is_read_is_bounded() -> None:
    """Looking for quotations takes the square of the length of a line, and of line ends in a row."""
    for hostile in ("On " + "a " * 50_000, "\n" * 100_000, "From: a\n" * 12_000, "> " * 50_000, "-- " * 30_000):
        assert len(own_words(hostile)) <= 100_000
