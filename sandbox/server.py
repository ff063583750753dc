"""The sandbox as a server."""

from collections.abc import Callable, Iterable
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
import ssl
from types import TracebackType
from typing import Self

from aiohttp import web

from .admin import Admin
from .api import PREFIX, Api
from .fault_queue import Faults
from .page_api import PAGE_PREFIX, PageApi
from .payments import Payments
from .portal import Portal
from .recording import ADMIN_PREFIX, Recorder
from .seed import DEFAULT_KEY, make_account
from .settings import LOGO_PATH, Settings, UrlFor
from .store import Store, utc_now


class Sandbox:
    """A stand-in for Piggy's API on the loopback interface.

    Starts and stops as an async context manager. Its data and the port that it picked
    outlive a stop. The members are those of its parts, under one roof:

    settings   what can be changed while it runs, as `settings.omit_events`
    account    the business that it starts with; shops, contacts, identifiers,
               giftcards, vouchers and rewards are its rows, by uuid, number or code
    store      keys, sessions and the ledger: what was paid in them
    payments   what a customer can do in a session
    requests   every request so far, except those to the admin API and those for the
               brand, which is read on the side: `calls` returns them by their path,
               and only faults with a path affect them
    """

    def __init__(  # noqa: PLR0913 -- each is a setting with a default
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Iterable[str] = (DEFAULT_KEY,),
        base_url: str | None = None,
        url_for: UrlFor = None,
        json_only: bool = False,
        vendor_page: Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare a sandbox; base_url is where browsers reach it, if not at host."""
        self.host = host
        self.port = port
        self._own_base_url = base_url is None
        self._ssl_context = ssl_context
        self._runner: web.AppRunner | None = None

        self.settings = Settings(
            base_url or "", url_for, json_only=json_only, vendor_page=vendor_page
        )
        self.portal_url = self.settings.portal_url

        self.account = account = make_account()
        self.shops = account.shops
        self.contacts = account.contacts
        self.identifiers = account.identifiers
        self.giftcards = account.giftcards
        self.vouchers = account.vouchers
        self.rewards = account.rewards
        self.add_shop = account.add_shop
        self.add_contact = account.add_contact
        self.add_identifier = account.add_identifier
        self.remove_shop = account.shops.__delitem__

        self.store = store = Store(account, keys, now)
        self.keys = store.keys
        self.sessions = store.sessions
        self.ledger = store.ledger
        self.payments = Payments(store)
        self.identify = store.identify
        self.add_event = store.add_event
        self.add_key = store.add_key
        self.remove_key = store.keys.__delitem__
        self.remove_session = store.sessions.__delitem__

        brand = f"{PREFIX}/brand-kit", LOGO_PATH
        self._recorder = Recorder(*brand)
        self.requests = self._recorder.requests
        self.calls = self._recorder.calls
        self.wait_for_calls = self._recorder.wait_for

        self._faults = Faults(*brand)
        self.faults = self._faults.pending
        self.add_fault = self._faults.add
        self.clear_faults = self._faults.clear

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
        files = web.Application(middlewares=[self._faults.middleware])
        files.router.add_get("/{name}", self._logo)
        app.add_subapp(LOGO_PATH.rpartition("/")[0], files)
        app.add_subapp(PAGE_PREFIX, PageApi(self.store, self.payments).make_app())
        admin = Admin(self.store, self.settings, self._faults, self._recorder)
        app.add_subapp(ADMIN_PREFIX, admin.make_app())
        Portal(self.store, self.payments, self.settings).add_routes(app)
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

    def set_logo(self, content: bytes) -> None:
        """Give the account a logo."""
        self.settings.logo = content
        self.account.brand_kit.large_logo_url = LOGO_PATH

    async def _logo(self, _: web.Request) -> web.Response:
        return web.Response(body=self.settings.logo, content_type="image/png")

    async def stop(self) -> None:
        """Stop serving, and close every connection."""
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


def _reachable(host: str) -> str:
    """Return a host as a browser on this machine writes it."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"  # noqa: PLR2004
    return host if address.version == 4 else f"[{host}]"  # noqa: PLR2004
