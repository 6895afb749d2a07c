"""OpenID Connect: what a provider says of itself, what it is asked, and whom it names.

Only the flow with a code, with a proof of the browser that began (PKCE), a state and a nonce of ours.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key of the provider's own; a shared secret proves nothing to us, and no signature less."""

LEEWAY_SECONDS = 60
MOST_WORDS = 200
LAST_SECOND = 253402300799
"""The end of the year 9999."""


class Unsound(Exception):  # noqa: N818
    """What is wrong with an answer of a provider, in words for people who look after the service."""


@dataclass(frozen=True)
class Metadata:
    """Where the parts of a provider are. ``by_post`` tells that it wants the secret in the body of the request."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    by_post: bool = False


@dataclass(frozen=True)
class Beginning:
    """What a browser takes along when it is sent to a provider, and has to bring back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Whom a provider names. ``signed_in_at`` is when they last signed in there, in seconds, where it says so."""

    subject: str
    email: str
    email_verified: bool
    name: str
    signed_in_at: float | None


def begin() -> Beginning:
    from authlib.common.security import generate_token  # noqa: PLC0415  10 MB that most workers never need

    return Beginning(generate_token(32), generate_token(32), generate_token(64))


def read_metadata(issuer: str, answer: bytes) -> Metadata:
    """What ``issuer`` says of itself; Unsound unless it is that issuer and offers what we need."""
    said = _object(answer)
    if said.get("issuer") != issuer:
        raise Unsound("it calls itself by another address than the one that you entered")
    places = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    if not all(isinstance(place, str) and place for place in places.values()):
        raise Unsound("it does not say where it signs people in")
    if "code" not in (said.get("response_types_supported") or ["code"]):
        raise Unsound("it does not offer the flow with a code")
    ways = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    by_post = "client_secret_basic" not in ways and "client_secret_post" in ways
    return Metadata(issuer, by_post=by_post, **places)  # type: ignore[arg-type]  # looked at above


def authorization_address(
    metadata: Metadata, beginning: Beginning, *, client_id: str, back: str, email: str = "", anew: bool = False
) -> str:
    """Where to send the browser.

    ``anew`` asks that the person sign in there again, whatever session they have, and that the provider say when.
    """
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    more = {"login_hint": email} if email else {}
    return str(
        prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=beginning.state,
            nonce=beginning.nonce,
            code_challenge=create_s256_code_challenge(beginning.verifier),
            code_challenge_method="S256",
            **more,
            **({"prompt": "login", "max_age": "0"} if anew else {}),
        )
    )


def token_request(
    metadata: Metadata, *, client_id: str, client_secret: str, code: str, verifier: str, back: str
) -> tuple[bytes, Mapping[str, str]]:
    """Body and headers of the request that changes a code into a token."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if metadata.by_post:
        fields |= {"client_id": client_id, "client_secret": client_secret}
    else:
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return urlencode(fields).encode(), headers


def read_identity(answer: bytes, keys: bytes, *, issuer: str, client_id: str, nonce: str, at: datetime) -> Identity:
    """Whom the token names that came for a code; Unsound unless the provider signed it, for us, now, for this nonce."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    token = _object(answer).get("id_token")
    if not isinstance(token, str):
        raise Unsound("it sent no identity")
    wanted = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
        "nonce": {"essential": True, "value": nonce},
    }
    try:
        signed = jwt.decode(token, KeySet.import_key_set(_object(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(signed.claims, signed.header, wanted, {"client_id": client_id, "nonce": nonce})
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise Unsound("the identity that it sent is not genuine, or is too old") from None
    return _identity(dict(claims))


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject, email, name = (claims.get(key) for key in ("sub", "email", "name"))
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_WORDS or "\x00" in subject:
        raise Unsound("it does not say who signed in")
    return Identity(
        subject,
        email if isinstance(email, str) else "",
        claims.get("email_verified") is True,
        name.strip()[:MOST_WORDS] if isinstance(name, str) else "",
        _seconds(claims.get("auth_time")),
    )


def _seconds(said: object) -> float | None:
    """An instant as claims have it; what is none, or of no time that computers know, is not said."""
    if isinstance(said, int | float) and 0 <= said <= LAST_SECOND:
        return float(said)
    return None


def _object(answer: bytes) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise Unsound("its answer cannot be read") from None
    if not isinstance(found, dict):
        raise Unsound("its answer cannot be read")
    return found
