"""
What a platform's private key signed, checked with keys that were fetched from its host.

No I/O: the keys come with the secrets. `cryptography` and `pyjwt` are loaded
when they are needed, and ship only with a platform whose manifest has
`public_keys`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from chalicelib.ports.connector.receiving import SignatureInvalid, SignatureMissing

LEEWAY_S = 60  # by how much the platform's clock and ours may differ
ALGORITHMS = ("RS256", "ES256")  # never "none", never one with a shared secret


def check_rsa(certificate: bytes, signature: bytes, message: bytes, *, algorithm: str = "sha256") -> None:
    """RSA PKCS#1 v1.5 under the key of an X.509 certificate (PEM). Raises SignatureInvalid."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.x509 import load_pem_x509_certificate

    kind = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}[algorithm]
    try:
        key = load_pem_x509_certificate(certificate).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise SignatureInvalid("The certificate holds another kind of key.")
        key.verify(signature, message, padding.PKCS1v15(), kind())
    except (ValueError, InvalidSignature):
        raise SignatureInvalid("The signature is not that of this message.") from None


def check_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    """`public_key` is the 32 raw bytes. Raises SignatureInvalid."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (ValueError, InvalidSignature):
        raise SignatureInvalid("The signature is not that of this message.") from None


def claims_of(
    token: str | None, keys: bytes, *, audience: str, issuers: Collection[str], now: datetime
) -> Mapping[str, Any]:
    """
    The claims of a JWT that one of `keys` (a JWKS document) signed, for us and not over at `now` (aware UTC).

    Who is meant by them is left to the caller: anybody can have a token from a
    big issuer. Raises SignatureMissing, SignatureInvalid.
    """
    import jwt

    if not token:
        raise SignatureMissing("No token.")
    if not audience:
        raise SignatureInvalid("No audience is configured.")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        fitting = [key for key in jwt.PyJWKSet.from_dict(json.loads(keys)).keys if key.key_id == kid]
        if not fitting:
            raise SignatureInvalid("The token is signed with a key that the platform does not show.")
        claims: dict[str, Any] = jwt.decode(
            token,
            fitting[0],
            algorithms=ALGORITHMS,
            audience=audience,
            # The library asks the machine's clock: a replay tells another time.
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat", "iss"]},
        )
    except (jwt.PyJWTError, ValueError, AttributeError, TypeError, RecursionError):
        raise SignatureInvalid("The token is not good.") from None
    seconds, expires, issued = now.timestamp(), claims["exp"], claims["iat"]
    if not (isinstance(expires, int | float) and isinstance(issued, int | float)):
        raise SignatureInvalid("The token's times cannot be read.")
    if not issued - LEEWAY_S <= seconds <= expires + LEEWAY_S:
        raise SignatureInvalid("The token is over, or not yet good.")
    if claims["iss"] not in issuers:
        raise SignatureInvalid("The token is another issuer's.")
    return claims
