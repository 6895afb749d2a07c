"""A malformed or unknown setting stops start-up with one clear line that names it."""

import stat
from pathlib import Path

import pytest

from cop.core.settings import (
    Bucket,
    ImapFolder,
    SettingsError,
    data_dir,
    files_from,
    make_secrets,
    remember_address,
    remembered,
    settings_from,
)
from tests.support.postgres import ENCRYPTION_KEY, SECRET_KEY

DATABASE_URL = "postgresql://cop:secret@db.example/cop"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "COP_DATA_DIR": str(tmp_path),
        "DATABASE_URL": DATABASE_URL,
        "SECRET_KEY": SECRET_KEY,
        "COP_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "PATH": "/usr/bin",
    }


def test_four_settings_are_enough(environ: dict[str, str], tmp_path: Path) -> None:
    settings = settings_from(environ)
    assert settings.database_url == "postgresql+psycopg://cop:secret@db.example/cop"
    assert settings.encryption_keys == (ENCRYPTION_KEY,)
    assert settings.data_dir == tmp_path
    assert settings.base_url == "http://127.0.0.1:8000"
    assert str(settings.timezone) == "Europe/London"
    assert (settings.trusted_proxies, settings.secure, settings.demo, settings.testing) == (0, False, False, False)
    assert (settings.mail["MAIL_SERVER"], settings.mail["MAIL_PORT"]) == ("127.0.0.1", 25)
    assert (settings.files, settings.metrics_token) == (None, None)
    assert (settings.imap, settings.reply_address) == (None, None)


