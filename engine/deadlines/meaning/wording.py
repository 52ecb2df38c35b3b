"""The words of a trigger or an authority, from the words of the cell by general rules."""

from __future__ import annotations

import re

from engine.vietnamese import tidy

PROMPTLY = "có khó khăn, vướng mắc phát sinh"
AD_HOC = "đột xuất (theo yêu cầu)"
_SHORT_FORMS = {"KH": "Kế hoạch", "QĐ": "Quyết định", "CV": "Công văn"}
_SHORT = re.compile(r"\b(KH|QĐ|CV)\b(?![-/])", re.IGNORECASE)
_PLACES = r"trung ương|tỉnh|thành phố|huyện|quận|thị xã|xã|phường|thị trấn|cấp trên"
_OF_AGAIN = re.compile(r"(,| và) của (?=\S)", re.IGNORECASE)
_PLACE_CASE = re.compile(rf"(, )({_PLACES})\b(?! [A-ZĐÂĂÁÀÔƠƯ])", re.IGNORECASE)
_DIFFICULTY = re.compile(r"khó khăn vướng mắc", re.IGNORECASE)
_HAS_HAPPENED = re.compile(r"^có (?=(?:phát sinh|thay đổi|biến động|xảy ra)\b)", re.IGNORECASE)
_ISSUED_BY = re.compile(r"^(?:có )?(?P<what>\S+(?: \S+){0,4}?) ban hành của (?P<who>.+)$", re.IGNORECASE)
_NO_OBJECT = re.compile(r"^.*(?<!được)(?<!đã) ban hành$", re.IGNORECASE)
_CITED_AT = re.compile(
    r"^(?:thời (?:gian|hạn) )?(?:quy định|hướng dẫn|yêu cầu|nội dung|chỉ đạo|tiến độ)"
    r"(?: nêu)? (?:tại|trong) (?=\S)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:số|số:) ?(?=[0-9/])", re.IGNORECASE)
_LEADING = re.compile(r"^(?:đúng |thời gian |thời hạn |tiến độ )(?=(?:quy định|kế hoạch)\b)", re.IGNORECASE)
_BARE = frozenset(
    (
        "quy định|kế hoạch|hướng dẫn|chỉ đạo|yêu cầu|lịch|thông báo|tiến độ|công văn|văn bản|quy chế|"
        "chương trình|chế độ"
    ).split("|")
)
_OWN = re.compile(
    r"(?:(?:ký|ban hành|ký ban hành|có hiệu lực|được ban hành|có hiệu lực thi hành)"
    r"(?: (?:kế hoạch(?: này)?|(?:văn bản|quyết định|công văn|chỉ thị) này))?"
    r"|kế hoạch(?: này)? (?:được |đã |đã được )?(?:ký|ban hành|ký ban hành|có hiệu lực)"
    r"|(?:văn bản|quyết định|công văn|chỉ thị) này (?:được )?(?:ký|ban hành|ký ban hành|có hiệu lực))"
)
_ABBREVIATIONS = frozenset("UBND HĐND TTHC MTTQ CCHC CNTT VHTT BCĐ TW UB KH QĐ CV".split())


def is_own_plan(clause: str) -> bool:
    """Whether "ban hành Kế hoạch", "ngày ký" … speak of the plan that the cell stands in."""
    words = tidy(clause).casefold().removeprefix("khi ").removeprefix("ngày ").removeprefix("khi ")
    return _OWN.fullmatch(words) is not None


def trigger_words(clause: str, opening: str) -> str:
    """What has to happen, from the words behind "khi", "nếu", "kể từ ngày" …; Vietnamese."""
    words = _plain(clause)
    for start in ("khi ", "nếu ") + (("ngày ",) if opening == "ngày" else ()):
        if words.casefold().startswith(start):
            words = words[len(start) :]
    words = _DIFFICULTY.sub("khó khăn, vướng mắc", words)
    words = _HAS_HAPPENED.sub("", words)
    if opening == "theo" and words.casefold().startswith("yêu cầu"):
        words = "có " + words
    if issued := _ISSUED_BY.match(words):
        return f"{issued['what']} của {issued['who']} được ban hành"
    if _NO_OBJECT.match(words):
        words += " chính sách"
    return words


def authority_words(clause: str) -> str:
    """The document or office that sets the date, from the words behind "theo"; Vietnamese."""
    words = _LEADING.sub("", _plain(clause))
    words = _NUMBERED.sub("", _CITED_AT.sub("", words))
    if words.casefold() in _BARE:
        return f"{words} (không nêu)"
    return words


def _plain(clause: str) -> str:
    words = tidy(clause).strip(" .,;:-…")
    if words.isupper() and len(words) > 6:
        words = " ".join(
            word if word.strip(",;") in _ABBREVIATIONS else word.lower() for word in words.split(" ")
        )
    words = _SHORT.sub(lambda found: _SHORT_FORMS[found[1].upper()], words)
    words = _OF_AGAIN.sub(lambda found: found[1] + " ", words)
    return _PLACE_CASE.sub(lambda found: found[1] + found[2].lower(), words)
