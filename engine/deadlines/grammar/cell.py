"""The whole cell: labels, prose around the times, several parts, and how the parts go together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.deadlines.grammar.bounds import timed
from engine.deadlines.grammar.clauses import elsewhere, event
from engine.deadlines.grammar.cycles import cycles
from engine.deadlines.grammar.lasting import steady
from engine.deadlines.grammar.prose import hard_time, prose_ends, remark, starts_prose
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import LABELS, LEAD, PERIODIC
from engine.deadlines.tree import Node, Span, Timed

_SEPARATORS = (",", ";", ".", "-", "*", "+", ":", "và", "hoặc", "hay", "&")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a cell as it was read. ``joint`` is what stands in front of it.

    "list" (a comma, "và"), "or", "apart" (a semicolon or bullet), "bracket", "" (nothing or a line
    break). ``at`` covers the words that count as its text; ``label`` the words of the label, ``remark``
    what stands behind the time: "(cấp xã)", "Tháng 3: ban hành kế hoạch".
    """

    node: Node
    joint: str
    label: str
    at: Span
    remark: str = ""


class Stuck(Exception):
    """No rule reads on at ``place`` (a token); ``pieces`` were read before."""

    def __init__(self, place: int, pieces: list[Piece]) -> None:
        super().__init__(place)
        self.place = place
        self.pieces = pieces


def pieces(c: Cursor) -> list[Piece]:
    """Every part of the cell in its order; Stuck where no rule applies."""
    found: list[Piece] = []
    while True:
        colon = c.at(":")
        joint = _joint(c)
        if c.ended:
            break
        start = c.position
        if found and not joint and c.token.kind is Kind.NUMBER and not c.token.line:
            raise Stuck(start, found)
        piece = _piece(c, joint, found)
        if piece is not None:
            found.append(piece)
        elif not (remark(c) or _prose(c)):
            raise Stuck(start, found)
        elif found and (colon or c.tokens[start].word == "("):
            words = c.text[c.tokens[start].start : c.tokens[c.position - 1].end].strip("() ")
            found[-1] = _remarked(found[-1], words)
    if not found:
        raise Stuck(0, found)
    return found


def item(c: Cursor) -> Node | None:
    """One reading at this place; None, with nothing read, where there is none."""
    return steady(c) or cycles(c) or event_or_timed(c) or elsewhere(c)


def event_or_timed(c: Cursor) -> Node | None:
    """Counts of days come before days, days before occasions ("trước kỳ họp")."""
    before = c.position
    happening = event(c)
    after = c.position
    c.position = before
    when = timed(c)
    if happening is not None and (when is None or after > c.position or happening.count is not None):
        c.position = after
        return happening
    return when


def _joint(c: Cursor) -> str:
    joint = ""
    while c.token.word in _SEPARATORS and not c.ended:
        token = c.token
        if token.word in ("hoặc", "hay"):
            joint = "or"
        elif token.word in (";", "*") or (token.line and token.word in ("-", "+")):
            joint = "apart"
        elif joint not in ("or", "apart"):
            joint = "list"
        c.position += 1
    if c.token.line and _numbering(c):
        joint = "apart"
    return joint


def _numbering(c: Cursor) -> bool:
    """ "1. ", "a) " in front of a part."""
    token, sign = c.token, c.ahead()
    letter = token.kind is Kind.WORD and len(token.word) == 1
    if (token.kind is Kind.NUMBER and len(token.word) <= 2) or letter:
        closes = sign.word == ")" or (sign.word == "." and c.ahead(2).gap and c.ahead(2).kind is not Kind.END)
        if closes and not sign.gap:
            c.position += 2
            return True
    return False


def _piece(c: Cursor, joint: str, found: list[Piece]) -> Piece | None:
    before = c.position
    bracket = bool(found) and c.take("(")
    label, kept = ("", before) if bracket else _label(c)
    bracket = bracket or (bool(label) and c.take("("))
    start = c.position
    node = _after_lead(c) or (None if bracket else _after_prose(c))
    if node is None and not found and c.phrase(PERIODIC) and c.take("("):
        bracket, node = True, item(c)
    if node is None or (bracket and not _closes(c)):
        c.position = before
        return None
    if bracket and found and not label:
        joint = "bracket"
    first = c.tokens[kept if label else start].start
    closed = c.tokens[c.position - 1]
    end = closed.end if closed.word == ")" else node.at[1]
    return Piece(node, joint, label, (first, end))


def _remarked(piece: Piece, words: str) -> Piece:
    """The part with what stands behind it; "(dự kiến)" makes its time a rough one."""
    node = piece.node
    if isinstance(node, Timed) and words.casefold().startswith(("dự kiến", "khoảng", "tạm tính")):
        return replace(piece, node=replace(node, rough=True))
    return replace(piece, remark=piece.remark or words)


