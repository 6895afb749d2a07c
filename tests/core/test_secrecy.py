"""Encryption that rotates, digests with a purpose, and links that cannot be forged."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator

import pytest

from cop.core import secrecy
from tests.support.postgres import ENCRYPTION_KEY, SECRET_KEY


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    secrecy.use(SECRET_KEY, (ENCRYPTION_KEY,))
    yield
    secrecy.use(SECRET_KEY, (ENCRYPTION_KEY,))


def test_text_is_encrypted_and_comes_back() -> None:
    hidden = secrecy.encrypt("a ramp, and a quiet room 🙂")
    assert b"ramp" not in hidden
    assert secrecy.decrypt(hidden) == "a ramp, and a quiet room 🙂"


def test_an_old_key_still_decrypts_and_the_newest_encrypts() -> None:
    newest = secrecy.new_encryption_key()
    old = secrecy.encrypt("old")
    secrecy.use(SECRET_KEY, (newest, ENCRYPTION_KEY))
    new = secrecy.encrypt("new")
    assert (secrecy.decrypt(old), secrecy.decrypt(new)) == ("old", "new")
    secrecy.use(SECRET_KEY, (newest,))
    assert secrecy.decrypt(new) == "new"


def test_nothing_works_before_the_keys_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_keys", None)
    with pytest.raises(RuntimeError, match="use"):
        secrecy.encrypt("text")


@pytest.mark.parametrize(("text", "good"), [(ENCRYPTION_KEY, True), ("", False), ("short", False), ("ä" * 44, False)])
def test_an_encryption_key_is_recognised(text: str, good: bool) -> None:  # noqa: FBT001
    assert secrecy.is_encryption_key(text) is good


def test_a_digest_depends_on_purpose_key_and_every_part() -> None:
    one = secrecy.digest("network", "a", "b")
    assert len(one) == 64
    assert one == secrecy.digest("network", "a", "b")
    others = [
        secrecy.digest("mail", "a", "b"),
        secrecy.digest("network", "ab"),
        secrecy.digest("network", "a", "b", key="programme"),
    ]
    assert len({one, *others}) == 4


def test_a_token_names_its_row_and_generation() -> None:
    assert secrecy.read_signed("booking", secrecy.sign("booking", "w7", 3)) == ("w7", 3)


def test_a_token_is_good_for_its_purpose_only() -> None:
    assert secrecy.read_signed("calendar", secrecy.sign("booking", "w7")) is None


def test_a_token_of_another_installation_is_worthless() -> None:
    token = secrecy.sign("booking", "w7")
    secrecy.use("another secret of another service, just as long", (ENCRYPTION_KEY,))
    assert secrecy.read_signed("booking", token) is None


def test_a_token_that_was_tampered_with_is_worthless() -> None:
    payload, dot, signature = secrecy.sign("booking", "w7").rpartition(".")
    other = secrecy.sign("booking", "w8").rpartition(".")[0]
    for token in (other + dot + signature, payload + dot + signature[::-1], payload, dot + signature, payload + dot):
        assert secrecy.read_signed("booking", token) is None


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a", "a.b", "\x00", "a\x00.b", "🙂.🙂", "%00", "../../etc/passwd", "a" * 1_000_000, "." * 100_000],
    ids=lambda token: ascii(token)[:20],
)
def test_garbage_is_no_token(token: str) -> None:
    assert secrecy.read_signed("booking", token) is None


@pytest.mark.parametrize("payload", ["text", 7, [7], [7, 0, 0], {"row": 7}, None])
def test_a_genuine_signature_over_something_else_is_no_token(payload: object) -> None:
    """Nobody outside can make one; a slip of ours would."""
    from itsdangerous import URLSafeSerializer  # noqa: PLC0415  only to make what we never make

    token = URLSafeSerializer(SECRET_KEY.encode(), salt="link:booking").dumps(payload)
    assert secrecy.read_signed("booking", str(token)) is None


def test_six_digits_are_six_digits_and_belong_to_their_row() -> None:
    codes = [secrecy.six_digits("sign-in-code", row, "browser") for row in range(200)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) > 190
    assert codes[7] == secrecy.six_digits("sign-in-code", 7, "browser")
    assert codes[7] != secrecy.six_digits("sign-in-code", 7, "another browser")


def test_comparing_takes_any_text() -> None:
    assert secrecy.same("é🙂", "é🙂")
    assert not secrecy.same("é", "e")


def test_random_words_have_no_letters_to_misread() -> None:
    words = {secrecy.random_word() for _ in range(100)}
    assert len(words) == 100
    assert not set("".join(words)) & set("il1o0")
    assert len(secrecy.random_word(40)) == 40


class TestSealing:
    def test_what_was_sealed_comes_back_and_is_the_same_each_time(self) -> None:
        sealed = secrecy.seal("cursor", "[12, 7]")
        assert secrecy.seal("cursor", "[12, 7]") == sealed
        assert secrecy.unseal("cursor", sealed) == "[12, 7]"

    def test_it_cannot_be_read_and_is_fit_for_an_address(self) -> None:
        sealed = secrecy.seal("cursor", "[123456789, 987654321]")
        assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert b"123456789" not in urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))

    def test_it_is_good_for_one_purpose_and_one_service(self) -> None:
        sealed = secrecy.seal("cursor", "[1]")
        assert secrecy.unseal("another", sealed) is None
        secrecy.use("another secret of another service", (ENCRYPTION_KEY,))
        assert secrecy.unseal("cursor", sealed) is None

    @pytest.mark.parametrize("wrong", ["", "a", "abc", "=", "’", "a b", "\x00", "A" * 4_000, "!" * 40])
    def test_nothing_else_opens(self, wrong: str) -> None:
        assert secrecy.unseal("cursor", wrong) is None

    def test_each_letter_counts(self) -> None:
        sealed = secrecy.seal("cursor", "[1, 2, 3]")
        for place in range(len(sealed) - 1):
            other = "A" if sealed[place] != "A" else "B"
            assert secrecy.unseal("cursor", sealed[:place] + other + sealed[place + 1 :]) is None
        for more in ("=", "==", "\n", " ", "!"):
            assert secrecy.unseal("cursor", sealed + more) is None
