"""What a unit may answer about an assignment as it stands, and what it typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.datastructures import FormData, UploadFile

from engine.model.assignment import State
from engine.model.event import Event, EventKind
from engine.model.plan import PlanSettings
from engine.tracking.assess import Tracked
from engine.tracking.progress import Refusal, apply, effective_due
from engine.workdays import WorkCalendar
from web.security.access import field as posted
from web.work.typed import MOST_WORDS, NotADay, typed_day, typed_words

MOST_FILES = 5
_LONGEST = 100_000
"""What is read of a text that is too long, so that it can be handed back for shortening."""

CHOICE, PERCENT, NUMBER, DAY, FILES, WORDS = "tra_loi", "phan_tram", "so_hieu", "ngay", "tep", "loi"
REVISION = "luot"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. ``slug`` names it in the form; ``recorded`` heads the page after it, ``next`` says there
    what comes now."""

    slug: str
    kind: EventKind
    name: str
    recorded: str
    next: str


RECEIVED = Choice(
    "da-nhan",
    EventKind.RECEIVED,
    "Đã nhận",
    "Đã ghi nhận: đơn vị đã nhận việc",
    "Làm xong thì mở lại trang này và chọn “Báo cáo hoàn thành”.",
)
PROGRESS = Choice(
    "tien-do",
    EventKind.PROGRESS,
    "Cập nhật tiến độ",
    "Đã ghi nhận tiến độ",
    "Làm xong thì mở lại trang này và chọn “Báo cáo hoàn thành”.",
)
DONE = Choice(
    "xong",
    EventKind.DONE,
    "Báo cáo hoàn thành",
    "Đã ghi nhận báo cáo hoàn thành",
    "Văn phòng sẽ xác nhận, hoặc trả lại kèm lý do. Từ nay việc này không bị nhắc nữa, trừ khi bị trả lại.",
)
EXTENSION = Choice(
    "gia-han",
    EventKind.EXTENSION,
    "Xin gia hạn",
    "Đã ghi nhận đề nghị gia hạn",
    "Văn phòng sẽ trả lời. Trong lúc chờ, thời hạn cũ vẫn tính; xong trước thì cứ báo cáo hoàn thành.",
)
DECLINED = Choice(
    "tra-lai",
    EventKind.DECLINED,
    "Trả lại, không thuộc trách nhiệm",
    "Đã ghi nhận: đơn vị trả lại việc này",
    "Văn phòng sẽ xem lại và giao đơn vị khác, hoặc gửi lại kèm lý do.",
)

ALL = (RECEIVED, PROGRESS, DONE, EXTENSION, DECLINED)
BY_SLUG = {choice.slug: choice for choice in ALL}
BY_KIND = {choice.kind: choice for choice in ALL}


def choices(
    tracked: Tracked, settings: PlanSettings, calendar: WorkCalendar, now: datetime
) -> tuple[Choice, ...]:
    """The answers that the state machine would take now."""
    if tracked.standing.state is State.RECEIVED:
        fitting: tuple[Choice, ...] = (PROGRESS, DONE, EXTENSION, DECLINED)
    else:
        fitting = ALL
    promise, standing = tracked.promise, tracked.standing

    def fits(choice: Choice) -> bool:
        event = Event(promise.id, choice.kind, now, note="…")
        return not isinstance(apply(promise, standing, event, settings, calendar), Refusal)

    return tuple(choice for choice in fitting if fits(choice))