def test_every_setting_is_taken(environ: dict[str, str]) -> None:
    newest = "bmV3ZXN0IGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE="
    settings = settings_from(
        environ
        | {
            "DATABASE_URL": "postgres://db/cop",
            "COP_ENCRYPTION_KEYS": f" {newest} , {ENCRYPTION_KEY},",
            "BASE_URL": "https://learning.example.org/",
            "COP_TIMEZONE": "America/Toronto",
            "COP_TRUSTED_PROXIES": "2",
            "COP_FILES_URL": "file:///srv/cop%20files",
            "COP_METRICS_TOKEN": "Ab1._~+/=-Ab1._~",
            "COP_IMAP_URL": "imaps://bounces%40cop.example:p%2Fw@mail.example/Came%20back",
            "COP_REPLY_ADDRESS": "Replies@learning.example.org",
            "MAIL_SERVER": "smtp.example",
            "MAIL_PORT": "587",
            "MAIL_USE_TLS": "True",
            "MAIL_USERNAME": "cop",
            "MAIL_PASSWORD": "secret",
            "MAIL_DEFAULT_SENDER": "programme@learning.example.org",
        }
    )
    assert settings.database_url == "postgresql+psycopg://db/cop"
    assert settings.encryption_keys == (newest, ENCRYPTION_KEY)
    assert (settings.base_url, settings.secure) == ("https://learning.example.org", True)
    assert settings.domain == "learning.example.org"
    assert (str(settings.timezone), settings.trusted_proxies) == ("America/Toronto", 2)
    assert settings.metrics_token == "Ab1._~+/=-Ab1._~"  # noqa: S105  invented
    assert settings.files == Path("/srv/cop files")
    assert settings.imap == ImapFolder("mail.example", 993, "bounces@cop.example", "p/w", "Came back", tls=True)
    assert settings.reply_address == "replies@learning.example.org"
    assert "p/w" not in repr(settings)
    assert settings.mail == {
        "MAIL_SERVER": "smtp.example",
        "MAIL_PORT": 587,
        "MAIL_USE_TLS": True,
        "MAIL_USERNAME": "cop",
        "MAIL_PASSWORD": "secret",
        "MAIL_DEFAULT_SENDER": "programme@learning.example.org",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COP_TIMEZON", "Europe/London"),
        ("COP_", ""),
        ("COP_INSTALLATION", "abc"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "cop"),
        ("DATABASE_URL", "sqlite:///cop.db"),
        ("DATABASE_URL", "mysql://db/cop"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("COP_ENCRYPTION_KEYS", ""),
        ("COP_ENCRYPTION_KEYS", "not a key"),
        ("COP_ENCRYPTION_KEYS", f"{ENCRYPTION_KEY},not a key"),
        ("COP_TIMEZONE", "Europe/Stevenage"),
        ("COP_TIMEZONE", "../../etc/passwd"),
        ("COP_TIMEZONE", "/etc/localtime"),
        ("COP_TIMEZONE", "Europe"),
        ("COP_TRUSTED_PROXIES", "many"),
        ("COP_TRUSTED_PROXIES", "-1"),
        ("COP_TRUSTED_PROXIES", "11"),
        ("COP_TRUSTED_PROXIES", "²"),
        ("BASE_URL", "learning.example.org"),
        ("BASE_URL", "ftp://learning.example.org"),
        ("BASE_URL", "https://learning.example.org/path"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "https://[::1"),
        ("BASE_URL", "https://learning.example.org:port"),
        ("COP_FILES_URL", "s3://key@bucket/files"),
        ("COP_FILES_URL", "s3://key:secret@storage.example"),
        ("COP_FILES_URL", "s3://key:secret@storage.example/bucket/folder"),
        ("COP_FILES_URL", "s3://key:secret@storage.example/bucket?tls=no"),
        ("COP_FILES_URL", "s3://key:secret@storage.example/bucket?region=a&region=b"),
        ("COP_FILES_URL", "s3://key:secret@storage.example:port/bucket"),
        ("COP_FILES_URL", "s3://key:secret@storage.example/Bucket"),
        ("COP_FILES_URL", "/srv/cop/files"),
        ("COP_FILES_URL", "file://host/srv/cop/files"),
        ("COP_FILES_URL", "file:///srv/cop/files?mode=rw"),
        ("COP_IMAP_URL", "mail.example"),
        ("COP_IMAP_URL", "https://user:secret@mail.example/INBOX"),
        ("COP_IMAP_URL", "imaps://mail.example/INBOX"),
        ("COP_IMAP_URL", "imaps://user@mail.example/INBOX"),
        ("COP_IMAP_URL", "imaps://user:secret@/INBOX"),
        ("COP_IMAP_URL", "imaps://user:secret@mail.example:port/INBOX"),
        ("COP_IMAP_URL", "imaps://user:secret@[::1/INBOX"),
        ("COP_IMAP_URL", "imaps://user:secret@mail.example/INBOX?tls=0"),
        ("COP_IMAP_URL", "imap://user:secret@mail.example/INBOX"),
        ("COP_REPLY_ADDRESS", "replies@cop.example"),
        ("COP_METRICS_TOKEN", "fifteen-letters"),
        ("COP_METRICS_TOKEN", "sixteen letters!"),
        ("MAIL_PORT", "smtp"),
        ("MAIL_PORT", "0"),
        ("MAIL_PORT", "65536"),
        ("MAIL_USE_TLS", "maybe"),
        ("MAIL_DEFAULT_SENDER", "Learning Together"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(name: str, value: str, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from(environ | {name: value})
    message = str(refused.value)
    assert name in message
    assert "\n" not in message
    assert len(message) < 240


@pytest.mark.parametrize(
    "address", ["replies", "Learning <replies@cop.example>", "replies+x@cop.example", f"{'r' * 33}@cop.example", "a@b"]
)
def test_an_address_for_answers_has_to_take_a_long_sub_address(address: str, environ: dict[str, str]) -> None:
    imap = {"COP_IMAP_URL": "imaps://user:secret@mail.example/INBOX"}
    with pytest.raises(SettingsError, match="COP_REPLY_ADDRESS must look like"):
        settings_from(environ | imap | {"COP_REPLY_ADDRESS": address})


def test_no_secret_is_told(environ: dict[str, str]) -> None:
    for name in ("SECRET_KEY", "COP_ENCRYPTION_KEYS", "DATABASE_URL", "COP_IMAP_URL"):
        with pytest.raises(SettingsError) as refused:
            settings_from(environ | {name: "hunter2"})
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "port", "folder", "tls"),
    [
        ("imaps://u:p@mail.example", 993, "INBOX", True),
        ("imaps://u:p@mail.example:1993/", 1993, "INBOX", True),
        ("imap://u:p@127.0.0.1/Bounces", 143, "Bounces", False),
        ("imap://u:p@[::1]:1143/a/b", 1143, "a/b", False),
    ],
)
def test_a_mailbox_is_read_over_tls_unless_it_is_on_this_machine(
    url: str, port: int, folder: str, *, tls: bool, environ: dict[str, str]
) -> None:
    at = settings_from(environ | {"COP_IMAP_URL": url}).imap
    assert at is not None
    assert (at.port, at.folder, at.tls) == (port, folder, tls)


def test_empty_settings_count_as_unset(environ: dict[str, str]) -> None:
    assert settings_from(environ | {"BASE_URL": "", "COP_TIMEZONE": ""}) == settings_from(environ)


def test_the_embedded_database_brings_its_own_secrets(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    environ = {"COP_DATA_DIR": str(tmp_path)}
    settings = settings_from(environ, database_url="postgresql://postgres@/cop?host=/run")
    assert settings.secret_key == remembered(tmp_path)["SECRET_KEY"]
    assert settings == settings_from(environ, database_url="postgresql://postgres@/cop?host=/run")


def test_an_ordinary_database_never_uses_them(tmp_path: Path, environ: dict[str, str]) -> None:
    make_secrets(tmp_path)
    del environ["SECRET_KEY"]
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        settings_from(environ)


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    make_secrets(folder)
    first = remembered(folder)
    make_secrets(folder)
    assert remembered(folder) == first
    assert set(first) == {"SECRET_KEY", "COP_ENCRYPTION_KEYS", "COP_INSTALLATION"}
    assert stat.S_IMODE((folder / "secrets.env").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secrets.env"]


def test_the_address_last_served_is_remembered(tmp_path: Path, environ: dict[str, str]) -> None:
    remember_address(tmp_path, "http://127.0.0.1:8123")
    assert settings_from(environ).base_url == "http://127.0.0.1:8123"
    assert settings_from(environ | {"BASE_URL": "http://other.example"}).base_url == "http://other.example"


def test_the_data_folder_is_var_until_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dir({}) == tmp_path / "var"
    assert data_dir({"COP_DATA_DIR": "/srv/cop"}) == Path("/srv/cop")


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        (
            "s3://AKIA:a%2Fb%2Bc%3D@s3.eu-west-1.example/our-files?region=eu-west-1",
            Bucket("https://s3.eu-west-1.example", "our-files", "eu-west-1", "AKIA", "a/b+c="),
        ),
        ("s3://k:s@storage.example:9000/files", Bucket("https://storage.example:9000", "files", "eu-west-2", "k", "s")),
        ("s3://k:s@localhost:9000/files", Bucket("http://localhost:9000", "files", "eu-west-2", "k", "s")),
        ("s3://k:s@[::1]:9000/files", Bucket("http://[::1]:9000", "files", "eu-west-2", "k", "s")),
    ],
)
def test_a_bucket_is_reached_over_tls_unless_it_is_on_this_machine(address: str, bucket: Bucket) -> None:
    assert files_from(address) == bucket
