"""The private key that signs mail, from its file; ``cryptography`` comes with the extra ``dkim``."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from pathlib import Path
from stat import S_IROTH, S_IWOTH
from typing import TYPE_CHECKING

from newsletter.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BITS = range(2048, 4097)
"""Every receiver must be able to check keys up to 4096 bits; below 2048 is too weak (RFC 8301 §3.2)."""


class PrivateKey:
    """An RSA key; ``sign`` may be called from many threads and leaves other threads running."""

    def __init__(self, key: RSAPrivateKey) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        self._key = key
        self.sign = partial(key.sign, padding=PKCS1v15(), algorithm=SHA256())

    @property
    def public(self) -> str:
        """The other half as DNS shows it, in base64 (RFC 6376 §3.6.1)."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return b64encode(self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def private_key(path: Path) -> PrivateKey:
    """Read the key that signs.

    Raises:
        ConfigError: it is not there, not ours alone, or no RSA key of good length: which, and what to do.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise ConfigError(
            "mail.dkim: signing needs the extra dkim: `pip install 'newsletter[dkim]'`, or remove the table"
        ) from None
    data = _guarded(path)
    try:
        key = load_pem_private_key(data, None)
    except TypeError:
        raise ConfigError(f"{path}: the key has a password; write it without, and guard the file") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"{path}: holds no private key in PEM; {_MAKE}") from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{path}: is no RSA key, and many receivers know no other; {_MAKE}")
    if key.key_size not in BITS:
        raise ConfigError(f"{path}: a key of {key.key_size} bits, and {BITS[0]} to {BITS[-1]} are asked for; {_MAKE}")
    return PrivateKey(key)


_MAKE = "make one as docs/howto/signing.md says"


def _guarded(path: Path) -> bytes:
    """Return the bytes of a file that is not everybody's."""
    try:
        if path.stat().st_mode & (S_IROTH | S_IWOTH):
            raise ConfigError(f"{path}: everybody on this machine can read or change this key; `chmod 600 {path}`")
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file, and mail.dkim names it; {_MAKE}") from None
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read ({error.strerror}); see to its owner and rights") from None
