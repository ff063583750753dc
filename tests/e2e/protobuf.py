"""As much of the protobuf encoding as the stand-ins for devices need."""

from collections.abc import Mapping
from typing import Final

type Value = int | str | bytes
type Message = dict[int, Value]

_VARINT: Final = 0
_LENGTH: Final = 2
_WIDTHS: Final = {1: 8, 5: 4}


def encode(fields: Mapping[int, Value]) -> bytes:
    """Return a message with the fields of these numbers."""
    content = b""
    for number, value in fields.items():
        if isinstance(value, int):
            content += varint(number << 3 | _VARINT) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            content += varint(number << 3 | _LENGTH) + varint(len(data)) + data
    return content


def decode(content: bytes) -> Message:
    """Return a message's fields by their number; a repeated one is its last."""
    fields: Message = {}
    at = 0
    while at < len(content):
        key, at = read_varint(content, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            fields[number], at = read_varint(content, at)
            continue
        length = _WIDTHS.get(kind)
        if length is None:
            length, at = read_varint(content, at)
        fields[number] = content[at : at + length]
        at += length
    return fields


def text(message: Message, number: int) -> str:
    """Return a field as text; an absent one is empty."""
    value = message.get(number, b"")
    assert isinstance(value, bytes)
    return value.decode()


def varint(value: int) -> bytes:
    """Return a number of variable length."""
    content = bytearray()
    while value > 0x7F:
        content.append(value & 0x7F | 0x80)
        value >>= 7
    content.append(value)
    return bytes(content)


def read_varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and the place after it."""
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
