"""Passkeys (WebAuthn): what a browser is asked, and what it answers, as JSON.

``cop.services.factors`` says who may use which; here is only whether an answer is genuine: made on this site, for this
challenge, by somebody who showed the device that it is them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS = 20_000
"""Of an answer; a genuine one has some two thousand."""


@dataclass(frozen=True)
class Site:
    """Where passkeys are good: the host that they are bound to, and the address that the browser has to show."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True)
class Known:
    """A passkey that the person has: how to name it to the browser."""

    credential_id: bytes
    transports: Sequence[str] = ()


@dataclass(frozen=True)
class Made:
    """The public half of a new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]


def to_make(
    site: Site, challenge: bytes, *, handle: str, address: str, name: str, known: Sequence[Known]
) -> dict[str, Any]:
    """What a browser is asked for a new passkey; it refuses a device that holds one of those known already."""
    from webauthn import generate_registration_options, options_to_json  # noqa: PLC0415  20 MB that few workers need
    from webauthn.helpers.structs import (  # noqa: PLC0415
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=handle.encode(),
        user_name=address,
        user_display_name=name,
        challenge=challenge,
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return dict(json.loads(options_to_json(options)))


def to_give(site: Site, challenge: bytes, *, known: Sequence[Known]) -> dict[str, Any]:
    """What a browser is asked for, of one of the passkeys known."""
    from webauthn import generate_authentication_options, options_to_json  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


def _described(known: Sequence[Known]) -> list[Any]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor  # noqa: PLC0415

    ways = {str(way.value): way for way in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[ways[way] for way in one.transports if way in ways]
        )
        for one in known
    ]


def made(site: Site, challenge: bytes, answer: str) -> Made | None:
    """The passkey that a browser made; None where the answer is not genuine."""
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers import parse_registration_credential_json  # noqa: PLC0415
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    if len(answer) > MOST_CHARACTERS:
        return None
    try:
        credential = parse_registration_credential_json(answer)
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    ways = sorted(str(way.value) for way in credential.response.transports or ())
    return Made(verified.credential_id, verified.credential_public_key, verified.sign_count, ways)


def credential_of(answer: str) -> bytes | None:
    """Which passkey an answer says that it is of."""
    from webauthn.helpers import parse_authentication_credential_json  # noqa: PLC0415
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    if len(answer) > MOST_CHARACTERS:
        return None
    try:
        return bytes(parse_authentication_credential_json(answer).raw_id)
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def given(site: Site, challenge: bytes, answer: str, *, public_key: bytes, sign_count: int) -> int | None:
    """The new count of signatures of a passkey that gave a genuine answer, else None.

    A count that does not grow is a copy of the passkey, and not accepted; devices that never count stay at 0.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return int(verified.new_sign_count)
