"""The key that signs: every way in which its file can be wrong is one line that says what to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from newsletter.configfile import parse
from newsletter.delivery.dkim import Signer, unsigned
from newsletter.delivery.keyfile import private_key
from newsletter.delivery.signing import key_of, seal_of
from newsletter.errors import ConfigError
from tests.unit.test_delivery_dkim import LETTER, NOW, verified


def pem(key: object, format: PrivateFormat = PrivateFormat.PKCS8, password: bytes = b"") -> bytes:
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, format, hidden)


def of_bits(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


KEY = of_bits(2048)


def kept(folder: Path, data: bytes, mode: int = 0o600) -> Path:
    path = folder / "dkim.pem"
    path.write_bytes(data)
    path.chmod(mode)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        private_key(path)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize("format", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_key_of_openssl_is_read(tmp_path: Path, format: PrivateFormat, mode: int) -> None:
    key = private_key(kept(tmp_path, pem(KEY, format), mode))
    sign = Signer("troisrivieres.example.org", "letters", NOW, key.sign)
    assert verified(sign(LETTER), public=key.public)


@pytest.mark.parametrize(
    ("data", "mode", "said"),
    [
        (pem(KEY), 0o644, "everybody on this machine can read or change this key; `chmod 600 "),
        (pem(KEY), 0o602, "everybody on this machine can read or change this key; `chmod 600 "),
        (b"", 0o600, "holds no private key in PEM; make one as docs/howto/signing.md says"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "holds no private key in PEM"),
        (pem(KEY, password=b"secret"), 0o600, "the key has a password; write it without"),
        (pem(of_bits(1024)), 0o600, "a key of 1024 bits, and 2048 to 4096 are asked for"),
        (pem(ed25519.Ed25519PrivateKey.generate()), 0o600, "is no RSA key, and many receivers know no other"),
    ],
)
def test_what_is_no_key_is_told_in_one_line(tmp_path: Path, data: bytes, mode: int, said: str) -> None:
    path = kept(tmp_path, data, mode)
    assert refusal(path).startswith(f"{path}: {said}")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.pem") == (
        f"{tmp_path / 'x.pem'}: no such file, and mail.dkim names it; make one as docs/howto/signing.md says"
    )


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept(tmp_path, pem(KEY))

    def denied(self: Path) -> bytes:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "read_bytes", denied)  # root may read everything
    assert refusal(path) == f"{path}: the key cannot be read (Permission denied); see to its owner and rights"
    assert "see to its owner" in refusal(path / "below a file")


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert refusal(tmp_path / "dkim.pem") == (
        "mail.dkim: signing needs the extra dkim: `pip install 'newsletter[dkim]'`, or remove the table"
    )


def configured(root: Path, **keys: str) -> object:
    tables = {domain.replace("_", "."): {"selector": name, "key_file": "dkim.pem"} for domain, name in keys.items()}
    site = {"name": "Centre", "url": "https://www.example.org"}
    return parse({"site": site, "mail": {"dkim": tables}}, root=root)


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.org", "example.org"),
        ("lettres.example.org", "example.org"),
        ("eau.example.org", "eau.example.org"),
        ("a.eau.example.org", "eau.example.org"),
        ("notexample.org", None),
        ("org", None),
        ("rivières.example.com", "xn--rivires-5xa.example.com"),
    ],
)
def test_the_nearest_domain_signs_and_no_foreign_one(tmp_path: Path, domain: str, found: str | None) -> None:
    config = configured(tmp_path, example_org="a", eau_example_org="b", rivières_example_com="c")
    key = key_of(config, domain)
    assert (key and key[0]) == found


def test_a_sender_is_signed_by_the_key_of_its_domain(tmp_path: Path) -> None:
    config = configured(tmp_path, troisrivieres_example_org="letters")
    assert seal_of(config, "a@example.org", NOW) is unsigned  # no key is asked for
    with pytest.raises(ConfigError, match="no such file"):
        seal_of(config, "a@troisrivieres.example.org", NOW)
    key = private_key(kept(tmp_path, pem(KEY)))
    assert verified(seal_of(config, "a@troisrivieres.example.org", NOW)(LETTER), public=key.public)
    below = seal_of(config, "a@news.troisrivieres.example.org", NOW)(LETTER)
    assert b" d=troisrivieres.example.org;" in below
