"""What a person wrote in answer to a letter: the words of a mail without what they quote, from bytes to values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from html.parser import HTMLParser
from itertools import groupby

from mailparser_reply import EmailReplyParser

from cop.formats.mails import addresses_in, header, is_automatic, message_id, recipients

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "cs", "da", "sv")
"""In which mail programs say who wrote what is quoted."""

MOST_CHARACTERS = 100_000
LONGEST_LINE = 240
"""Of the lines in which quotations are looked for: those that introduce one are shorter, and looking takes the square
of their length.
"""

HELD = re.compile("\ue000(\\d+)\ue001")
"""What stands for a longer line meanwhile, in characters that no text uses."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff]")
"""Characters that say nothing, or that no two machines read alike."""

SENT_FROM = re.compile(r"\n+(?:Sent from my|Sent from Outlook for|Get Outlook for)\b[^\n]*\Z", re.IGNORECASE)
SIGNATURE = re.compile(r"(?:\A|\n)-- ?\n.*\Z", re.DOTALL)
"""What many programs put under each mail, and the sign that a signature follows (RFC 3676)."""

AWAY = re.compile(
    r"\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|automatische antwort|"
    r"abwesenheit|réponse automatique|respuesta automática|risposta automatica|undeliver|delivery (?:status|failure)|"
    r"mail delivery|returned mail|failure notice)",
    re.IGNORECASE,
)
"""How subjects begin that machines write which say nothing else of themselves."""

OUR_LETTER = re.compile(
    r"(?:^[> ]*Hello [^\n]*,\n\s*)?^[> ]*Reply to this e-mail to answer in the forum\..*\Z",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
"""What programs leave that mark nothing as quoted; it holds links that are for one person alone."""

MACHINES = ("mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "donotreply@", "do-not-reply@")
LISTS = ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List", "Feedback-ID", "X-Loop")

NO_FILES = frozenset({"calendar", "pkcs7-signature", "x-pkcs7-signature", "pgp-signature", "pgp-keys"})
NO_FILES |= {"vcard", "x-vcard", "ms-tnef"}
"""Subtypes of what mail programs add by themselves."""


@dataclass(frozen=True)
class Answer:
    """One mail. ``id`` is the same however often it is read, ``recipients`` all addresses that it went to.

    ``sender`` is empty where it does not name exactly one. ``words`` are those of its author alone, ``files`` the
    number of files that came with them. ``is_forged``: the mail server that took it says that it is not from there.
    Addresses are in lower case.
    """

    id: str
    sender: str
    recipients: tuple[str, ...]
    words: str
    files: int = 0
    is_automatic: bool = False
    is_forged: bool = False


def read_answer(raw: bytes) -> Answer:
    """Whatever the bytes are, what can be read of them as an answer."""
    mail = message_from_bytes(raw)
    senders = addresses_in(mail, "From")
    sender = senders[0] if len(senders) == 1 else ""
    return Answer(
        id=message_id(mail, raw),
        sender=sender,
        recipients=recipients(mail),
        words=own_words(_text(mail)),
        files=sum(1 for _ in _files(mail)),
        is_automatic=_is_of_a_machine(mail, sender),
        is_forged="dmarc=fail" in header(mail, "Authentication-Results").lower(),
    )


def _is_of_a_machine(mail: Message, sender: str) -> bool:
    return (
        is_automatic(mail)
        or header(mail, "Return-Path", "?").strip() in {"<>", ""}
        or mail.get_content_type() == "multipart/report"
        or any(mail.get(name) for name in LISTS)
        or sender.startswith(MACHINES)
        or AWAY.match(header(mail, "Subject")) is not None
    )


def own_words(text: str) -> str:
    """The words of a mail without quotations, the lines that introduce them, and a signature after ``--``."""
    plain = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:MOST_CHARACTERS]
    plain = OUR_LETTER.sub("", re.sub(r"\n\s*\n\s*", "\n\n", plain)).strip()
    lines = plain.split("\n")
    held = "\n".join(f"\ue000{number}\ue001" if len(line) > LONGEST_LINE else line for number, line in enumerate(lines))
    found = EmailReplyParser(languages=list(LANGUAGES)).read(held).replies
    first = found[0].content if found else ""
    if found and found[0].headers:  # the mail begins with what it quotes, and the answer stands in it or below
        first = _between(found[0].content.replace(found[0].headers, "", 1))
    words = HELD.sub(lambda match: lines[int(match[1])], first)
    words = _without_quotations_below(words)
    return SENT_FROM.sub("", SIGNATURE.sub("", words)).strip()


def _between(text: str) -> str:
    """What was written under or between quoted lines. Those stay that are answered one by one."""
    pieces = [
        (quoted, "\n".join(lines).strip())
        for quoted, lines in groupby(text.split("\n"), key=lambda line: line.lstrip().startswith(">"))
    ]
    own = [piece for quoted, piece in pieces if not quoted and piece]
    if len(own) < 2:  # noqa: PLR2004  one piece of their own answers all of it
        return "\n\n".join(own)
    return "\n\n".join(piece for _quoted, piece in pieces if piece)


def _without_quotations_below(text: str) -> str:
    lines = text.rstrip().split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(">")):
        lines.pop()
    return "\n".join(lines)


