"""A local stand-in for Piggy's API with a portal page, for the demo and the tests.

Nothing here is shipped, and nothing here talks to Piggy.
"""

from .account import Account, BrandKit, Contact, Giftcard, Identifier, Shop, Voucher
from .errors import ApiError
from .faults import Fault
from .recording import Recorded
from .seed import DEFAULT_KEY
from .server import Sandbox
from .store import Session, Transaction

__all__ = [
    "DEFAULT_KEY",
    "Account",
    "ApiError",
    "BrandKit",
    "Contact",
    "Fault",
    "Giftcard",
    "Identifier",
    "Recorded",
    "Sandbox",
    "Session",
    "Shop",
    "Transaction",
    "Voucher",
]
