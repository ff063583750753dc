"""Read and validate what a client sends, with voluptuous."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
import json
from typing import Any, Final

from aiohttp import web
import voluptuous as vol

from .errors import INVALID_INPUT, ApiError

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
MULTIPART_TYPE: Final = "multipart/form-data"

type Validator = Callable[[Any], Any]


def exactly(*kinds: type) -> Validator:
    """Accept values of these types and of no subclass: true is not an integer."""
    message = f"must be of type {' or '.join(kind.__name__ for kind in kinds)}"

    def check(value: object) -> object:
        if type(value) not in kinds:
            raise vol.TypeInvalid(message)
        return value

    return check


text: Final = vol.All(str, vol.Match(r"\s*\S", "must not be empty"))
email: Final = vol.All(str, vol.Match(r"[^@ ]+@[^@ ]+\Z", "must be an email address"))
whole: Final = exactly(int)
number: Final = exactly(int, float)

# As PHP and browsers write them in a form.
_BOOLEANS: Final = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True)
class Notation:
    """The notation of booleans and numbers in a body."""

    boolean: Validator
    whole: Validator


JSON: Final = Notation(exactly(bool), whole)
FORM: Final = Notation(
    vol.All(str, vol.In(_BOOLEANS), _BOOLEANS.__getitem__),
    vol.All(str, vol.Match(r"[0-9]+\Z", "must be an integer"), vol.Coerce(int)),
)


def invalid(**errors: str) -> ApiError:
    """Return the error for invalid input, with one message per field."""
    return ApiError(
        INVALID_INPUT,
        errors={name: [f"The {name} field {told}."] for name, told in errors.items()},
    )


def validate(schema: Mapping[Any, Any], given: object) -> dict[str, Any]:
    """Return the validated input; raise ApiError 1003 listing all problems."""
    try:
        valid: dict[str, Any] = vol.Schema(dict(schema))(given)
    except vol.MultipleInvalid as err:
        raise invalid(
            **{
                str(each.path[0]) if each.path else "body": f"is refused: {each.msg}"
                for each in reversed(err.errors)
            }
        ) from err
    return valid


async def read_json(request: web.Request) -> object:
    """Return a request's JSON body; raise ApiError 1003 for any other body."""
    if request.content_type != JSON_TYPE:
        raise invalid(body=f"must be sent as {JSON_TYPE}")
    try:
        parsed: object = json.loads(await request.read(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as err:
        raise invalid(body="must be JSON") from err
    return parsed


async def read_body(
    request: web.Request, *, json_only: bool = False
) -> tuple[object, Notation]:
    """Return a JSON, form or multipart body, and how it writes its values.

    Raises ApiError 1003 for any other body.
    """
    if json_only or request.content_type not in (FORM_TYPE, MULTIPART_TYPE):
        return await read_json(request), JSON
    if request.content_type == MULTIPART_TYPE:
        return _read_multipart(request, await request.read()), FORM
    return dict(await request.post()), FORM


def _read_multipart(request: web.Request, body: bytes) -> dict[str, str]:
    """Return the fields of a multipart body that was read before."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + body, policy=HTTP)
    return {
        str(part.get_param("name", header="Content-Disposition")): part.get_content()
        for part in message.iter_parts()
    }


def _no_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)
