"""Settings come from the environment, are checked once, and never change while a process lives."""

import os
import re
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from cop.core import secrecy

SECRETS_FILE = "secrets.env"
ADDRESS_FILE = "address.env"

KNOWN = frozenset(
    {
        "COP_DATA_DIR",
        "COP_ENCRYPTION_KEYS",
        "COP_FILES_URL",
        "COP_IMAP_URL",
        "COP_METRICS_TOKEN",
        "COP_REPLY_ADDRESS",
        "COP_TIMEZONE",
        "COP_TRANSLATIONS",
        "COP_TRUSTED_PROXIES",
    }
)


REPLY_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,32}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""What is put after a plus sign takes 29 of the 64 characters that may stand before the @."""

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
REGION = re.compile(r"[a-z0-9-]{1,40}")
DEFAULT_REGION = "eu-west-2"
"""London; most stores but Amazon's own take any name."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(Exception):
    """A setting is missing, malformed or unknown; the message is one line that names it."""


@dataclass(frozen=True)
class ImapFolder:
    """Where mail is read that machines send us: a folder on an IMAP server, over TLS unless that is on this machine."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    tls: bool = True


@dataclass(frozen=True)
class Bucket:
    """A bucket of a store that speaks as Amazon S3 does; ``endpoint`` is its address without a path."""

    endpoint: str
    name: str
    region: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    database_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    data_dir: Path = Path("var")
    base_url: str = "http://127.0.0.1:8000"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    trusted_proxies: int = 0
    mail: Mapping[str, Any] = field(default_factory=dict)
    files: Path | Bucket | None = None
    translations: Path | None = None
    imap: ImapFolder | None = None
    reply_address: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    demo: bool = False
    testing: bool = False

    @property
    def domain(self) -> str:
        """The host that makes identifiers of calendar entries and mails unique in the world."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def mailbox(self) -> str:
        """The address that people write to: the one that our mail comes from."""
        return parseaddr(self.mail["MAIL_DEFAULT_SENDER"])[1]

    @property
    def secure(self) -> bool:
        """Whether the service is reached over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


def data_dir(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("COP_DATA_DIR") or "var").resolve()


def remembered(folder: Path) -> dict[str, str]:
    """What the data folder keeps between commands: generated secrets and the address last served."""
    found: dict[str, str] = {}
    for name in (SECRETS_FILE, ADDRESS_FILE):
        path = folder / name
        if path.exists():
            found |= dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return found


def make_secrets(folder: Path) -> None:
    """Generate the secrets of an embedded installation once, readable by their owner only."""
    path = folder / SECRETS_FILE
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"SECRET_KEY={random.token_urlsafe(48)}",
        f"COP_ENCRYPTION_KEYS={secrecy.new_encryption_key()}",
        f"COP_INSTALLATION={random.token_hex(6)}",
    ]
    draft = folder / f".{SECRETS_FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines) + "\n")
    try:
        os.link(draft, path)  # fails where another process was first: its secrets stand
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def remember_address(folder: Path, base_url: str) -> None:
    (folder / ADDRESS_FILE).write_text(f"BASE_URL={base_url}\n")


def settings_from(environ: Mapping[str, str], *, database_url: str | None = None, demo: bool = False) -> Settings:
    """Check the environment and return the settings.

    ``database_url`` is given where the embedded database has been started; then secrets kept in the data
    folder count as if they were set. Raises SettingsError with one line that names the setting at fault.
    """
    for name in environ:
        if name.startswith("COP_") and name not in KNOWN | {"COP_DEMO"}:
            raise SettingsError(f"{name} is not a setting of this service; known are {', '.join(sorted(KNOWN))}")
    folder = data_dir(environ)
    kept = remembered(folder)
    if database_url is None:
        kept.pop("SECRET_KEY", None)
        kept.pop("COP_ENCRYPTION_KEYS", None)
    values = {**kept, **{name: value for name, value in environ.items() if value}}
    return Settings(
        database_url=_database_url(database_url or values.get("DATABASE_URL", "")),
        secret_key=_secret_key(values.get("SECRET_KEY", "")),
        encryption_keys=_encryption_keys(values.get("COP_ENCRYPTION_KEYS", "")),
        data_dir=folder,
        base_url=_base_url(values.get("BASE_URL", "http://127.0.0.1:8000")),
        timezone=_timezone(values.get("COP_TIMEZONE", "Europe/London")),
        trusted_proxies=_whole("COP_TRUSTED_PROXIES", values.get("COP_TRUSTED_PROXIES", "0"), 0, 10),
        mail=_mail(values),
        files=files_from(values.get("COP_FILES_URL", "")),
        translations=_translations("COP_TRANSLATIONS", values.get("COP_TRANSLATIONS", "")),
        imap=_imap(values.get("COP_IMAP_URL", "")),
        reply_address=_reply_address(values.get("COP_REPLY_ADDRESS", ""), values.get("COP_IMAP_URL", "")),
        metrics_token=_metrics_token(values.get("COP_METRICS_TOKEN", "")),
        demo=demo or values.get("COP_DEMO") == "1",
    )


def _translations(name: str, text: str) -> Path | None:
    if not text:
        return None
    if not Path(text).is_dir():
        raise SettingsError(f"{name} must name a folder that is there, not {text}")
    return Path(text).resolve()


def _database_url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise SettingsError("DATABASE_URL must look like postgresql://user:password@host/database")
    return f"postgresql+psycopg://{rest}"


def _secret_key(text: str) -> str:
    if len(text) < 32:  # noqa: PLR2004
        raise SettingsError("SECRET_KEY must be set to at least 32 random characters")
    return text


def _encryption_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or not all(secrecy.is_encryption_key(key) for key in keys):
        raise SettingsError(
            "COP_ENCRYPTION_KEYS must hold one or more Fernet keys separated by commas, the newest first"
        )
    return keys


def _base_url(text: str) -> str:
    if not _is_base_address(text):
        raise SettingsError("BASE_URL must look like https://learning.example.org, without a path")
    return text.rstrip("/")


def _is_base_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        return False
    return whole and parts.path in {"", "/"} and not parts.query and not parts.fragment


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"COP_TIMEZONE must name a time zone such as Europe/London, not {text!r}") from None


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)


def files_from(text: str) -> Path | Bucket | None:
    """Where uploaded files are kept: a folder, or a bucket; None keeps them in the database."""
    if not text:
        return None
    found = _bucket(text) if text.startswith("s3://") else _folder(text)
    if found is None:
        raise SettingsError(
            "COP_FILES_URL must look like file:///srv/cop/files or s3://KEY:SECRET@storage.example/bucket?region=name, "
            "with signs such as / in the secret written as %2F, or be left out to keep files in the database"
        )
    return found


def _folder(text: str) -> Path | None:
    folder = text.removeprefix("file://")
    is_folder = folder != text and folder.startswith("/") and "?" not in folder and "#" not in folder
    return Path(unquote(folder)) if is_folder else None


def _bucket(text: str) -> Bucket | None:
    try:
        parts = urlsplit(text)
        port, asked = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:  # brackets, a port or a question that are none
        return None
    name, region = parts.path.removeprefix("/"), asked.pop("region", [DEFAULT_REGION])
    is_known = BUCKET.fullmatch(name) and len(region) == 1 and REGION.fullmatch(region[0])
    if asked or not (is_known and parts.hostname and parts.username and parts.password and port != 0) or parts.fragment:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    scheme = "http" if parts.hostname in LOOPBACK else "https"
    endpoint = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return Bucket(endpoint, name, region[0], unquote(parts.username), unquote(parts.password))


def _imap(text: str) -> ImapFolder | None:
    """The folder of mail that machines send us; None where nobody reads it."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        ports = {"imaps": 993, "imap": 143}
        port = parts.port if parts.port is not None else ports.get(parts.scheme, 0)
        known = parts.scheme == "imaps" or (parts.scheme == "imap" and parts.hostname in LOOPBACK)
    except ValueError:  # brackets or a port that are none
        known, port, parts = False, 0, urlsplit("")
    if not (known and port and parts.hostname and parts.username and parts.password) or parts.query or parts.fragment:
        raise SettingsError(
            "COP_IMAP_URL must look like imaps://user:password@mail.example/INBOX, with signs such as @ in the user or "
            "the password written as %40"
        )
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return ImapFolder(
        parts.hostname, port, unquote(parts.username), unquote(parts.password), folder, parts.scheme == "imaps"
    )


