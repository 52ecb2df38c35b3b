"""Rules for what is not on the calendar: "khi có yêu cầu", "5 ngày sau khi …", "theo Kế hoạch của …"."""

from __future__ import annotations

from dataclasses import replace

from engine.deadlines.grammar.bounds import timed
from engine.deadlines.grammar.cursor import Cursor
from engine.deadlines.grammar.lexer import Kind
from engine.deadlines.grammar.periods import is_year, period
from engine.deadlines.grammar.tree import Count, Elsewhere, Event, Span, Steady, Stretch, Timed
from engine.deadlines.grammar.words import (
    ANCHORS,
    AT_LEAST,
    AT_ONCE,
    MANNER,
    OCCASIONS,
    PROMPTLY,
    STEADY,
    THROUGHOUT,
    WHEN,
    WHEN_CALLED,
    WITHIN,
)

_AFTER_A_JOINT = frozenset(
    "khi đột định thường hàng mỗi nếu chậm muộn trước hoàn sau ngay liên theo kịp chậm ít tối gửi".split()
)
_DOCUMENTS = frozenset("kế quyết công thông nghị văn chỉ tờ luật kh qđ cv tb đề chương báo điều hướng".split())
_UNITS = {"ngày": 1, "tuần": 7, "tháng": 30, "năm": 365}


def event(c: Cursor) -> Event | None:
    """Once something happens; None, with nothing read, where nothing of the kind stands."""
    before = c.position
    found = c.first_of(_counted, _called, _when, _manner)
    return None if found is None else replace(found, at=_span(c, before))


def elsewhere(c: Cursor) -> Elsewhere | None:
    """"theo" and what sets the date: "theo Kế hoạch của UBND tỉnh"."""
    before = c.position
    c.sequence("thực", "hiện")
    c.sequence("thời", "gian")
    if c.take("theo") and not c.at("yêu", "dõi", "thực", "phát"):
        found = clause(c)
        if found is not None:
            return Elsewhere(_span(c, before), "set-elsewhere", (found,))
    c.position = before
    return None


def steady(c: Cursor) -> Steady | None:
    """"thường xuyên, liên tục", "tiếp tục duy trì", "trong suốt" in front of a period."""
    before = c.position
    if c.phrase(THROUGHOUT):
        inside = timed(c) or _whole_year(c)
        if inside is not None:
            return Steady(_span(c, before), "throughout", (inside,))
        c.position = before
    found = False
    while phrase := c.phrase(STEADY):
        if phrase in ("duy trì", "tiếp tục") and not _stands_alone(c):
            c.position = before
            return None
        found = True
        here = c.position
        c.take(",")
        c.take("và")
        if c.phrase(MANNER):
            here = c.position
        elif c.token.word not in STEADY.by_first:
            c.position = here
    if not found:
        c.position = before
        return None
    return Steady(_span(c, before), "steady")


def _whole_year(c: Cursor) -> Timed | None:
    found = period(c)
    if found is None or found.unit != "year":
        return None
    return Timed(found.at, "within/year", "within", (Stretch(found),))


def _stands_alone(c: Cursor) -> bool:
    token = c.token
    return token.kind is not Kind.WORD or token.word in (
        "thường", "liên", "trong", "giai", "đến", "từ", "hết", "năm", "suốt", "hàng", "và", "cả", "duy", "các",
    )  # fmt: skip


def _span(c: Cursor, first: int) -> Span:
    return c.tokens[first].start, c.tokens[c.position - 1].end


# --- "10 ngày sau khi …" -------------------------------------------------------------------------


def _counted(c: Cursor) -> Event | None:
    """A count of days and what it is counted from."""
    opening = c.phrase(WITHIN)
    c.take("là") or c.phrase(AT_LEAST)
    count = _count(c)
    if count is None:
        return None
    here = c.position
    c.take(",")
    anchor = c.phrase(ANCHORS)
    ahead = opening.startswith("trước") or opening.endswith("trước")
    if not anchor and not (ahead and (c.at("khi") or c.phrase(OCCASIONS))):
        c.position = here
        if not opening or ahead:
            return None
        return Event((0, 0), "count-without-anchor", "", (), None, count)
    if count.months and (anchor == "trước" or ahead):
        return None
    if anchor and c.at("sau"):
        c.position += 1
    if not anchor:
        c.position = here
    if anchor == "trước" or ahead:
        count = replace(count, days=-count.days, months=-count.months)
    elif opening == "sau":
        count = replace(count, rough=True)
    return _anchored(c, anchor, count)


def _anchored(c: Cursor, anchor: str, count: Count) -> Event | None:
    relation = "before" if count.days < 0 else None
    here = c.position
    day = timed(c)
    if day is not None and day.op == "within" and len(day.stretches) == 1 and day.stretches[0].last is None:
        first = day.stretches[0].first
        if first.unit in ("day", "month", "quarter", "year") and (first.month or first.unit != "day"):
            return Event((0, 0), "count-from-day", "", (), relation, count, day)
    c.position = here
    c.take("ngay")
    c.take("sau") and c.take("khi")
    opening = "khi" if c.at("khi") else "ngày" if c.at("ngày") and count.days > 0 else anchor
    found = clause(c)
    if found is None:
        return None
    return Event((0, 0), "count-from-event", opening, (found,), relation, count)


