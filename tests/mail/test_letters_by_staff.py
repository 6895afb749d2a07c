"""What staff write in Markdown, as it comes in a mail."""

import re

from bs4 import BeautifulSoup

from cop.mail.letters_by_staff import STYLES, written

BODY = """# Before you come

Dear {name}, [the page](https://a.example) of **{event}**.

- boots
- coat

> said

---

1. one
"""


def test_both_parts_say_the_same() -> None:
    letter = written(subject="{event}:\n soon", body=BODY, fields={"name": "Amina", "event": "Valley & Vale"})
    assert letter.subject == "Valley & Vale: soon"
    assert letter.text.startswith(
        "Before you come\n\nDear Amina, the page: https://a.example of Valley & Vale.\n\n- boots\n- coat\n\n> said"
    )
    assert "<strong>Valley &amp; Vale</strong>" in letter.html


def test_each_piece_of_the_letter_carries_its_style() -> None:
    letter = written(subject="", body=BODY, fields={})
    found = {tag.name: tag.get("style") for tag in BeautifulSoup(letter.html, "html.parser").find_all(True)}
    assert found == {
        name: STYLES.get(name) for name in ("h2", "p", "a", "strong", "ul", "ol", "li", "blockquote", "hr")
    }


def test_nothing_acts_or_loads_whoever_wrote_it() -> None:
    body = "<script>alert(1)</script> ![x](https://track.example/a.png) [a](javascript:alert(1)) <p>{name}"
    letter = written(subject="", body=body, fields={"name": "</p><img src=x>"})
    assert {tag.name for tag in BeautifulSoup(letter.html, "html.parser").find_all(True)} == {"p", "a"}
    assert re.findall(r'href="([^"]+)"', letter.html) == ["https://track.example/a.png"]
    assert "&lt;/p&gt;&lt;img src=x&gt;" in letter.html
