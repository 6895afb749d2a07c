"""What a provider's answers have to be: everything that anybody could have forged is refused."""

import hashlib
import hmac
import json
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from cop.formats import openid
from cop.formats.openid import Beginning, Metadata, Unsound

ISSUER, CLIENT, NONCE = "https://login.harbour.example", "cop", "nonce-of-ours"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
METADATA = Metadata(ISSUER, f"{ISSUER}/authorize?tenant=1", f"{ISSUER}/token", f"{ISSUER}/keys")


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": "1"})


def words(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**other: object) -> dict[str, object]:
    now = int(NOW.timestamp())
    said = {"iss": ISSUER, "aud": CLIENT, "sub": "amina", "nonce": NONCE, "iat": now, "exp": now + 300}
    return {**said, "email": "amina@harbour.example", "email_verified": True, **other}


def read(token: str, keys: object) -> openid.Identity:
    answer, published = json.dumps({"id_token": token}).encode(), json.dumps(keys).encode()
    return openid.read_identity(answer, published, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, at=NOW)


def published(*keys: RSAKey) -> object:
    return KeySet(list(keys)).as_dict(private=False)


def signed(key: RSAKey, said: dict[str, object], **header: object) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1", **header}, said, key)


def test_an_identity_is_read(key: RSAKey) -> None:
    found = read(signed(key, claims(name=" Amina Yusuf ", auth_time=1)), published(key))
    assert found == openid.Identity("amina", "amina@harbour.example", True, "Amina Yusuf", 1.0)


def test_of_one_who_says_little_is_known_little(key: RSAKey) -> None:
    said = claims(name=["Amina"], email=7, email_verified="true")
    assert read(signed(key, said), published(key)) == openid.Identity("amina", "", False, "", None)


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://login.evil.example"},
        {"iss": f"{ISSUER}/"},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another"},
        {"nonce": None},
        {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
        {"exp": "soon"},
        {"iat": int((NOW + timedelta(hours=1)).timestamp())},
        {"nbf": int((NOW + timedelta(hours=1)).timestamp())},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 201},
        {"sub": "a\x00b"},
    ],
)
def test_claims_that_are_not_for_us_now_are_refused(other: dict[str, object], key: RSAKey) -> None:
    with pytest.raises(Unsound):
        read(signed(key, claims(**other)), published(key))


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "nonce", "exp", "iat"])
def test_claims_that_are_missing_are_refused(missing: str, key: RSAKey) -> None:
    with pytest.raises(Unsound):
        read(signed(key, {name: value for name, value in claims().items() if name != missing}), published(key))


def test_another_key_is_refused(key: RSAKey) -> None:
    other = RSAKey.generate_key(2048, parameters={"kid": "1"})
    with pytest.raises(Unsound):
        read(signed(other, claims()), published(key))


def test_no_signature_is_refused(key: RSAKey) -> None:
    head, body, _ = signed(key, claims()).split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoiMSJ9"
    for token in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}", "", "a.b.c"):
        with pytest.raises(Unsound):
            read(token, published(key))


def test_the_public_key_as_a_shared_secret_is_refused(key: RSAKey) -> None:
    body = signed(key, claims()).split(".")[1]
    unsigned = f"{words(json.dumps({'alg': 'HS256', 'kid': '1'}).encode())}.{body}"
    signature = hmac.new(key.as_pem(private=False), unsigned.encode(), hashlib.sha256).digest()
    token = f"{unsigned}.{words(signature)}"
    with pytest.raises(Unsound):
        read(token, published(key))


@pytest.mark.parametrize("said", ["1", None, [1], -1, 10**400, float("nan"), float("inf")])
def test_an_instant_that_is_none_is_not_known(said: object) -> None:
    assert openid._identity({"sub": "amina", "auth_time": said}).signed_in_at is None


@pytest.mark.parametrize("answer", [b"", b"[]", b"null", b"{}", b'{"id_token": 7}', b"\xff", b"[" * 100_000])
def test_an_answer_of_any_shape_is_refused(answer: bytes, key: RSAKey) -> None:
    keys = json.dumps(published(key)).encode()
    with pytest.raises(Unsound):
        openid.read_identity(answer, keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, at=NOW)


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": [7]}, {"keys": "x"}, [], {"keys": [{"kty": "RSA"}]}])
def test_keys_of_any_shape_are_refused(keys: object, key: RSAKey) -> None:
    with pytest.raises(Unsound):
        read(signed(key, claims()), keys)


def test_a_provider_is_read() -> None:
    assert openid.read_metadata(ISSUER, json.dumps(SAID).encode()) == METADATA
    by_post = {**SAID, "token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert openid.read_metadata(ISSUER, json.dumps(by_post).encode()).by_post


@pytest.mark.parametrize(
    "said",
    [
        {**SAID, "issuer": f"{ISSUER}/"},
        {**SAID, "issuer": None},
        {**SAID, "token_endpoint": ""},
        {**SAID, "jwks_uri": 7},
        {name: value for name, value in SAID.items() if name != "authorization_endpoint"},
        {**SAID, "response_types_supported": ["id_token"]},
        [],
    ],
)
def test_what_is_no_provider_is_refused(said: object) -> None:
    with pytest.raises(Unsound):
        openid.read_metadata(ISSUER, json.dumps(said).encode())


def test_a_browser_is_sent_with_what_it_has_to_bring_back() -> None:
    beginning = Beginning("state", "nonce", "a" * 64)
    address = openid.authorization_address(
        METADATA, beginning, client_id=CLIENT, back="https://cop.example/back", email="a+b@harbour.example", anew=True
    )
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert asked == {
        "tenant": "1",
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": "https://cop.example/back",
        "scope": "openid email profile",
        "state": "state",
        "nonce": "nonce",
        "code_challenge": words(hashlib.sha256(b"a" * 64).digest()),
        "code_challenge_method": "S256",
        "login_hint": "a+b@harbour.example",
        "prompt": "login",
        "max_age": "0",
    }


def test_the_secret_goes_where_the_provider_wants_it() -> None:
    asked = {"client_id": "a:b", "client_secret": "c/d", "code": "1", "verifier": "v", "back": "https://cop.example"}
    body, headers = openid.token_request(METADATA, **asked)
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"a%3Ab:c%2Fd"
    assert b"secret" not in body
    posted = Metadata(ISSUER, "", "", "", by_post=True)
    body, headers = openid.token_request(posted, **asked)
    assert b"client_secret=c%2Fd" in body
    assert "Authorization" not in headers
