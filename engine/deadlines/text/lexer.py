"""A time cell cut into words, numbers, clock times, document numbers and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from engine.deadlines.text.spelling import Vocabulary
from engine.deadlines.text.words import SYLLABLES

VOCABULARY = Vocabulary(SYLLABLES)
_HUGE = 10**6
_ENDS = 8
_SIGNS = dict.fromkeys("‐‑‒–—―−÷~→", "-") | {"•": "*", "●": "*", "▪": "*", "…": "."}
_ROMAN_TAIL = re.compile(r"(q|quý|qúy|quí|qúi)(i{1,3}|iv)")
_TOKEN = re.compile(
    r"""
    (?P<space>[\s]+)
    | (?P<doc>[0-9]*(?:-[A-ZĐ]{2,})?/(?:[0-9]{4}/)?[A-ZĐ][A-ZĐ0-9]*(?:[-/&][A-ZĐƯ0-9]+)*(?![^\W\d_]))
    | (?P<clock>[0-9]{1,2}\s*(?:[hH]|[gG](?=\s*[0-9])|giờ|giờ|GIỜ|Giờ)(?![^\W\d_])
        (?:\s*[0-9]{1,2}(?![0-9/.-]))?(?:\s*(?:phút|ph|p|')(?![^\W\d_]))?
      | [0-9]{1,2}:[0-9]{2}(?![0-9/.-]|\s*/))
    | (?P<num>[0-9]+)
    | (?P<word>[^\W\d_]+)
    | (?P<arrow>->|=>)
    | (?P<sign>.)
    """,
    re.VERBOSE,
)
_DIGITS = re.compile(r"[0-9]+")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    CLOCK = "clock"
    DOCUMENT = "document"
    SIGN = "sign"
    END = "end"


@dataclass(slots=True)
class Token:
    """One token; ``start``/``end`` are places in the composed text.

    ``word`` is what the grammar compares: the canonical syllable, the sign, the digits; empty for
    clock times, document numbers and the end. ``value`` is the number, or hours * 100 + minutes.
    """

    kind: Kind
    word: str
    value: int
    start: int
    end: int
    gap: bool
    line: bool


def tokenise(text: str) -> list[Token]:
    """The tokens of a composed text, an END token last; every character is in a token or a gap."""
    tokens: list[Token] = []
    gap, line = True, True
    for match in _TOKEN.finditer(text):
        group, piece, (start, end) = match.lastgroup, match.group(), match.span()
        if group == "space":
            gap, line = True, line or "\n" in piece or "\r" in piece
            continue
        if group == "doc" and _plain_slash(piece):
            for part in re.finditer(r"[0-9]+|[^\W\d_]+|.", piece):
                at = start + part.start()
                tokens.append(_simple(part.group(), at, gap=gap, line=line))
                gap = line = False
            continue
        if group == "word":
            tokens.extend(_words(piece, start, gap=gap, line=line))
        else:
            tokens.append(_token(group or "sign", piece, start, end, gap=gap, line=line))
        gap = line = False
    # Several ends, so that a rule may look a few tokens further without asking.
    tokens.extend([Token(Kind.END, "", 0, len(text), len(text), gap, line)] * _ENDS)
    return tokens


def _plain_slash(piece: str) -> bool:
    """``1/QUÝ``, ``/LẦN``, ``/T`` are no document numbers."""
    tail = piece.rsplit("/", 1)[-1]
    folded = tail.casefold()
    return "-" not in piece and (len(tail) < 2 or VOCABULARY.canonical(folded) in SYLLABLES)


def _simple(piece: str, start: int, *, gap: bool, line: bool) -> Token:
    group = "num" if piece[0].isdigit() else "word" if piece[0].isalpha() else "sign"
    if group == "word":
        folded = VOCABULARY.canonical(piece.casefold())
        return Token(Kind.WORD, folded, 0, start, start + len(piece), gap, line)
    return _token(group, piece, start, start + len(piece), gap=gap, line=line)


def _words(piece: str, start: int, *, gap: bool, line: bool) -> list[Token]:
    folded = piece.casefold()
    split = _ROMAN_TAIL.fullmatch(folded)
    if split and len(folded) == len(piece):
        cut = start + split.end(1)
        return [
            Token(Kind.WORD, "quý", 0, start, cut, gap, line),
            Token(Kind.WORD, split[2], 0, cut, start + len(piece), False, False),
        ]
    return [Token(Kind.WORD, VOCABULARY.canonical(folded), 0, start, start + len(piece), gap, line)]


def _token(group: str, piece: str, start: int, end: int, *, gap: bool, line: bool) -> Token:
    if group == "num":
        value = int(piece) if len(piece) < 7 else _HUGE
        return Token(Kind.NUMBER, piece, value, start, end, gap, line)
    if group == "clock":
        numbers = [int(digits) for digits in _DIGITS.findall(piece)]
        word = "" if len(numbers) > 1 else "giờ"
        return Token(Kind.CLOCK, word, numbers[0] * 100 + (numbers[1:] or [0])[0], start, end, gap, line)
    if group == "doc":
        return Token(Kind.DOCUMENT, "", 0, start, end, gap, line)
    sign = "-" if group == "arrow" else _SIGNS.get(piece, piece)
    return Token(Kind.SIGN, sign, 0, start, end, gap, line)
