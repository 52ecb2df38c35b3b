"""A draft of the narrative part: what it is made of, and its sentences with their sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.model.assignment import Timeliness
from engine.model.unit import Level, UnitKind
from engine.reports.document import ReportDocument
from engine.reports.windows import Window


class Section(StrEnum):
    """The headings, in the order of the report."""

    OVERALL = "Kết quả chung"
    DONE = "Việc đã hoàn thành"
    OVERDUE = "Việc quá hạn và nguyên nhân"
    PRAISE = "Đề nghị biểu dương"
    REMIND = "Đề nghị nhắc nhở"
    NEXT = "Việc đến hạn kỳ tới"


@dataclass(frozen=True, slots=True)
class Word:
    """What a unit wrote: the number of its event, when (UTC), signed by whom, and the text as typed."""

    event: int
    at: datetime
    day: date
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One assignment as it stood at the end of the report's day. ``due`` is the rolled day in force,
    ``days_late`` are working days. ``level`` and ``kind`` are None for a group whose members nobody listed.
    ``counts``: it belongs to the window; if not, it only falls due in the next one."""

    id: str
    plan: str
    task: str
    stt: str
    title: str
    unit: str
    unit_name: str
    level: Level | None
    kind: UnitKind | None
    timeliness: Timeliness
    due: date | None
    done_on: date | None
    days_late: int
    counts: bool = True
    carried: bool = False
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence stands on. ``kind`` is "figure" (``id`` its name, ``value`` the number, ``of`` the
    assignments it counts), "assignment" or "event" (``id`` its number, ``of`` its assignment)."""

    kind: str
    id: str
    value: int | None = None
    of: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For a footnote."""
        match self.kind:
            case "figure":
                some = ", ".join(self.of[:3]) + (", …" if len(self.of) > 3 else "")
                return f"{self.id} = {self.value}" + (f" ({some})" if some else "")
            case "event":
                return f"ý kiến số {self.id} của {self.of[0]}"
            case _:
                return self.id

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"kind": self.kind, "id": self.id, "value": self.value, "of": list(self.of)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and everything it stands on."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    """The draft: sections without a sentence are left out."""

    window: Window | None
    day: date
    sections: tuple[tuple[Section, tuple[Sentence, ...]], ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All of them, in order."""
        return tuple(sentence for _, sentences in self.sections for sentence in sentences)

    @property
    def headed(self) -> tuple[tuple[str, tuple[Sentence, ...]], ...]:
        """The sections with their headings, numbered one after the other."""
        numbered = enumerate(self.sections, start=1)
        return tuple((f"{number}. {section.value}", sentences) for number, (section, sentences) in numbered)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "as_of": self.day.isoformat(),
            "sections": [
                {
                    "title": title,
                    "sentences": [
                        {"text": sentence.text, "sources": [source.to_json() for source in sentence.sources]}
                        for sentence in sentences
                    ],
                }
                for title, sentences in self.headed
            ],
        }


def narrative_document(draft: Narrative, issuer: str, *, sources: bool = False) -> ReportDocument:
    """The draft on paper: headings and sentences as paragraphs; with ``sources`` each sentence carries the
    number of the note that says what it stands on."""
    paragraphs: list[str] = []
    notes: list[str] = []
    for title, sentences in draft.headed:
        paragraphs.append(title)
        for sentence in sentences:
            mark = ""
            if sources:
                mark = f" [{len(notes) + 1}]"
                notes.append(f"[{len(notes) + 1}] " + "; ".join(source.words for source in sentence.sources))
            paragraphs.append(sentence.text + mark)
    if not paragraphs:
        paragraphs.append("Chưa có số liệu nào để viết.")
    return ReportDocument(
        title="Dự thảo phần lời báo cáo kết quả thực hiện nhiệm vụ",
        subtitle=_subtitle(draft),
        issuer=issuer,
        day=draft.day,
        tables=(),
        notes=(_CAUTION, *notes),
        paragraphs=tuple(paragraphs),
    )


_CAUTION = (
    "Dự thảo do phần mềm ghép từ số liệu và lời của các đơn vị; người ký cần đọc lại trước khi dùng. "
    "Biểu dương: hạng nhất nhóm cùng cấp, cùng loại và không có lượt nào chậm; nhắc nhở: hạng cuối nhóm "
    "và đang có lượt quá hạn."
)


def _subtitle(draft: Narrative) -> str:
    as_of = f"số liệu đến hết ngày {draft.day:%d/%m/%Y}"
    if draft.window is None:
        return f"{as_of[0].upper()}{as_of[1:]}"
    title = f"{draft.window.title[0].upper()}{draft.window.title[1:]}"
    days = "" if draft.window.title == draft.window.days else f", {draft.window.days}"
    return f"{title}{days}; {as_of}"
