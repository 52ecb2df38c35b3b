"""What to tell the author about words that no rule reads."""

from __future__ import annotations

from engine.deadlines.grammar.cell import Stuck, item
from engine.deadlines.problems import DeadlineProblem, Unreadable
from engine.deadlines.text.cursor import Cursor
from engine.deadlines.text.lexer import Kind
from engine.deadlines.text.words import SYLLABLES
from engine.vietnamese import nearest, tidy

_SHOWN = 4
_TIME_WORDS = (
    "ngày|tháng|quý|năm|tuần|trước|thường xuyên|hằng tháng|hằng quý|hằng năm|định kỳ|chậm nhất|hoàn thành|"
    "đột xuất|khi có yêu cầu|đến hết|giai đoạn|cuối|đầu"
).split("|")
_HINTS = {
    "như trên": "Hãy ghi lại thời hạn của dòng trên; mỗi dòng phải có thời hạn của mình.",
    "nt": "Hãy ghi lại thời hạn của dòng trên; mỗi dòng phải có thời hạn của mình.",
    "trong tháng": "Hãy ghi rõ tháng mấy (ví dụ “Trong tháng 6”), hoặc “Hằng tháng” nếu lặp lại.",
    "trong quý": "Hãy ghi rõ quý mấy (ví dụ “Trong quý II”), hoặc “Hằng quý” nếu lặp lại.",
    "trong tuần": "Hãy ghi rõ từ ngày nào đến ngày nào, hoặc “Hằng tuần” nếu lặp lại.",
    "chưa": "Nếu chưa có thời hạn thì để trống ô và bổ sung khi có.",
}
_GENERAL = "Hãy viết lại thời hạn, ví dụ “Trước ngày 15/6/2023”, “Quý II/2023”, “Hằng tháng”, “Thường xuyên”."


def not_understood(c: Cursor, stuck: Stuck) -> DeadlineProblem:
    """One problem that names the parts that were read and the words that were not."""
    read: list[tuple[int, int]] = []
    unread: list[tuple[int, int]] = []
    c.position = 0
    while not c.ended:
        before = c.position
        if _reads(c):
            read.append((c.tokens[before].start, c.tokens[c.position - 1].end))
            continue
        c.position = before + 1
        token = c.tokens[before]
        if token.kind is Kind.SIGN and not (unread and unread[-1][1] == token.start):
            continue
        if (
            unread
            and not c.text[unread[-1][1] : token.start].strip()
            and not _between(read, unread[-1][1], token.start)
        ):
            unread[-1] = (unread[-1][0], token.end)
        else:
            unread.append((token.start, token.end))
    if not unread:
        token = c.tokens[stuck.place]
        unread = [(token.start, len(c.text.rstrip()))]
    unread = [span for span in unread if c.text[span[0] : span[1]].strip()] or [(0, len(c.text))]
    known = f"Hiểu được: {_quoted(c, read)}; " if read else ""
    return DeadlineProblem(
        "not-understood",
        f"{known}{'c' if known else 'C'}hưa hiểu: {_quoted(c, unread)}.",
        _hint(c, unread),
        unread[0][0],
        unread[0][1],
    )


def _reads(c: Cursor) -> bool:
    try:
        return item(c) is not None
    except Unreadable:
        return False


def _between(read: list[tuple[int, int]], start: int, end: int) -> bool:
    return bool(read) and start <= read[-1][0] <= end


def _quoted(c: Cursor, spans: list[tuple[int, int]]) -> str:
    shown = [f"“{_short(tidy(c.text[start:end]))}”" for start, end in spans[:_SHOWN]]
    return ", ".join(shown) + (" …" if len(spans) > _SHOWN else "")


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:57] + "…"


def _hint(c: Cursor, unread: list[tuple[int, int]]) -> str:
    for start, end in unread:
        words = tidy(c.text[start:end])
        for opening, hint in _HINTS.items():
            if words.casefold().startswith(opening):
                return hint
        unknown = [word for word in words.split() if word.casefold() not in SYLLABLES]
        for word in (words, *unknown) if len(unknown) == len(words.split()) else unknown:
            near = nearest(word, _TIME_WORDS, at_most=1) if 2 < len(word) <= 20 else ()
            if near:
                return f"Có phải ý là “{near[0]}”? {_GENERAL}"
    return _GENERAL