def _text(part: Message) -> str:
    """The text of a mail, of several ways to say it the plainest."""
    if part.get_content_disposition() == "attachment":
        return ""
    kind = part.get_content_type()
    if kind == "text/plain":
        return _joined(part)
    if kind == "text/html":
        return _of_html(_decoded(part))
    children = _children(part)
    if kind == "multipart/alternative":
        children = sorted(children, key=lambda child: child.get_content_type() != "text/plain")
    texts = [_text(child) for child in children]
    if kind == "multipart/alternative":
        return next((text for text in texts if text.strip()), "")
    return "\n\n".join(text for text in texts if text.strip())


def _children(part: Message) -> Sequence[Message]:
    payload = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(payload, list):
        return ()
    return [child for child in payload if isinstance(child, Message)]


def _joined(part: Message) -> str:
    """Plain text, with the lines put together again that were broken to be sent (RFC 3676)."""
    text = _decoded(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    glue = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
    lines: list[str] = []
    goes_on = False
    for line in text.splitlines():
        plain = line.removeprefix(" ")
        flows = plain.endswith(" ") and plain != "-- " and not plain.startswith(">")
        shown = plain.rstrip(" ") if flows else plain
        if goes_on and not plain.startswith(">"):
            lines[-1] += glue + shown
        else:
            lines.append(shown)
        goes_on = flows
    return "\n".join(lines)


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _files(part: Message) -> Iterator[Message]:
    """What somebody attached, but for what mail programs and signatures add."""
    disposition = part.get_content_disposition()
    if disposition != "attachment":
        for child in _children(part):
            yield from _files(child)
    is_named = disposition is None and part.get_filename() and part.get_content_maintype() not in {"text", "multipart"}
    if disposition == "attachment" or (is_named and not part.get("Content-ID")):
        yield from () if part.get_content_subtype() in NO_FILES else (part,)


class _Words(HTMLParser):
    """The words of a mail in HTML, without what it quotes: ``blockquote``, and what programs mark in other ways."""

    UNSEEN = frozenset({"head", "style", "script", "title", "blockquote", "template"})
    VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
    BLOCKS = frozenset({"p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"})
    QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "zmail_extra")
    ENDS = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container")
    """Marks of an element that quotes, and of one after which all is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen: list[str] = []
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        if any(mark in marks for mark in self.ENDS):
            self._is_over = True
        if tag in self.VOID:
            self.said.append("\n" if tag == "br" and self._is_seen else "")
        elif self._unseen:
            if tag == self._unseen[-1] or tag in self.UNSEEN:
                self._unseen.append(tag)
        elif tag in self.UNSEEN or any(mark in marks for mark in self.QUOTES):
            self._unseen.append(tag)
        elif self._is_seen:
            self.said.append("\n\n" if tag in self.BLOCKS else "\n- " if tag == "li" else "")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag == self._unseen[-1]:
                self._unseen.pop()
        elif tag in self.BLOCKS and self._is_seen:
            self.said.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._is_seen:
            self.said.append(re.sub(r"\s+", " ", data))

    @property
    def _is_seen(self) -> bool:
        return not (self._unseen or self._is_over)


def _of_html(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.said).replace("\xa0", " ").split("\n")
    return "\n".join(line.strip() for line in lines)