def _closes(c: Cursor) -> bool:
    c.take(".", ",", ";")
    return c.take(")")


def _after_lead(c: Cursor) -> Node | None:
    before = c.position
    node = item(c)
    while node is None and (c.phrase(LEAD) or (c.position > before and c.take(":", ",", "là"))):
        node = item(c)
    if node is None:
        c.position = before
    return node


def _after_prose(c: Cursor) -> Node | None:
    """Prose that says what is done, then when: "Báo cáo kết quả về UBND huyện trước ngày 10/11"."""
    before = c.position
    if not starts_prose(c):
        return None
    while not prose_ends(c):
        if c.token.word == "(":
            if not remark(c):
                return _in_brackets(c, before)
        else:
            c.position += 1
        here = c.position
        node = _after_lead(c) if _may_start(c) else None
        if node is not None:
            return node
        c.position = here
        if hard_time(c):
            break
    c.position = before
    return None


def _in_brackets(c: Cursor, before: int) -> Node | None:
    """ "Xây dựng kế hoạch (trước 15/3)": the time of what stands in front."""
    c.take("(")
    node = _after_lead(c)
    if node is not None and _closes(c):
        return node
    c.position = before
    return None


def _may_start(c: Cursor) -> bool:
    token = c.token
    return token.kind in (Kind.NUMBER, Kind.CLOCK) or (token.kind is Kind.WORD and token.word in STARTERS)


def _label(c: Cursor) -> tuple[str, int]:
    """The words before a colon, or "Đợt 1"; the place where the kept part of the label starts."""
    before = c.position
    if numbered := _numbered_label(c):
        return numbered, before
    colon = _colon(c)
    if colon is None or not _labels(c, colon):
        return "", before
    text = c.text[c.tokens[before].start : c.tokens[colon - 1].end]
    kept = c.position = colon + 1
    return _numbered_label(c) or text, kept


def _numbered_label(c: Cursor) -> str:
    """ "Đợt 1:", "Giai đoạn II -", "Lần thứ nhất"; empty, with nothing read, where there is none."""
    before = c.position
    if c.take(*LABELS) or c.sequence("giai", "đoạn"):
        c.take("thứ")
        number = 1 if c.take("nhất") else c.number(roman=True)
        if number is not None and number < 100 and not c.at("/", "lần"):
            text = c.text[c.tokens[before].start : c.tokens[c.position - 1].end]
            if not c.at("("):
                c.take(":", "-", ",", ".")
            return text
    c.position = before
    return ""


def _colon(c: Cursor) -> int | None:
    for place in range(c.position, len(c.tokens)):
        token = c.tokens[place]
        if token.word in (";", "*", "(", ")") or (
            token.line and token.word in ("-", "+") and place > c.position
        ):
            return None
        if token.word == ":":
            return place if place > c.position else None
    return None


def _labels(c: Cursor, colon: int) -> bool:
    """Whether the words up to the colon are a label and not a time: "Tháng 3: ban hành"."""
    before = c.position
    time_first = item(c) is not None and c.position <= colon
    c.position = before
    time_in_it = time_first or (_after_lead(c) is not None and c.position <= colon)
    c.position = colon + 1
    reads = not time_first and (_after_lead(c) is not None if time_in_it else _label_reads(c))
    c.position = before
    return reads


def _label_reads(c: Cursor) -> bool:
    if _numbered_label(c):
        return True
    return _after_lead(c) is not None or _after_prose(c) is not None


def _prose(c: Cursor) -> bool:
    """Words behind a time that say what is done, by whom, where; never a time."""
    before = c.position
    if not starts_prose(c):
        return False
    while not prose_ends(c):
        if hard_time(c):
            c.position = before
            return False
        here = c.position
        if c.position > before and _may_start(c) and item(c) is not None:
            c.position = here
            return True
        c.position = here
        if c.at("("):
            if not remark(c):
                return True
        else:
            c.position += 1
    return True


# First syllables of every rule that reads a time.
STARTERS = frozenset(
    """
    ngày mùng mồng tháng quý năm tuần trước chậm muộn trễ không hạn thời đến tới hết trong vào từ kể đầu giữa
    cuối nửa cả giai nhiệm hàng mỗi từng định thứ chủ cn t q khi sau ngay nếu theo thường liên đột kịp xong
    kết hoàn suốt xuyên duy tiếp ít tối một hai ba sáu chín mười các cho khoảng dự bắt tính lúc sáng chiều
    """.split()
)
