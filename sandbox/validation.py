"""Strict reading of what a client sends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import json
from typing import Any

from .errors import INVALID_INPUT, ApiError

type Check = Callable[[object], str | None]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, and a check that returns what is wrong, if anything.

    The default is what the API takes when the parameter is not sent.
    """

    name: str
    check: Check
    required: bool = False
    default: object = None


def text(value: object) -> str | None:
    """Accept a string that says something."""
    if not isinstance(value, str):
        return "must be a string"
    return None if value.strip() else "must not be empty"


def optional_text(value: object) -> str | None:
    """Accept any string, and null."""
    return None if value is None or isinstance(value, str) else "must be a string"


def boolean(value: object) -> str | None:
    """Accept true and false, and neither 1 nor "true"."""
    return None if isinstance(value, bool) else "must be true or false"


def integer(minimum: int, maximum: int | None = None) -> Check:
    """Accept a whole number from a minimum on, up to a maximum if there is one."""

    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "must be an integer"
        if maximum is not None and value > maximum:
            return f"must be at most {maximum}"
        return None if value >= minimum else f"must be at least {minimum}"

    return check


def number(value: object) -> str | None:
    """Accept a number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "must be a number"
    return None if value >= 0 else "must not be negative"


def one_of(*options: str | int) -> Check:
    """Accept one of some values, of the same type: true is not 1."""

    def check(value: object) -> str | None:
        if any(type(value) is type(option) and value == option for option in options):
            return None
        return f"must be one of {', '.join(map(str, options))}"

    return check


def mapping(value: object) -> str | None:
    """Accept an object."""
    return None if isinstance(value, dict) else "must be an object"


def headers(value: object) -> str | None:
    """Accept an object of strings."""
    if isinstance(value, dict) and all(isinstance(row, str) for row in value.values()):
        return None
    return "must be an object of strings"


def field_errors(value: object) -> str | None:
    """Accept an object of strings or lists: the API has been seen to send both."""
    if isinstance(value, dict) and all(
        isinstance(row, str | list) for row in value.values()
    ):
        return None
    return "must be an object of strings or lists"


def email(value: object) -> str | None:
    """Accept what has the outline of an email address."""
    if not isinstance(value, str):
        return "must be a string"
    name, at, host = value.partition("@")
    good = name and at and host and "@" not in host and " " not in value
    return None if good else "must be an email address"


def invalid(**errors: str) -> ApiError:
    """Return the error for invalid input, with one message a field."""
    return ApiError(
        INVALID_INPUT,
        errors={
            name: [f"The {name} field {problem}."] for name, problem in errors.items()
        },
    )


def read(given: object, parameters: Iterable[Parameter]) -> dict[str, Any]:
    """Return the parameters that were given.

    Raises ApiError 1003 naming every field that is missing, unknown or wrong.
    """
    if not isinstance(given, dict):
        raise invalid(body="must be a JSON object")
    known = {parameter.name: parameter for parameter in parameters}
    errors = {name: "is unknown" for name in given if name not in known}
    for name, parameter in known.items():
        if name not in given:
            problem = "is required" if parameter.required else None
        else:
            problem = parameter.check(given[name])
        if problem is not None:
            errors[name] = problem
    if errors:
        raise invalid(**errors)
    return given


def _no_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def read_json(body: bytes, content_type: str) -> object:
    """Return a JSON body; raises ApiError 1003 for anything else."""
    if content_type != "application/json":
        raise invalid(body="must be sent as application/json")
    try:
        parsed: object = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as err:
        raise invalid(body="must be JSON") from err
    return parsed