def can_be_received(tracked: Tracked) -> bool:
    """Whether "Đã nhận" would say something new."""
    state = tracked.standing.state
    return state in (State.NOT_STARTED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Typed:
    """One form as it was sent, and what is wrong with it by field; "" is the form as a whole."""

    choice: Choice | None
    revision: int
    fields: dict[str, str]
    files: tuple[UploadFile, ...]
    problems: dict[str, str] = field(default_factory=dict)

    def value(self, choice: Choice, name: str) -> str:
        """What was typed into a field of one answer."""
        return self.fields.get(f"{choice.slug}-{name}", "")


_FIELDS = (
    (PROGRESS, PERCENT),
    (PROGRESS, WORDS),
    (DONE, NUMBER),
    (DONE, DAY),
    (DONE, WORDS),
    (EXTENSION, DAY),
    (EXTENSION, WORDS),
    (DECLINED, WORDS),
)


def read(form: FormData) -> Typed:
    """What somebody sent."""
    fields = {
        f"{c.slug}-{name}": typed_words(posted(form, f"{c.slug}-{name}", most=_LONGEST))
        for c, name in _FIELDS
    }
    revision = posted(form, REVISION, most=40)
    files = (each for each in form.getlist(FILES) if isinstance(each, UploadFile))
    return Typed(
        choice=BY_SLUG.get(posted(form, CHOICE, most=40)),
        # A number that no page of ours wrote is one that no assignment has.
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else -1,
        fields=fields,
        files=tuple(each for each in files if each.filename),
    )


def close_files(form: FormData) -> None:
    """Lets go of what was uploaded; large files lie on disk until then."""
    for _, value in form.multi_items():
        if isinstance(value, UploadFile):
            value.file.close()


def event_of(typed: Typed, tracked: Tracked, by: str, now: datetime, today: date) -> Event | None:
    """The event that the form means; None when something is wrong, which ``typed.problems`` then says."""
    choice, problems = typed.choice, typed.problems
    if choice is None:
        problems[""] = "Hãy chọn một trong các câu trả lời"
        return None
    words = typed.value(choice, WORDS)
    if len(words) > MOST_WORDS:
        problems[WORDS] = f"Dài quá {MOST_WORDS} ký tự; rút gọn rồi gửi lại"
    percent, document, day = None, None, None
    if choice is PROGRESS:
        percent = _percent(typed)
        if percent is None and not words and not problems:
            problems[PERCENT] = "Hãy ghi tỷ lệ đã làm, hoặc vài lời về tiến độ"
    if choice is DONE:
        document = _document(typed, today)
    if choice is EXTENSION:
        day = _new_day(typed, tracked, today)
    if choice in (EXTENSION, DECLINED) and not words:
        problems[WORDS] = "Hãy nêu lý do"
    if problems:
        return None
    return Event(
        tracked.promise.id,
        choice.kind,
        now,
        by,
        percent=percent,
        document=document,
        note=words or None,
        day=day,
    )


def _percent(typed: Typed) -> int | None:
    text = typed.value(PROGRESS, PERCENT).rstrip("%").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= 100:
        return int(text)
    typed.problems[PERCENT] = "Tỷ lệ phải là số nguyên từ 0 đến 100"
    return None


def _document(typed: Typed, today: date) -> str | None:
    number = " ".join(typed.value(DONE, NUMBER).split())
    try:
        day = typed_day(typed.value(DONE, DAY))
    except NotADay as error:
        typed.problems[DAY] = str(error)
        return None
    if len(number) > 100:
        typed.problems[NUMBER] = "Số, ký hiệu dài quá 100 ký tự; phần còn lại ghi vào ô bên dưới"
    if day is None:
        return number or None
    if not number:
        typed.problems[NUMBER] = "Có ngày mà chưa có số, ký hiệu văn bản"
    if day > today:
        typed.problems[DAY] = "Ngày của văn bản không thể ở sau hôm nay"
    elif day.year < today.year - 5:
        typed.problems[DAY] = "Ngày này quá xa trước đây; kiểm tra lại năm"
    return f"{number} ngày {day:%d/%m/%Y}"


def _new_day(typed: Typed, tracked: Tracked, today: date) -> date | None:
    try:
        day = typed_day(typed.value(EXTENSION, DAY))
    except NotADay as error:
        typed.problems[DAY] = str(error)
        return None
    due = effective_due(tracked.promise, tracked.standing)
    if day is None:
        typed.problems[DAY] = "Hãy ghi ngày xin gia hạn đến"
    elif day <= today:
        typed.problems[DAY] = "Ngày xin gia hạn đến phải sau hôm nay"
    elif due is not None and day <= due:
        typed.problems[DAY] = f"Ngày xin gia hạn đến phải sau thời hạn {due:%d/%m/%Y}"
    elif day.year > today.year + 2:
        typed.problems[DAY] = "Ngày này quá xa; kiểm tra lại năm"
    return day
