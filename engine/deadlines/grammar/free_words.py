"""Free words of a clause, up to where another part of the cell begins."""

from __future__ import annotations

from engine.deadlines.grammar.years import is_year
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.tree import Span

_AFTER_A_JOINT = frozenset(
    "khi đột định thường hàng mỗi nếu chậm muộn trước hoàn sau ngay liên theo kịp chậm ít tối gửi".split()
)
_DOCUMENTS = frozenset(
    "kế quyết công thông nghị văn chỉ tờ luật kh qđ cv tb đề chương báo điều hướng".split()
)


def clause(c: Cursor) -> Span | None:
    """Free words up to where another part of the cell begins; None for none, or with a date in them.

    A date that belongs to a cited document stays in the clause; any other date is no part of one.
    """
    first = place = c.position
    depth = 0
    cited = -1
    tokens = c.tokens
    while not (token := tokens[place]).kind is Kind.END:
        if depth == 0 and _clause_ends(c, place):
            break
        if token.word == "(":
            depth += 1
        elif token.word == ")":
            depth -= 1
        elif token.kind is Kind.DOCUMENT or token.word in _DOCUMENTS:
            cited = place
        elif token.kind is Kind.NUMBER and _is_date(c, place):
            if cited < 0 or place - cited > 12:
                return None
            cited = place
        place += 1
    while place > first and tokens[place - 1].word in (",", "và", ".", "-", "hoặc", "hay", "…"):
        place -= 1
    words = [token.word for token in tokens[first:place] if token.kind is Kind.WORD]
    if words in ([], ["có"]):
        return None
    c.position = place
    return tokens[first].start, tokens[place - 1].end


def _is_date(c: Cursor, place: int) -> bool:
    following = c.tokens[place + 1]
    if following.word in ("/", ".", "-"):
        return c.tokens[place + 2].kind is Kind.NUMBER if place + 2 < len(c.tokens) else False
    previous = c.tokens[place - 1].word if place else ""
    return previous == "ngày" and following.word == "tháng"


def _clause_ends(c: Cursor, place: int) -> bool:
    token = c.tokens[place]
    word = token.word
    if word in (";", ")", "*") or (token.line and word in ("-", "+", "*")):
        return True
    following = c.tokens[place + 1] if place + 1 < len(c.tokens) else token
    if word == "(":
        return _bracket_ends_it(c, place)
    if word in (",", "và", "hoặc", "hay"):
        return _joint_ends_it(c, place + 1)
    if word in ("chậm", "muộn"):
        return following.word == "nhất" and place > c.position
    if word == "hoàn" and following.word == "thành":
        return c.tokens[place + 2].word in ("trước", "trong", "vào", "chậm") if place > c.position else False
    if word == "trong":
        return (
            following.word in ("vòng", "thời")
            and c.tokens[place + 2].word in ("hạn",)
            or _number_next(c, place, 2)
        )
    if word == "trước":
        return _point_next(c, place + 1)
    if word in ("hàng", "định"):
        return (
            place > c.position
            and following.word in ("tháng", "quý", "tuần", "năm", "ngày", "kỳ")
            and (word == "định" or c.tokens[place - 1].word in (",", "."))
        )
    return False


def _number_next(c: Cursor, place: int, ahead: int) -> bool:
    return (
        c.tokens[place + 1].word == "vòng"
        and place + ahead < len(c.tokens)
        and c.tokens[place + ahead].kind is Kind.NUMBER
    )


def _point_next(c: Cursor, place: int) -> bool:
    """Whether a certain day, hour, month or quarter is named here."""
    token = c.tokens[place]
    if token.kind is Kind.CLOCK:
        return True
    if token.word in ("ngày", "tháng", "quý", "năm"):
        number = c.tokens[place + 1] if place + 1 < len(c.tokens) else token
        return number.kind is Kind.NUMBER or number.word in ("i", "ii", "iii", "iv")
    return token.kind is Kind.NUMBER and c.tokens[place + 1].word in ("/", ".", "-") and not is_year(token)


def _joint_ends_it(c: Cursor, place: int) -> bool:
    """Behind a comma or "và": another reading starts here, not more words of the clause."""
    token = c.tokens[place]
    if token.kind is Kind.END:
        return True
    if token.word in ("và", "hoặc", "hay"):
        return _joint_ends_it(c, place + 1)
    following = c.tokens[place + 1] if place + 1 < len(c.tokens) else token
    if token.word in _AFTER_A_JOINT:
        return token.word not in (
            "theo",
            "kịp",
            "hàng",
            "định",
            "gửi",
            "hoàn",
            "trước",
            "ít",
            "tối",
            "sau",
            "ngay",
        ) or (_opens_another(c, place, token.word, following.word))
    if token.word == "trong":
        return following.word in ("vòng", "thời", "tháng", "quý", "năm")
    return _point_next(c, place) or (
        token.kind is Kind.NUMBER and following.word in ("tháng", "quý", "lần", "ngày")
    )


def _opens_another(c: Cursor, place: int, word: str, following: str) -> bool:
    pairs = {
        "theo": ("kế", "quy", "chỉ", "hướng", "lịch", "yêu", "kh"), "kịp": ("thời",), "định": ("kỳ",),
        "hàng": ("ngày", "tuần", "tháng", "quý", "năm"), "hoàn": ("thành",), "ít": ("nhất",), "tối": ("thiểu",),
        "ngay": ("khi", "sau"), "sau": ("khi",),
    }  # fmt: skip
    if word == "trước":
        return following in ("khi", "mắt") or _point_next(c, place + 1)
    return following in pairs.get(word, ())


def _bracket_ends_it(c: Cursor, place: int) -> bool:
    """A bracket with nothing of the clause behind it, or with a time in it, is read apart."""
    depth, last = 0, place
    for last in range(place, len(c.tokens)):
        word = c.tokens[last].word
        depth += (word == "(") - (word == ")")
        if depth == 0:
            break
        if c.tokens[last].kind is Kind.NUMBER and c.tokens[last + 1].word in ("ngày", "/", "tháng"):
            return True
    return last + 1 >= len(c.tokens) or c.tokens[last + 1].kind is not Kind.WORD
