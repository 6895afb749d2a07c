"""Secrets of the service: encryption of columns, keyed digests, signed links and codes.

The keys are set once when the process starts and belong to the process, as its log configuration does.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from itsdangerous import BadSignature, URLSafeSerializer


@dataclass(frozen=True)
class Keys:
    cipher: MultiFernet
    secret: bytes
    ciphers: tuple[Fernet, ...]
    fingerprints: tuple[str, ...]


_keys: Keys | None = None


def use(secret_key: str, encryption_keys: tuple[str, ...]) -> None:
    """Set the process's keys. The first encryption key encrypts; all of them decrypt, so keys can be rotated."""
    global _keys  # noqa: PLW0603  process-wide by nature
    ciphers = tuple(Fernet(key) for key in encryption_keys)
    _keys = Keys(MultiFernet(ciphers), secret_key.encode(), ciphers, tuple(map(fingerprint, encryption_keys)))


def _current() -> Keys:
    if _keys is None:
        raise RuntimeError("secrecy.use() has not been called")
    return _keys


def encrypt(text: str) -> bytes:
    return _current().cipher.encrypt(text.encode())


def keys_in_use() -> list[str]:
    """The fingerprints of the encryption keys of this process, that which encrypts first."""
    return list(_current().fingerprints)


def key_of(token: bytes) -> int | None:
    """Which of :func:`keys_in_use` encrypted it, by its place there; None where it was none of them."""
    for place, cipher in enumerate(_current().ciphers):
        try:
            cipher.decrypt(token)
        except InvalidToken:
            continue
        return place
    return None


def renewed(token: bytes) -> bytes | None:
    """The same encrypted under the first key, or None where it is already. WrongKey where no key opens it."""
    place = key_of(token)
    if place is None:
        raise WrongKey("COP_ENCRYPTION_KEYS lacks the key under which the database was encrypted")
    return _current().cipher.rotate(token) if place else None


class WrongKey(Exception):  # noqa: N818  the keys lack the one that encrypted
    """Something in the database was encrypted under a key that COP_ENCRYPTION_KEYS does not hold."""


def decrypt(token: bytes) -> str:
    try:
        return _current().cipher.decrypt(token).decode()
    except InvalidToken:
        raise WrongKey("COP_ENCRYPTION_KEYS lacks the key under which the database was encrypted") from None


def encrypt_under(key: str, text: str) -> bytes:
    """Encrypt under a key of its own, such as one person's, so that forgetting the key forgets the text."""
    return Fernet(key).encrypt(text.encode())


def decrypt_under(key: str, token: bytes) -> str | None:
    """The text, or None where another key encrypted it."""
    try:
        return Fernet(key).decrypt(token).decode()
    except InvalidToken:
        return None


def new_encryption_key() -> str:
    return Fernet.generate_key().decode()


def is_encryption_key(text: str) -> bool:
    try:
        Fernet(text)
    except (ValueError, InvalidToken):
        return False
    return True


def fingerprint(key: str) -> str:
    """Twelve characters that tell an encryption key from others and nothing about it."""
    return hmac.new(key.encode(), b"fingerprint of an encryption key", hashlib.sha256).hexdigest()[:12]


def digest(purpose: str, *parts: object, key: str | None = None) -> str:
    """A keyed hash (hex, 64 characters) of ``parts``, different for each purpose.

    ``key`` replaces the service's secret where a digest has to be stable for one programme only.
    """
    message = "\x1f".join([purpose, *map(str, parts)])
    secret = key.encode() if key is not None else _current().secret
    return hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()


def sign(purpose: str, public_id: str, generation: int = 0) -> str:
    """A token for an address: it names a row by its random word and dies when the row's generation is raised.

    The word and not the row's number, which would mean another row after a restore or in a database made anew.
    """
    return str(URLSafeSerializer(_current().secret, salt=f"link:{purpose}").dumps([public_id, generation]))


def read_signed(purpose: str, token: str) -> tuple[str, int] | None:
    """The random word and the generation of a genuine token of that purpose, else None."""
    try:
        public_id, generation = URLSafeSerializer(_current().secret, salt=f"link:{purpose}").loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(public_id), int(generation)


def seal(purpose: str, text: str) -> str:
    """``text`` for an address, so that nobody can read or change it: always the same word for the same text."""
    return urlsafe_b64encode(_cipher_of(purpose).encrypt(text.encode(), None)).decode().rstrip("=")


def unseal(purpose: str, word: str) -> str | None:
    """What was sealed for that purpose; None where nothing was."""
    try:
        sealed = urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4))
        if urlsafe_b64encode(sealed).decode().rstrip("=") != word:  # decoding passes over what it does not know
            return None
        return _cipher_of(purpose).decrypt(sealed, None).decode()
    except (ValueError, InvalidTag):
        return None


def _cipher_of(purpose: str) -> AESSIV:
    return AESSIV(bytes.fromhex(digest("seal", purpose)))


def six_digits(purpose: str, *parts: object) -> str:
    """A code that a person can type, derived and therefore stored nowhere."""
    return f"{int(digest(purpose, *parts), 16) % 1_000_000:06d}"


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def random_word(length: int = 12) -> str:
    """An unguessable word of letters and digits that are hard to misread."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(length))
