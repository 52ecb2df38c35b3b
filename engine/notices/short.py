"""Messages for channels that carry less than a letter: a short plain text, or a template's few values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.model.assignment import Timeliness
from engine.notices.digest import (
    Item,
    Outline,
    compose,
    crowded_unit,
    lines_of,
    outline,
    reached,
    title_of,
)
from engine.notices.notice import Book
from engine.notices.wording import (
    LINK_PATH,
    LINK_TO_COME,
    TOKEN_LETTERS,
    Heading,
    number,
    standing_words,
)
from notifiers import facts
from notifiers.lines import single_line
from notifiers.registry import Form, kind_of

MOST_LETTERS = 2000
"""Letters that a chat message may have (Zalo Bot, sendMessage)."""

CODE_LETTERS = 15
"""How much of a message's id finds it at the office's desk: "20230612-1a2b3c"."""

_TITLE = 90
_NAME = 200
_UNIT = 60
_BEHALF = 200
_CHASED = 700
_SUMMARIES = 400
_DETAILS = 240
_FEW = 3
_LONG = 10_000

# The link that goes out may be longer than the words that stand for it until then.
_LINK_GROWS = max(0, len(LINK_PATH) + TOKEN_LETTERS - len(LINK_TO_COME))
_MORE_ROOM = len("… và 9.999.999 mục khác nữa.\n")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a message speaks to: those who speak for ``units``, ``behalf`` for whom a deputy gets it. ``link``
    is where to answer, ``code`` what the message is called on the telephone."""

    units: Sequence[str]
    behalf: Sequence[str] = ()
    link: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A message as one channel carries it. ``html`` is empty where it carries none, ``facts`` are the values
    of a template; ``text`` says the same as either."""

    subject: str
    text: str
    html: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def form_of(channel: str) -> Form:
    """What a channel carries; whole letters where nobody knows it."""
    kind = kind_of(channel)
    return kind.form if kind else Form.MAIL


def words_for(
    form: Form, reader: Reader, items: Sequence[Item], book: Book, today: date, *, worded: bool = True
) -> Words:
    """The message of ``items`` (at least one) in the form that its channel carries. Without ``worded`` only
    the subject is made."""
    if form is Form.MAIL or not worded:
        digest = compose(reader.units, items, book, today, reader.link, behalf=reader.behalf, worded=worded)
        return Words(digest.subject, digest.text, digest.html)
    told = outline(reader.units, items, book, today)
    if form is Form.CHAT:
        return Words(told.subject, _chat(told, reader, book, today))
    values = _facts(told, items, today, reader)
    return Words(told.subject, _paragraph(told, values, reader), "", values)


def cut(text: str, most: int) -> str:
    """One line of at most ``most`` letters that ends with a whole word."""
    line = single_line(text, _LONG)[0]
    if len(line) <= most:
        return line
    head = line[: most - 1]
    if line[most - 1] != " ":
        head = head.rpartition(" ")[0] or head  # a single endless word is none
    return head.rstrip(" ,;:–-(") + "…"


def _behalf(reader: Reader) -> list[str]:
    if not reader.behalf:
        return []
    return [_sentence(f"Nhận thay: {'; '.join(reader.behalf)}, đang vắng mặt", _BEHALF)]


def _sentence(text: str, most: int) -> str:
    short = cut(text, most - 1)
    return short if short.endswith("…") else f"{short}."


# --- chat ------------------------------------------------------------------------------------------------


def _chat(told: Outline, reader: Reader, book: Book, today: date) -> str:
    own = frozenset(reader.units)
    chased = "Đôn đốc: " if told.chased else ""
    lines = [f"{chased}{cut(told.said, _NAME)} – {cut(told.name, _NAME)}, {today:%d/%m/%Y}."]
    lines += _behalf(reader)
    lines += _within(told.chased, _CHASED)
    lines += _within([each.headline for each in told.summaries], _SUMMARIES)
    where = "Trả lời tại" if told.under else "Xem việc của đơn vị tại"
    end = [f"{where}: {reader.link}"] if reader.link else []
    room = MOST_LETTERS - _LINK_GROWS - sum(len(line) + 1 for line in (*lines, *end))
    groups, last = list(_groups(told)), None
    left, hidden = told.tasks, len(groups)
    for place, (heading, group) in enumerate(groups, start=1):
        line = f"{place}) {_task_line(group, own, book)}"
        new = [line] if heading is last else [heading.value.upper(), line]
        taken = sum(len(each) + 1 for each in new)
        if taken + _MORE_ROOM > room:
            break
        lines += new
        room -= taken
        last = heading
        left -= _weight(heading, group)
        hidden -= 1
    if left > 0:
        lines.append(f"… và {number(left)} việc nữa.")
    elif hidden:
        lines.append(f"… và {number(hidden)} mục khác nữa.")
    return "\n".join([*lines, *end])


def _within(said: Sequence[str], most: int) -> list[str]:
    """The first few, each in its share of the room."""
    few = said[:_FEW]
    return [_sentence(each.rstrip("."), most // len(few)) for each in few]


def _groups(told: Outline) -> Iterator[tuple[Heading, list[Item]]]:
    for heading, items in told.under.items():
        for group in lines_of(items):
            yield heading, group


def _weight(heading: Heading, group: Sequence[Item]) -> int:
    """How many tasks a line counts for, as the first line of the message counts them."""
    tasks = sum(item.seen is not None for item in group)
    return min(tasks, 1) if heading is Heading.NEW else tasks


def _task_line(group: Sequence[Item], own: frozenset[str], book: Book) -> str:
    """ "Ban hành kế hoạch (UBND xã Một) – hạn 31/03/2023, quá hạn 1 ngày làm việc (3 ngày)" """
    first = group[0]
    tracked, seen = first.tracked, first.seen
    title = cut(title_of(first, book), _TITLE)
    if tracked is None or seen is None:
        details = cut("; ".join(first.details), _DETAILS) if first.details else ""
        return f"{title}: {details}" if details else title
    units = sorted({item.tracked.promise.unit for item in group if item.tracked})
    if len(units) > 1:
        title += f" ({number(len(units))} đơn vị)"
    elif units[0] not in own or len(own) > 1:
        title += f" ({cut(book.registry.full_name(units[0]), _UNIT)})"
    standing = standing_words(tracked, seen)
    due = seen.rolled or seen.due
    return f"{title} – hạn {due:%d/%m/%Y}, {standing}" if due else f"{title} – {standing}"


# --- template --------------------------------------------------------------------------------------------


def _facts(told: Outline, items: Sequence[Item], today: date, reader: Reader) -> dict[str, str]:
    dues = sorted({due for item in items if item.seen and (due := item.seen.rolled or item.seen.due)})
    nearest = next((due for due in dues if due >= today), dues[-1] if dues else None)
    late = sum(item.seen is not None and item.seen.timeliness is Timeliness.OVERDUE for item in items)
    # A unit as a whole has at least as many; a warning is one thing to do.
    crowd = max((reached(item.notice) for item in items if crowded_unit(item)), default=0)
    return {
        facts.RECIPIENT: cut(told.name, _LONG),
        facts.COUNT: number(max(told.tasks, crowd, int(bool(told.under)))),
        facts.OVERDUE: number(max(late, crowd)),
        facts.NEAREST: f"{nearest:%d/%m/%Y}" if nearest else "-",
        facts.DAY: f"{today:%d/%m/%Y}",
        facts.CODE: reader.code,
        facts.LINK: LINK_TO_COME if reader.link else "",
    }


def _paragraph(told: Outline, values: Mapping[str, str], reader: Reader) -> str:
    """What the values say, as the office's desk shows it."""
    if told.tasks:
        late, nearest = values[facts.OVERDUE], values[facts.NEAREST]
        what = f"{values[facts.COUNT]} việc"
        what += f", trong đó {late} việc quá hạn" if late != "0" else ""
        what += f"; hạn gần nhất {nearest}" if nearest != "-" else ""
    else:
        what = cut(told.said, _NAME)
    who = f"{'Đôn đốc ' if told.chased else ''}{cut(told.name, _NAME)}"
    said = [f"{who}: {what} (ngày {values[facts.DAY]}).", *_behalf(reader)]
    if values[facts.CODE]:
        said.append(f"Mã tin: {values[facts.CODE]}.")
    if reader.link:
        said.append(f"Xem và trả lời tại: {reader.link}")
    return " ".join(said)