def _count(c: Cursor) -> Count | None:
    """"07 ngày làm việc", "2 tuần", "24 giờ" (a day for every 24 hours begun)."""
    before = c.position
    token = c.token
    if token.kind is Kind.CLOCK and token.word == "giờ":
        c.position += 1
        hours = token.value // 100
        working = c.sequence("làm", "việc")
        return Count(max(1, -(-hours // (8 if working else 24))), working)
    number = c.number()
    unit = c.token.word
    if number is None or unit not in _UNITS | {"giờ": 1} or not 0 < number <= 999:
        c.position = before
        return None
    c.position += 1
    if unit == "tháng" and (c.token.kind is Kind.NUMBER or c.at("đầu", "cuối", "/", "một", "năm", "của")):
        c.position = before
        return None
    if unit == "giờ":
        return Count(max(1, -(-number // 24)), c.sequence("làm", "việc"))
    months = number * {"tháng": 1, "năm": 12}.get(unit, 0)
    return Count(number * _UNITS[unit], c.sequence("làm", "việc"), rough=bool(months), months=months)


# --- "khi có yêu cầu", "đột xuất", "kịp thời", "ngay" --------------------------------------------


def _called(c: Cursor) -> Event | None:
    """"đột xuất [khi có yêu cầu]"."""
    if not c.phrase(WHEN_CALLED):
        return None
    here = c.position
    bracket = c.take("(")
    c.take(",") or c.take("và")
    inner = _when(c)
    if inner is not None and (not bracket or c.take(")")):
        return replace(inner, rule="called-when")
    c.position = here
    return Event((0, 0), "called", "đột xuất", ())


def _manner(c: Cursor) -> Event | None:
    """"kịp thời", "ngay", alone or with "khi …"."""
    prompt = c.phrase(PROMPTLY)
    rule = "promptly"
    if not prompt:
        if not c.phrase(AT_ONCE):
            return None
        rule = "at-once"
    while (c.take(",") or c.take("và") or True) and c.phrase(MANNER):
        pass
    if c.tokens[c.position - 1].word in (",", "và"):
        c.position -= 1
    here = c.position
    c.take(",")
    inner = _when(c)
    if inner is not None:
        return inner
    c.position = here
    if rule == "at-once" and c.token.kind is Kind.WORD and not c.at("và"):
        return None
    return Event((0, 0), rule, rule, ())


def _when(c: Cursor) -> Event | None:
    before = c.position
    opening = c.phrase(WHEN)
    if not opening:
        return None
    relation = "before" if "trước" in opening else "after" if "sau" in opening else None
    if opening in ("trước", "sau", "ngay sau", "ngay trước"):
        here = c.position
        if c.at("ngày") and c.ahead().kind is Kind.NUMBER:
            return None
        if not c.phrase(OCCASIONS):
            return None
        c.position = here
    elif opening.split()[0] in ("theo", "phát", "có", "tùy", "căn"):
        c.position = before
        c.take("theo") if not opening.startswith(("theo tình", "theo thực", "theo từng", "tùy", "căn")) else None
        opening = "theo"
    count = None
    found = clause(c)
    if found is None:
        return None
    found, count = _count_at_end(c, before, found, relation)
    behind = count or _count_behind(c)
    return Event((0, 0), f"when-{relation or 'it-happens'}", opening, (found,), relation, behind)


def _count_at_end(c: Cursor, first: int, found: Span, relation: str | None) -> tuple[Span, Count | None]:
    """"trước ngày bầu cử 10 ngày", "sau khi nhận được văn bản 05 ngày làm việc"."""
    end = c.position
    for back in (2, 4, 5):
        start = end - back
        if start > first + 1 and c.tokens[start].kind in (Kind.NUMBER, Kind.CLOCK):
            c.position = start
            count = _count(c)
            if count is not None and c.position == end:
                sign = -1 if relation == "before" else 1
                keep = start - 1
                if c.tokens[keep].word in ("nhất", "thiểu"):
                    keep -= 2
                elif c.tokens[keep].word in ("là", "trong", ","):
                    keep -= 1
                days = replace(count, days=sign * count.days, months=sign * count.months)
                return (found[0], c.tokens[keep].end), days
            c.position = end
    return found, None


def _count_behind(c: Cursor) -> Count | None:
    """"khi có yêu cầu (trong vòng 3 ngày)", "…, chậm nhất 05 ngày làm việc"."""
    before = c.position
    bracket = c.take("(")
    if not bracket:
        c.take(",")
    if c.phrase(WITHIN):
        c.take("là")
        count = _count(c)
        if count is not None and (not bracket or c.take(")")) and c.token.word in ("", ";", ",", ".", "và", ")"):
            return count
    c.position = before
    return None


# --- the words of a clause -----------------------------------------------------------------------


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
        return following.word in ("vòng", "thời") and c.tokens[place + 2].word in ("hạn",) or _number_next(c, place, 2)
    if word == "trước":
        return _point_next(c, place + 1)
    if word in ("hàng", "định"):
        return place > c.position and following.word in ("tháng", "quý", "tuần", "năm", "ngày", "kỳ") and (
            word == "định" or c.tokens[place - 1].word in (",", ".")
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
        return token.word not in ("theo", "kịp", "hàng", "định", "gửi", "hoàn", "trước", "ít", "tối", "sau", "ngay") or (
            _opens_another(c, place, token.word, following.word)
        )
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
