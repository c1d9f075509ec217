"""A certificate for trying things out: this machine vouches for itself, browsers will ask.

The camera needs a secure page; `--tls self` gives one to machines of the same room. A
service for others takes a certificate that browsers know.
"""

import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE: Final = timedelta(days=397)
RENEW_BEFORE: Final = timedelta(days=14)


def local_certificate(folder: Path, host: str, now: datetime) -> tuple[Path, Path]:
    """Certificate and key files for this machine; made or renewed where needed.

    Args:
        host: the address served on; it is put among the names.
    """
    certificate, key = folder / "local.pem", folder / "local.key"
    names = _names(host)
    if not (key.is_file() and _still_good(certificate, names, now)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(certificate, key, names, now)
    return certificate, key


def _make(certificate: Path, key: Path, names: list[str], now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "expert-draw local")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    certificate.write_bytes(made.public_bytes(Encoding.PEM))


def _still_good(certificate: Path, names: list[str], now: datetime) -> bool:
    if not certificate.is_file():
        return False
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    if found.not_valid_after_utc - RENEW_BEFORE <= now:
        return False
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {_general(one) for one in names} <= set(held)


def _names(host: str) -> list[str]:
    """Every name and address a browser of this network may use for this machine."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    if host not in {"", "0.0.0.0", "::"}:
        names.add(host)
    with suppress(OSError):  # a machine that can't look itself up is still reached by the others
        names.update(str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), None))
    return sorted(names)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name.partition("%")[0]))
    except ValueError:
        return x509.DNSName(name)
