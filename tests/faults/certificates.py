"""Certificates for a server on loopback, good and bad, made while the tests run."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
import ssl
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

ADDRESS: Final = "127.0.0.1"
DAY: Final = timedelta(days=1)


class Issued(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """Return the certificate as PEM, for a client that is to trust it."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def context(self, folder: Path) -> ssl.SSLContext:
        """Return the TLS context of a server that has this certificate."""
        path = folder / f"{self.certificate.serial_number}.pem"
        path.write_bytes(
            self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + self.certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def authority() -> Issued:
    """Return an authority that a client can trust."""
    return _issue("Test authority", None, is_authority=True)


def leaf(
    issuer: Issued | None, address: str = ADDRESS, *, expired: bool = False
) -> Issued:
    """Return a server's certificate, by itself where there is no issuer."""
    return _issue("Test server", issuer, address=address, expired=expired)


def _issue(
    name: str,
    issuer: Issued | None,
    *,
    address: str | None = None,
    expired: bool = False,
    is_authority: bool = False,
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * DAY)
        .not_valid_after(now - DAY if expired else now + 3 * DAY)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            critical=False,
        )
    )
    if is_authority:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    if issuer:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
            critical=False,
        )
    if address:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    signer = issuer.key if issuer else key
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def server_contexts(folder: Path) -> tuple[str, dict[str, ssl.SSLContext]]:
    """Return the authority to trust, and what good and bad servers show."""
    trusted = authority()
    return trusted.pem, {
        "good": leaf(trusted).context(folder),
        "self-signed": leaf(None).context(folder),
        "expired": leaf(trusted, expired=True).context(folder),
        "another's": leaf(trusted, "127.0.0.2").context(folder),
    }