def _reply_address(text: str, imap_url: str) -> str | None:
    """Where calendars send their answers, each to a sub-address of its own; None where nobody reads them."""
    if not text:
        return None
    if not REPLY_ADDRESS.fullmatch(text) or not imap_url:
        raise SettingsError(
            "COP_REPLY_ADDRESS must look like replies@mail.example, with at most 32 characters before the @, and needs "
            "COP_IMAP_URL, the folder into which mail to replies+anything@mail.example comes"
        )
    return text.lower()


def _metrics_token(text: str) -> str | None:
    """What a monitoring system shows to be given figures; None gives them to this machine alone."""
    if text and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,}", text):
        raise SettingsError("COP_METRICS_TOKEN must hold at least 16 characters out of letters, digits and ._~+/=-")
    return text or None


def _mail(values: Mapping[str, str]) -> dict[str, Any]:
    tls = values.get("MAIL_USE_TLS", "0").lower()
    if tls not in {"0", "1", "true", "false"}:
        raise SettingsError(f"MAIL_USE_TLS must be 1 or 0, not {tls!r}")
    sender = values.get("MAIL_DEFAULT_SENDER", "Learning Together <programme@cop.example>")
    if "@" not in sender:
        raise SettingsError("MAIL_DEFAULT_SENDER must hold an e-mail address")
    return {
        "MAIL_SERVER": values.get("MAIL_SERVER", "127.0.0.1"),
        "MAIL_PORT": _whole("MAIL_PORT", values.get("MAIL_PORT", "25"), 1, 65535),
        "MAIL_USE_TLS": tls in {"1", "true"},
        "MAIL_USERNAME": values.get("MAIL_USERNAME"),
        "MAIL_PASSWORD": values.get("MAIL_PASSWORD"),
        "MAIL_DEFAULT_SENDER": sender,
    }
