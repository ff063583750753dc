"""The errors of Piggy's API, by code."""

from collections.abc import Mapping, Sequence

INVALID_INPUT = 1003
SHOP_NOT_FOUND = 1008
GIFTCARD_NOT_FOUND = 5001
GIFTCARD_EXPIRED = 5002
GIFTCARD_INSUFFICIENT = 5003
NO_ACCESS = 7011
CONTACT_NOT_FOUND = 55031
IDENTIFIER_NOT_FOUND = 60003
IDENTIFIER_INACTIVE = 60004
IDENTIFIER_NOT_LINKED = 60011
MODEL_NOT_FOUND = 60013

MESSAGES = {
    1000: "Internal error.",
    INVALID_INPUT: "Invalid input.",
    SHOP_NOT_FOUND: "Shop not found.",
    1100: "Giftcard program not found.",
    1102: "Shop is not linked to a loyalty program.",
    1103: "Shop has no loyalty program.",
    GIFTCARD_NOT_FOUND: "Giftcard not found.",
    GIFTCARD_EXPIRED: "Giftcard is expired.",
    GIFTCARD_INSUFFICIENT: "Giftcard balance is insufficient.",
    7002: "Account is inactive.",
    NO_ACCESS: "User has no access to this account.",
    7010: "Giftcard is not valid.",
    7015: "Shop has no giftcard program.",
    55018: "Loyalty program is not active.",
    CONTACT_NOT_FOUND: "Contact not found.",
    IDENTIFIER_NOT_FOUND: "Contact identifier not found.",
    IDENTIFIER_INACTIVE: "Contact identifier is inactive.",
    IDENTIFIER_NOT_LINKED: "Contact identifier is not linked to a contact.",
    MODEL_NOT_FOUND: "Model not found.",
    80300: "Webhook subscription not found.",
}

# Piggy answers 400 whatever happened. The code says what it was.
STATUS = 400

# By field: a list, or a single text, which is a sequence too.
type FieldErrors = Mapping[str, Sequence[str]]


class ApiError(Exception):
    """An answer of the API that carries a code."""

    def __init__(
        self,
        code: int,
        *,
        message: str | None = None,
        errors: FieldErrors | None = None,
        status: int = STATUS,
    ) -> None:
        """Take the code's own message unless another one is given."""
        self.code = code
        self.message = MESSAGES.get(code, "Error.") if message is None else message
        self.errors = errors
        self.status = status
        super().__init__(self.message)

    def as_json(self) -> dict[str, object]:
        """Return the body of the answer."""
        body: dict[str, object] = {
            "message": self.message,
            "code": self.code,
            "status_code": self.status,
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return body
