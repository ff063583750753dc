"""The sandbox as a server."""

from collections.abc import Callable, Iterable
from datetime import datetime
from ipaddress import ip_address
import ssl
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .admin import Admin
from .api import PREFIX, Api
from .faults import Fault, Faults
from .portal import Portal
from .recording import ADMIN_PREFIX, Recorded, Recorder
from .seed import DEFAULT_KEY, make_account
from .settings import Settings, UrlFor
from .store import (
    Account,
    Contact,
    Identifier,
    Session,
    Shop,
    Store,
    utc_now,
)


class Sandbox:
    """A stand-in for Piggy's API on the loopback interface.

    Starts and stops as an async context manager; what it knows outlives a stop, and so
    does the port that it picked. Shops, contacts and cards are those of the account it
    started with, unless an account is named.
    """

    def __init__(  # noqa: PLR0913 -- each is a setting with a default
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Iterable[str] = (DEFAULT_KEY,),
        base_url: str | None = None,
        url_for: UrlFor = None,
        omit_events: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare a sandbox; base_url is where browsers reach it, if not at host."""
        self.host = host
        self.port = port
        self.settings = Settings(base_url or "", url_for, omit_events)
        self.store = Store(make_account(), keys, now)
        self._own_base_url = base_url is None
        self._ssl_context = ssl_context
        self._recorder = Recorder()
        self._faults = Faults()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the address it serves; the port is known once it has started."""
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://{_reachable(self.host)}:{self.port}"

    async def start(self) -> None:
        """Start to serve; raises OSError if the address is taken."""
        self._faults.closing.clear()
        app = web.Application(middlewares=[self._recorder.middleware])
        api = Api(self.store, self.settings)
        app.add_subapp(PREFIX, api.make_app(self._faults.middleware))
        admin = Admin(self.store, self.settings, self._faults, self._recorder)
        app.add_subapp(ADMIN_PREFIX, admin.make_app())
        Portal(self.store).add_routes(app)
        # A client that leaves ends a stalled or delayed answer at once.
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port, ssl_context=self._ssl_context)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]
        if self._own_base_url:
            self.settings.base_url = self.url

    async def stop(self) -> None:
        """Stop to serve, and close every connection."""
        self._faults.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def account(self) -> Account:
        """Return the account it started with."""
        return self.store.account

    @property
    def keys(self) -> dict[str, Account]:
        """Return the accounts by key."""
        return self.store.keys

    @property
    def shops(self) -> dict[str, Shop]:
        """Return the shops by uuid."""
        return self.account.shops

    @property
    def contacts(self) -> dict[str, Contact]:
        """Return the contacts by uuid."""
        return self.account.contacts

    @property
    def identifiers(self) -> dict[str, Identifier]:
        """Return the cards by number."""
        return self.account.identifiers

    @property
    def sessions(self) -> dict[str, Session]:
        """Return the sessions of all accounts by uuid, oldest first."""
        return self.store.sessions

    @property
    def requests(self) -> list[Recorded]:
        """Return every request so far, but those to the admin API."""
        return self._recorder.requests

    @property
    def faults(self) -> list[Fault]:
        """Return the faults that are still queued."""
        return self._faults.pending

    @property
    def omit_events(self) -> bool:
        """Return whether GET of a session leaves out its events."""
        return self.settings.omit_events

    @omit_events.setter
    def omit_events(self, omit: bool) -> None:
        self.settings.omit_events = omit

    @property
    def url_for(self) -> UrlFor:
        """Return what overrides a session's url, if anything."""
        return self.settings.url_for

    @url_for.setter
    def url_for(self, url_for: UrlFor) -> None:
        self.settings.url_for = url_for

    def calls(self, method: str = "", path: str = "") -> list[Recorded]:
        """Return the requests of a method whose path contains a text."""
        return self._recorder.calls(method, path)

    async def wait_for_calls(
        self, count: int = 1, method: str = "", path: str = ""
    ) -> list[Recorded]:
        """Wait until that many requests match; bound it with asyncio.timeout."""
        return await self._recorder.wait_for(count, method, path)

    def add_fault(self, *faults: Fault) -> None:
        """Queue faults; the first that matches a request befalls it."""
        self._faults.add(*faults)

    def clear_faults(self) -> None:
        """Drop the faults that are still queued."""
        self._faults.clear()

    def add_key(self, key: str, account: Account | None = None) -> None:
        """Add a key of the account, or of another one."""
        self.keys[key] = account or self.account

    def remove_key(self, key: str) -> None:
        """Make a key invalid; raises KeyError."""
        del self.keys[key]

    def add_shop(self, name: str, **details: Any) -> Shop:
        """Add a shop; the details are the fields of Shop."""
        return self.account.add_shop(name, **details)

    def remove_shop(self, uuid: str) -> None:
        """Remove a shop; its sessions stay. Raises KeyError."""
        del self.shops[uuid]

    def add_contact(self, email: str, **details: Any) -> Contact:
        """Add a contact; the details are the fields of Contact."""
        return self.account.add_contact(email, **details)

    def add_identifier(
        self, value: str, contact: Contact | None = None, **details: Any
    ) -> Identifier:
        """Add a card; the details are the fields of Identifier."""
        return self.account.add_identifier(value, contact, **details)

    def identify(self, uuid: str, contact_uuid: str) -> None:
        """Let a contact identify in a session; raises ApiError 1003 or 55031."""
        self.store.identify(uuid, contact_uuid)

    def add_event(
        self, uuid: str, event_type: str, data: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add an event to a session and return it; raises ApiError 1003."""
        return self.store.add_event(uuid, event_type, data)

    def remove_session(self, uuid: str) -> None:
        """Forget a session; raises KeyError."""
        del self.sessions[uuid]

    def portal_url(self, uuid: str) -> str:
        """Return the address of a session's portal page, whatever url_for says."""
        return self.settings.portal_url(uuid)


def _reachable(host: str) -> str:
    """Return a host as a browser on this machine writes it."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"  # noqa: PLR2004
    return host if address.version == 4 else f"[{host}]"  # noqa: PLR2004
