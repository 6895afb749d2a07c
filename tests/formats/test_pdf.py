"""Papers as PDF: the words that were given, the same bytes for the same words, tagged, and never markup."""

import re
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from cop.formats.pdf import TEMPLATES, typeset
from tests.support import pdf

RECORD: Mapping[str, Any] = {
    "service": "Change Makers",
    "title": "Record of attendance",
    "name": "Amina Yusuf",
    "sentence": "completed a course.",
    "headings": ["Half-day", "When", "Attended"],
    "rows": [["Day 1 morning", "Tuesday", "Yes"], ["Day 1 afternoon", "Tuesday", "No"]],
    "lines": ["Attended 1 of 2 half-days."],
    "check": "Check it here:",
    "address": "http://cop.example/verify/abcdefghjkmn",
    "code": "abcd-efgh-jkmn",
}


def record(**other: Any) -> bytes:
    return typeset("record", {**RECORD, **other})


def test_says_what_it_was_given_in_its_order() -> None:
    assert pdf.words(record()) == (
        "Change Makers Record of attendance Amina Yusuf completed a course. Half-day When Attended Day 1 morning "
        "Tuesday Yes Day 1 afternoon Tuesday No Attended 1 of 2 half-days. Check it here: "
        "http://cop.example/verify/abcdefghjkmn abcd-efgh-jkmn"
    )


def test_is_the_same_bytes_for_the_same_data_and_others_for_others() -> None:
    assert record() == record()
    assert record() != record(name="Ben Okafor")


def test_is_the_same_bytes_from_several_threads_at_once() -> None:
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(record())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [record()] * 4


def test_is_tagged_and_says_its_title_and_its_language() -> None:
    body = record()
    for sign in (b"/MarkInfo<</Marked true", b"/StructTreeRoot", b"/Lang(en-GB)", b"pdfuaid:part"):
        assert sign in body
    assert len(re.findall(rb"/S/TH\b", body)) == 3
    assert b"Record of attendance" in body


@pytest.mark.parametrize(
    "name",
    [
        "#strong[Amina]",
        '#read("/etc/passwd")',
        "\\u{41} $x^2$ `code` *bold* _thin_",
        '"; }} #panic("no")',
        "<label> @reference // comment",
        "{{ 7 * 7 }}",
        "https://elsewhere.example",
    ],
)
def test_takes_words_as_words_and_never_as_markup(name: str) -> None:
    assert name in pdf.words(record(name=name))


@pytest.mark.parametrize("name", ["Zoë Łukasz Ŵyn", "Ελένη Олена", "İbrahim Ñuñez", "Nguyễn Thị Ánh"])
def test_knows_the_letters_of_europe_and_beyond(name: str) -> None:
    assert name in pdf.words(record(name=name))


@pytest.mark.parametrize(("name", "shown"), [("李雷 Lei", "□□ Lei"), ("Amina 😀 Yusuf", "Amina □ Yusuf")])
def test_shows_a_sign_in_the_place_of_what_no_font_has(name: str, shown: str) -> None:
    assert shown in pdf.words(record(name=name))


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x80"])
def test_shows_it_in_the_place_of_what_is_no_letter_at_all(sign: str) -> None:
    assert "Amina □ Yusuf" in pdf.words(record(name=f"Amina {sign} Yusuf"))


@pytest.mark.parametrize("between", ["\t", "\n", "\r\n", "\x0b", "\x0c"])
def test_keeps_tabs_and_line_ends_beside_what_it_cannot_show(between: str) -> None:
    assert "Amina Yusuf □" in pdf.words(record(name=f"Amina{between}Yusuf \x07"))


def test_what_is_wrong_with_a_template_is_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="name"):
        typeset("record", {key: value for key, value in RECORD.items() if key != "name"})


def test_badges_are_ten_to_a_page() -> None:
    badge = {"name": "Amina Yusuf", "organisation": "Stevenage", "role": "Resident"}
    body = typeset("badges", {"service": "S", "title": "A visit", "pages": [[badge] * 10, [badge]]})
    assert pdf.pages(body) == 2
    assert pdf.words(body).count("Amina Yusuf") == 11


def test_a_very_long_name_stays_on_its_badge() -> None:
    badge = {"name": "Bartholomew " * 16, "organisation": "Stevenage", "role": "Resident"}
    body = typeset("badges", {"service": "S", "title": "A visit", "pages": [[badge] * 10]})
    assert pdf.pages(body) == 1


def test_a_sheet_of_many_repeats_its_headings_on_each_page() -> None:
    sheet = {"heading": "Morning", "about": "Tuesday", "rows": [[str(n), "Name", "Council", ""] for n in range(60)]}
    body = typeset(
        "sign_in", {"service": "S", "title": "Sign-in", "headings": ["", "Who", "Where", "Sign"], "sheets": [sheet] * 2}
    )
    assert pdf.pages(body) == 6
    assert pdf.words(body).count("Who Where Sign") == 6
    assert pdf.words(body).endswith("6 / 6")


def test_every_paper_uses_the_fonts_of_the_house() -> None:
    assert {path.name for path in TEMPLATES.glob("*.typ")} == {
        "house.typ",
        "record.typ",
        "badges.typ",
        "sign_in.typ",
        "draw.typ",
        "place_cards.typ",
        "tables.typ",
        "funder.typ",
        "chart.typ",
    }
    for path in TEMPLATES.glob("*.typ"):
        assert path.name in {"house.typ", "chart.typ"} or '#import "house.typ"' in path.read_text()
