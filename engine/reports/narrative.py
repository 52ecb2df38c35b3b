"""The narrative part of a report (phần lời) as a draft: figures and the units' own words as sentences.

Nothing is concluded and nothing summarised: every number stands in a sentence's sources together with the
assignments that it counts, every quotation with the event that said it. Where nothing is known, nothing is
said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from engine.model.assignment import Timeliness
from engine.model.unit import Level, UnitKind
from engine.reports.draft import Item, Narrative, Section, Sentence, Source
from engine.reports.narrative_words import count_of, enumerated, per_cent, quoted
from engine.reports.windows import Window
from engine.tracking.ranking import FEWEST, League, Ranked, Record, leagues

_MOST_UNITS = 10
_MOST_TASKS = 40
_MOST_QUOTES = 2

_DONE = (Timeliness.DONE_ON_TIME, Timeliness.DONE_LATE)
_WITHIN = (Timeliness.ON_TRACK, Timeliness.DUE_SOON)
_OVERDUE = Timeliness.OVERDUE


def narrative(items: Sequence[Item], window: Window | None, day: date, following: Window) -> Narrative:
    """The draft for ``items`` at the end of ``day``; ``following`` is the window after."""
    counted = [i for i in items if i.counts and i.timeliness is not Timeliness.NOT_APPLICABLE]
    ranked = leagues(_records(counted))
    parts = (
        (Section.OVERALL, _overall(counted, window, day)),
        (Section.DONE, _done(counted)),
        (Section.OVERDUE, _overdue(counted, day)),
        (Section.PRAISE, _praise(ranked, counted)),
        (Section.REMIND, _remind(ranked, counted)),
        (Section.NEXT, _next(items, following)),
    )
    return Narrative(window, day, tuple((section, tuple(found)) for section, found in parts if found))


def _figure(name: str, items: Iterable[Item]) -> Source:
    of = tuple(item.id for item in items)
    return Source("figure", name, len(of), of)


def _value(source: Source) -> int:
    return source.value or 0


# --- 1 -----------------------------------------------------------------------------------------------------


def _overall(items: list[Item], window: Window | None, day: date) -> list[Sentence]:
    if not items:
        return []
    assigned = _figure("được giao", items)
    when = f"Trong kỳ {window.days}" if window else f"Tính đến hết ngày {day:%d/%m/%Y}"
    parts = (
        ("hoàn thành đúng hạn", lambda i: i.timeliness is Timeliness.DONE_ON_TIME),
        ("hoàn thành quá hạn", lambda i: i.timeliness is Timeliness.DONE_LATE),
        ("chưa hoàn thành, còn trong hạn", lambda i: i.timeliness in _WITHIN),
        ("chưa hoàn thành, đã quá hạn", lambda i: i.timeliness is _OVERDUE),
        ("không có thời hạn", lambda i: i.timeliness is Timeliness.NO_DEADLINE),
    )
    figures = [_chosen(name, items, fits) for name, fits in parts]
    listed = enumerated([f"{f.value} lượt {f.id}" for f in figures if f.value])
    sentences = [
        Sentence(f"{when} có {count_of(_value(assigned), 'lượt giao')}: {listed}.", (assigned, *figures))
    ]
    carried = _chosen("mang sang từ kỳ trước", items, lambda i: i.carried)
    if window and carried.value:
        given = _chosen("giao trong kỳ", items, lambda i: not i.carried)
        text = f"Trong đó {carried.value} lượt mang sang từ kỳ trước và {given.value} lượt giao trong kỳ."
        sentences.append(Sentence(text, (carried, given)))
    done = _chosen("đã hoàn thành", items, lambda i: i.timeliness in _DONE)
    if share := per_cent(_value(done), _value(assigned)):
        text = f"Tỷ lệ hoàn thành là {share} số lượt được giao ({done.value}/{assigned.value})."
        sentences.append(Sentence(text, (done, assigned)))
    judged = _chosen(
        "đã hoàn thành hoặc đã quá hạn", items, lambda i: i.timeliness in _DONE or i.timeliness is _OVERDUE
    )
    if share := per_cent(_value(figures[0]), _value(judged)):
        text = (
            f"Tỷ lệ hoàn thành đúng hạn là {share} số lượt đã hoàn thành hoặc đã quá hạn "
            f"({figures[0].value}/{judged.value})."
        )
        sentences.append(Sentence(text, (figures[0], judged)))
    return sentences


def _chosen(name: str, items: Iterable[Item], fits: Callable[[Item], bool]) -> Source:
    return _figure(name, (item for item in items if fits(item)))


# --- 2 and 3 -----------------------------------------------------------------------------------------------


def _by_task(items: Iterable[Item]) -> list[list[Item]]:
    found: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        found[item.plan, item.task].append(item)
    return list(found.values())


def _done(items: list[Item]) -> list[Sentence]:
    sentences = []
    tasks = _by_task(items)
    with_done = [(task, [i for i in task if i.timeliness in _DONE]) for task in tasks]
    with_done = [(task, done) for task, done in with_done if done]
    for task, done in with_done[:_MOST_TASKS]:
        all_of, finished = _figure("được giao", task), _figure("đã hoàn thành", done)
        units = enumerated([_done_words(i) for i in done[:_MOST_UNITS]], _left(done, _MOST_UNITS))
        of = f"{finished.value}/{all_of.value} lượt giao đã hoàn thành"
        sentences.append(Sentence(f"{_task_words(task[0])}: {of}: {units}.", (finished, all_of)))
        sentences += [quote for item in done[:_MOST_UNITS] for quote in _quotes(item, 1)]
    return sentences + _rest(with_done)


def _rest(tasks: Sequence[tuple[list[Item], list[Item]]]) -> list[Sentence]:
    left = tasks[_MOST_TASKS:]
    if not left:
        return []
    figure = _figure("lượt hoàn thành của các nhiệm vụ còn lại", (i for _, done in left for i in done))
    names = Source(
        "figure", "nhiệm vụ còn lại", len(left), tuple(f"{t[0].plan}:{t[0].task}" for t, _ in left)
    )
    text = f"Ngoài ra còn {names.value} nhiệm vụ khác có {figure.value} lượt giao đã hoàn thành."
    return [Sentence(text, (names, figure))]


def _done_words(item: Item) -> str:
    how = "quá hạn" if item.timeliness is Timeliness.DONE_LATE else "đúng hạn"
    on = f", ngày {item.done_on:%d/%m/%Y}" if item.done_on else ""
    return f"{item.unit_name} ({how}{on})"


def _overdue(items: list[Item], day: date) -> list[Sentence]:
    if not items:
        return []
    late = [i for i in items if i.timeliness is _OVERDUE]
    figure = _figure("chưa hoàn thành, đã quá hạn", late)
    if not late:
        return [Sentence(f"Đến hết ngày {day:%d/%m/%Y} không có lượt giao nào quá hạn.", (figure,))]
    units = Source(
        "figure", "đơn vị", len({i.unit for i in late}), tuple(dict.fromkeys(i.unit for i in late))
    )
    text = (
        f"Đến hết ngày {day:%d/%m/%Y} còn {count_of(_value(figure), 'lượt giao')} quá hạn "
        f"của {count_of(_value(units), 'đơn vị')}."
    )
    sentences = [Sentence(text, (figure, units))]
    late.sort(key=lambda i: (-i.days_late, i.id))
    for item in late[:_MOST_TASKS]:
        text = (
            f"{item.unit_name} chưa hoàn thành {_task_words(item, inside=True)}, hạn {item.due:%d/%m/%Y}, "
            f"{f'quá hạn {item.days_late} ngày làm việc' if item.days_late else 'đã quá hạn'}."
        )
        sentences.append(Sentence(text, (Source("assignment", item.id, item.days_late),)))
        sentences += _quotes(item, _MOST_QUOTES)
    if left := late[_MOST_TASKS:]:
        rest = _figure("lượt quá hạn khác", left)
        sentences.append(Sentence(f"Ngoài ra còn {rest.value} lượt quá hạn khác.", (rest,)))
    return sentences


def _quotes(item: Item, most: int) -> list[Sentence]:
    """What the unit said last, word for word."""
    return [
        Sentence(
            f"Ngày {word.day:%d/%m/%Y}, {item.unit_name}{f' ({quoted(word.by)})' if word.by else ''} nêu: "
            f"{quoted(word.text)}.",
            (Source("event", str(word.event), None, (item.id,)), Source("assignment", item.id)),
        )
        for word in item.words[-most:]
    ]


def _task_words(item: Item, *, inside: bool = False) -> str:
    return f"{'n' if inside else 'N'}hiệm vụ {f'{item.stt} ' if item.stt else ''}{quoted(item.title)}"


def _left(items: Sequence[Item], shown: int) -> str:
    return f"{len(items) - shown} đơn vị khác" if len(items) > shown else ""


# --- 4 and 5: by the published ranking ---------------------------------------------------------------------


def _records(items: Iterable[Item]) -> list[Record]:
    found: dict[tuple[str, Level, UnitKind], list[Item]] = defaultdict(list)
    for item in items:
        if item.level is not None and item.kind is not None:
            found[item.unit, item.level, item.kind].append(item)
    return [
        Record(
            *unit,
            sum(i.timeliness is Timeliness.DONE_ON_TIME for i in own),
            sum(i.timeliness is Timeliness.DONE_LATE for i in own),
            sum(i.timeliness is _OVERDUE for i in own),
            sum(i.timeliness in _WITHIN for i in own),
        )
        for unit, own in found.items()
    ]


def _praise(ranked: Iterable[League], items: Sequence[Item]) -> list[Sentence]:
    """The first of each league of at least two, if nothing of theirs was late."""
    return [
        _standing(place, league, items)
        for league in ranked
        if len(league.ranked) > 1
        for place in league.ranked
        if place.rank == 1 and place.record.done_on_time == place.record.judged
    ]


def _remind(ranked: Iterable[League], items: Sequence[Item]) -> list[Sentence]:
    """The last rank of each league of at least two, if anything of theirs is overdue."""
    return [
        _standing(place, league, items)
        for league in ranked
        if len(league.ranked) > 1
        for place in league.ranked
        if place.rank == league.ranked[-1].rank != 1 and place.record.overdue
    ]


def _standing(place: Ranked, league: League, items: Sequence[Item]) -> Sentence:
    own = [i for i in items if i.unit == place.record.unit]
    on_time = _chosen("hoàn thành đúng hạn", own, lambda i: i.timeliness is Timeliness.DONE_ON_TIME)
    late = _chosen("hoàn thành quá hạn", own, lambda i: i.timeliness is Timeliness.DONE_LATE)
    overdue = _chosen("chưa hoàn thành, đã quá hạn", own, lambda i: i.timeliness is _OVERDUE)
    units = tuple(r.record.unit for r in league.ranked)
    among = Source("figure", "đơn vị cùng cấp, cùng loại được xếp hạng", len(units), units)
    rank = Source("figure", "xếp hạng", place.rank, (place.record.unit,))
    settled = (*_DONE, _OVERDUE)
    judged = _chosen("đã hoàn thành hoặc đã quá hạn", own, lambda i: i.timeliness in settled)
    share = per_cent(_value(on_time), _value(judged))
    text = (
        f"{own[0].unit_name}: {share} đúng hạn "
        f"({on_time.value}/{judged.value} lượt đã hoàn thành hoặc đã quá hạn; "
        f"{late.value} lượt hoàn thành quá hạn, {overdue.value} lượt đang quá hạn), xếp hạng {rank.value}"
        f"{' (đồng hạng)' if place.tied else ''} trong {among.value} đơn vị cùng cấp, cùng loại "
        f"có từ {FEWEST} lượt trở lên."
    )
    return Sentence(text, (on_time, judged, late, overdue, rank, among))


# --- 6 -----------------------------------------------------------------------------------------------------


def _next(items: Iterable[Item], following: Window) -> list[Sentence]:
    owed = [
        i for i in items if i.timeliness in _WITHIN and i.due and following.first <= i.due <= following.last
    ]
    if not owed:
        return []
    total = _figure("đến hạn kỳ tới", owed)
    text = f"Kỳ tới, {following.days}, có {count_of(_value(total), 'lượt giao')} đến hạn."
    sentences = [Sentence(text, (total,))]
    by_day: dict[tuple[date, str, str], list[Item]] = defaultdict(list)
    for item in owed:
        if item.due is not None:
            by_day[item.due, item.plan, item.task].append(item)
    ordered = sorted(by_day.items())
    for (due, _plan, _task), same in ordered[:_MOST_TASKS]:
        units = enumerated([i.unit_name for i in same[:_MOST_UNITS]], _left(same, _MOST_UNITS))
        figure = _figure("đến hạn", same)
        words = f"Ngày {due:%d/%m/%Y}, {_task_words(same[0], inside=True)}: {units} ({figure.value} lượt)."
        sentences.append(Sentence(words, (figure,)))
    if left := ordered[_MOST_TASKS:]:
        rest = _figure("lượt đến hạn khác", (i for _, same in left for i in same))
        sentences.append(Sentence(f"Ngoài ra còn {rest.value} lượt khác đến hạn.", (rest,)))
    return sentences
