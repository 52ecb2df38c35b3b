"""Random damage to a file: bytes, lines and values. Always the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Damage = Callable[[random.Random, bytes], bytes]

ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xe1\xbb",
    b"\t",
    b"\r",
    b"\x1b",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x85",
)
ODD_TEXT = (
    *(
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "|",
        ">",
        "#",
        "&a ",
        "*a",
        "!!int ",
        "%",
        "@",
        "`",
        "? ",
        "---\n",
    ),
    *(
        "...\n",
        "<<: ",
        "\\",
        ",",
        "\u200b",
        "\u202e",
        "\u0301",
        "\U0001f600",
        "\u2028",
        "\ufeff",
        "ữ",
        "\u0130",
    ),
)
ODD_VALUES = (
    *(
        "",
        '""',
        "null",
        "~",
        "[]",
        "{}",
        "[[]]",
        "{a: b}",
        "- a",
        "0",
        "-1",
        "1e400",
        "99999999999999999999",
        "NaN",
    ),
    *(
        "0x10",
        "1_000",
        "true",
        "không",
        "31/02/2023",
        "00/00/0000",
        "29/02/2023",
        "2023-01-01",
        "1/1/1",
        "32/13/2023",
    ),
    *(
        "*a",
        "&a b",
        "!!python/object:os.system x",
        "%x",
        "@x",
        "`x`",
        "'",
        '"',
        '"\\x00"',
        '"\\uD800"',
        '"\\n"',
        "|",
        ">",
    ),
    *(
        "a: b",
        "a #b",
        "days_late in 1, 1",
        "over 10001",
        "5 to 1",
        "not not late",
        "lead; lead",
        ";;;",
        " ",
        "…",
    ),
    *(
        "Trước ngày",
        "Trước ngày 31/02/2023",
        "Quý V",
        "Tháng 13",
        "Hằng tuần",
        "ngày 0",
        "x" * 3000,
        "(" * 500,
        "Ữ" * 400,
    ),
)

_PAIR = re.compile(rb"(?m)^([ -]*[a-z_]+:) .+$")


def of_bytes(chance: random.Random, data: bytes) -> bytes:
    """Some bytes changed, lost, doubled, put in or cut off."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(damaged) + 1)
        span = chance.choice((1, 1, 3, 20, 200))
        match chance.randrange(6):
            case 0:
                damaged[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del damaged[at : at + span]
            case 2:
                damaged[at:at] = damaged[at : at + span]
            case 3:
                damaged[at:at] = chance.choice(ODD_BYTES)
            case 4:
                damaged[at:at] = chance.choice(ODD_TEXT).encode()
            case _:
                damaged = damaged[: max(at, 1)]
    return bytes(damaged)


def of_lines(chance: random.Random, data: bytes) -> bytes:
    """Some lines lost, doubled, moved, joined or pushed to another column."""
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        match chance.randrange(9):
            case 0:
                del lines[at : at + chance.choice((1, 2, 10))]
                lines = lines or [b""]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines.insert(chance.randrange(len(lines)), lines.pop(at))
            case 3:
                lines[at] = b" " * chance.choice((1, 2, 3, 40)) + lines[at]
            case 4:
                lines[at] = lines[at].lstrip(b" ")
            case 5:
                lines[at : at + 2] = [b" ".join(lines[at : at + 2])]
            case 6:
                lines[at] = b"\t" + lines[at]
            case 7:
                indent = len(lines[at]) - len(lines[at].lstrip(b" "))
                lines.insert(
                    at, b" " * indent + chance.choice((b"- ", b"khoa: x", b"title: x", b"id: x", b"]"))
                )
            case _:
                lines[at] = lines[at].replace(b":", b"", 1)
    return b"\n".join(lines)


def of_values(chance: random.Random, data: bytes) -> bytes:
    """Some values of keys replaced by odd ones, or by another value of the same file."""
    for _ in range(chance.choice((1, 1, 2, 6))):
        found = list(_PAIR.finditer(data))
        if not found:
            break
        here, other = chance.choice(found), chance.choice(found)
        odd = chance.choice(ODD_VALUES).encode()
        value = odd if chance.random() < 0.8 else other.group()[len(other.group(1)) + 1 :]
        data = data[: here.end(1)] + b" " + value + data[here.end() :]
    return data


DAMAGES: Mapping[str, Damage] = {"bytes": of_bytes, "lines": of_lines, "values": of_values}
