"""A device that holds passkeys, as a browser would answer for it: real keys and real signatures."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from cop.formats.passkeys import Site

SITE = Site("localhost", "http://localhost", "Learning Together")

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def words(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey. What is given to ``make`` and ``sign`` beside the challenge is what a stranger would forge."""

    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def make(self, challenge: bytes, site: Site = SITE, *, verified: bool = True) -> str:
        public = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(key)
        data = self._data(site.host, WITH_KEY, verified=verified) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", challenge, site.origin)
        response = {"clientDataJSON": words(said), "attestationObject": words(attestation), "transports": ["internal"]}
        return self._answer(response)

    def sign(self, challenge: bytes, site: Site = SITE, *, verified: bool = True, counts: bool = True) -> str:
        self.count += 1 if counts else 0
        data = self._data(site.host, 0, verified=verified)
        said = self._said("webauthn.get", challenge, site.origin)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": words(said), "authenticatorData": words(data), "signature": words(signature)}
        return self._answer(response)

    def _data(self, host: str, flags: int, *, verified: bool) -> bytes:
        flags |= PRESENT | (VERIFIED if verified else 0)
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: bytes, origin: str) -> bytes:
        said = {"type": kind, "challenge": words(challenge), "origin": origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        named = words(self.credential_id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
