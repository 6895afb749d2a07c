"""Talking to an organisation's own sign-in: looking it up, and changing a code into an identity."""

from cop.core.clock import SystemClock
from cop.core.outgoing import Outgoing, is_of_this_machine
from cop.formats.openid import (
    WELL_KNOWN,
    Beginning,
    Identity,
    Metadata,
    read_identity,
    read_metadata,
    token_request,
)
from cop.models.security import IdentityProvider
from cop.web.database import ports
from cop.web.pages import address

BACK = "single_sign_on.back"


def _outgoing() -> Outgoing:
    """The open internet over TLS; in tests a server on this machine."""
    if ports().settings.testing:
        return Outgoing(is_allowed=is_of_this_machine, schemes=frozenset({"http", "https"}))
    return Outgoing()


def discover(issuer: str) -> Metadata:
    """What a provider says of itself. Unanswered or Unsound where it is none."""
    return read_metadata(issuer, _outgoing().ask(f"{issuer.rstrip('/')}{WELL_KNOWN}"))


def identity_for(provider: IdentityProvider, *, code: str, beginning: Beginning) -> Identity:
    """Whom the provider names for the code that a browser brought back. Unanswered or Unsound where it names nobody."""
    metadata, outgoing = discover(provider.issuer), _outgoing()
    body, headers = token_request(
        metadata,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        code=code,
        verifier=beginning.verifier,
        back=address(BACK),
    )
    return read_identity(
        outgoing.ask(metadata.token_endpoint, body=body, headers=headers),
        outgoing.ask(metadata.jwks_uri),
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=beginning.nonce,
        at=SystemClock().now(),
    )
