"""The sandbox starts, stops and records."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
import ssl

from aiohttp import ClientConnectorError, ClientOSError, ClientSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from freezegun.api import FrozenDateTimeFactory
import pytest

from sandbox import Fault, Sandbox
from sandbox.api import PREFIX

from .conftest import Get, Post


async def test_requests(get: Get, post: Post, sandbox: Sandbox) -> None:
    """Every request is kept as it arrived."""
    await get("/contacts/find-one-by?email=ada%2Bx@example.com")
    await post("/portal-sessions", {"shop_uuid": "123123"})
    first, second = sandbox.requests
    assert first.method == "GET"
    assert first.path.startswith(f"{PREFIX}/contacts/find-one-by?email=ada%2B")
    assert first.headers["authorization"] == "Bearer sandbox-key"
    assert first.json is None
    assert second.json == {"shop_uuid": "123123"}
    assert second.time >= first.time
    assert sandbox.calls("POST") == [second]
    assert sandbox.calls(path="portal-sessions") == [second]
    assert sandbox.calls("GET", "portal-sessions") == []


async def test_restart(post: Post, get: Get, sandbox: Sandbox) -> None:
    """A sandbox comes back at the same address with what it knew."""
    url = sandbox.url
    _, answer = await post("/portal-sessions", {"shop_uuid": "123123"})
    await sandbox.stop()
    with pytest.raises(ClientConnectorError):
        await get("")
    await sandbox.start()
    assert sandbox.url == url
    status, again = await get(f"/portal-sessions/{answer['data']['uuid']}")
    assert (status, again) == (200, answer)


async def test_taken_port(sandbox: Sandbox) -> None:
    """Two sandboxes cannot have one address."""
    with pytest.raises(OSError, match="in use"):
        await Sandbox(port=sandbox.port).start()


async def test_settings(socket_enabled: None) -> None:
    """Settings that are given at the start apply."""
    async with (
        Sandbox(keys={"a", "b"}, base_url="http://shop.local") as sandbox,
        ClientSession(f"{sandbox.url}{PREFIX}/") as client,
    ):
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
        for key in ("a", "b"):
            async with client.post(
                "portal-sessions",
                json={"shop_uuid": "123123"},
                headers={"Authorization": f"Bearer {key}"},
            ) as response:
                data = (await response.json())["data"]
                assert data["url"].startswith("http://shop.local/portal-sessions?")
                created = datetime.fromisoformat(data["created_at"])
                assert datetime.now(UTC) - created < timedelta(minutes=1)
        async with client.get(
            "shops", headers={"Authorization": "Bearer sandbox-key"}
        ) as response:
            assert response.status == 401


async def test_frozen_time(
    socket_enabled: None, freezer: FrozenDateTimeFactory
) -> None:
    """Where a test stops the clock, sessions and events are of its time."""
    freezer.move_to("2027-01-02T03:04:05+00:00")
    headers = {"Authorization": "Bearer sandbox-key"}
    async with Sandbox() as sandbox, ClientSession(headers=headers) as client:
        async with client.post(
            f"{sandbox.url}{PREFIX}/portal-sessions", json={"shop_uuid": "123123"}
        ) as response:
            data = (await response.json())["data"]
        assert data["created_at"] == "2027-01-02T03:04:05+00:00"
        freezer.tick(60)
        event = sandbox.add_event(data["uuid"], "credit_reception")
        assert event["created_at"] == "2027-01-02T03:05:05+00:00"


async def test_names_of_hosts() -> None:
    """The URL of a sandbox on all interfaces has the loopback address."""
    assert Sandbox(host="0.0.0.0", port=1).url == "http://127.0.0.1:1"  # noqa: S104
    assert Sandbox(host="::", port=1).url == "http://[::1]:1"
    assert Sandbox(host="::1", port=1).url == "http://[::1]:1"
    assert Sandbox(host="localhost", port=1).url == "http://localhost:1"


def _certificate(folder: Path) -> Path:
    """Write a certificate for the loopback address, and its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sandbox")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "sandbox.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_tls(socket_enabled: None, tmp_path: Path) -> None:
    """With a certificate it speaks TLS, and faults stay the same."""
    file = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    trust = ssl.create_default_context(cafile=str(file))
    headers = {"Authorization": "Bearer sandbox-key"}
    async with (
        Sandbox(ssl_context=context) as sandbox,
        ClientSession(headers=headers) as client,
    ):
        assert sandbox.url.startswith("https://127.0.0.1:")
        async with client.get(f"{sandbox.url}{PREFIX}", ssl=trust) as response:
            assert response.status == 200
        sandbox.add_fault(Fault("reset_after"))
        with pytest.raises(ClientOSError):
            await client.post(
                f"{sandbox.url}{PREFIX}/portal-sessions",
                json={"shop_uuid": "123123"},
                ssl=trust,
            )
        assert len(sandbox.sessions) == 1
