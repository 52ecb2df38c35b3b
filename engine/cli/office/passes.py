"""``tick`` and ``simulate``: one pass now, or all the passes of a year on paper."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.frame import HERE, AtOption, DryRunOption, HomeOption, JsonOption, PlanOption, app, read_day
from engine.cli.office.opened import now_in_utc, opened
from engine.cli.output import Column, note, print_json, print_json_line, print_table, progress_bar, say

if TYPE_CHECKING:
    from datetime import datetime

    from engine.installation.opening import Installation
    from engine.ruleset.evaluate import RuleSet
    from engine.tick import TickResult
    from engine.units import Registry
    from notifiers.channel import Channel


@app.command(
    "tick", help="Một lượt: xét luật, soạn tin, gửi và ghi lại. Chạy bao nhiêu lần cũng không gửi trùng."
)
def tick(
    at: AtOption = None, dry_run: DryRunOption = False, as_json: JsonOption = False, home: HomeOption = HERE
) -> None:
    installation = opened(home)
    now = now_in_utc()
    ruleset = rules_in_force(installation, now, remember=not dry_run)
    # heavy: Apprise
    from engine.installation.channels import close_channels, open_channels

    channels = open_channels(installation, now_in_utc)
    try:
        with progress_bar("Đang xét") as report:
            result = one_pass(installation, ruleset, at or now, channels, dry_run=dry_run, progress=report)
        if not dry_run:
            # A pass as if at another time is no sign that this one is well.
            trouble = sign_of_life(installation, result) if at is None else None
            if trouble:
                note(f"Chú ý: đã xong lượt này nhưng không báo hiệu được (DONDOC_PING_URL): {trouble}.")
            call_webhooks(installation)
    finally:
        close_channels(channels)
    if as_json:
        print_json(tick_json(result))
        return
    _show(result, installation, dry_run)


def rules_in_force(
    installation: Installation,
    now: datetime,
    *,
    remember: bool = False,
    remark: Callable[[str], None] = note,
) -> RuleSet:
    """The rules in force; ``remark`` hears when those on disk are broken. Only a pass remembers good ones."""
    # heavy: the rules
    from engine.installation.opening import ruleset_in_force

    ruleset, problems = ruleset_in_force(installation, now, remember=remember)
    if any(p.severity == "error" for p in problems):
        remark("Chú ý: bộ luật trong rules/ có lỗi, bản đúng gần nhất vẫn có hiệu lực (xem: dondoc check).")
    return ruleset


def one_pass(
    installation: Installation,
    ruleset: RuleSet,
    now: datetime,
    channels: Mapping[str, Channel],
    *,
    dry_run: bool = False,
    progress: Any = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> TickResult:
    """One tick of an installation at ``now``; nothing more is sent once ``goes_on`` says no."""
    # heavy: the database
    from engine.sending.terms import Onlooker
    from engine.tick import tick as run_tick
    from engine.worker import this_worker

    return run_tick(
        installation.engine,
        installation.in_force(ruleset),
        now,
        channels,
        this_worker(),
        now_in_utc,
        dry_run=dry_run,
        onlooker=Onlooker(progress, goes_on),
    )


def logged_pass(
    installation: Installation,
    ruleset: RuleSet,
    now: datetime,
    channels: Mapping[str, Channel],
    goes_on: Callable[[], bool],
) -> TickResult:
    """One tick of the scheduler: its line in the log, what became of the channels, and the sign of life."""
    # heavy: the database
    from engine.store.database import reading
    from engine.store.messages.channel_states import everything
    from engine.watching.log import did_something, event_log, pass_line, state_lines

    log = event_log()
    with reading(installation.engine) as connection:
        before = everything(connection)
    began = time.perf_counter()
    try:
        result = one_pass(installation, ruleset, now, channels, goes_on=goes_on)
    finally:
        with reading(installation.engine) as connection:
            for line in state_lines(before, everything(connection)):
                log.warning("channel_state", **line)
    if did_something(result):
        log.info("pass", **pass_line(result, time.perf_counter() - began))
    trouble = sign_of_life(installation, result)
    if trouble:
        log.warning("ping_failed", detail=trouble)
    return result


def sign_of_life(installation: Installation, result: TickResult) -> str | None:
    """Calls the dead man's switch, once for each slot that this process took and finished; why that did not
    go well, or None."""
    url = installation.settings.ping_url
    if url is None or not result.evaluated:
        return None
    # heavy: TLS
    from engine.watching.ping import ping

    return ping(url)


def call_webhooks(installation: Installation, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Tells other systems of the events that they asked to hear of; after messages have gone out."""
    # heavy: the database
    from engine.webhooks.calls import Caller, call_waiting

    settings, home = installation.settings, installation.home
    call_waiting(
        Caller(
            engine=installation.engine,
            registry=home.registry,
            calendar=home.calendar,
            secret_key=settings.secret_key,
            allow_private=settings.webhook_allow_private,
            clock=now_in_utc,
            goes_on=goes_on,
        )
    )


def tick_json(result: TickResult) -> dict[str, Any]:
    """The result as contract.md names its fields; addresses are masked: what is printed ends up in logs."""
    # heavy: Apprise's neighbour
    from notifiers.address import masked

    return {
        "slot": result.slot,
        "evaluated": result.evaluated,
        "assignments": result.assignments,
        "situations": result.situations,
        "findings": result.findings,
        "notices": result.notices,
        "messages": [
            {
                "id": m.id,
                "recipient": m.recipient,
                "channel": m.address.channel,
                "address": masked(m.address.channel, m.address.value),
                "subject": m.subject,
                "text": m.text,
                "notices": m.notices,
            }
            for m in result.messages
        ],
        "sent": result.sent,
        "deferred": result.deferred,
        "failed": result.failed,
        "unknown": result.unknown,
        "left_out": {str(year): count for year, count in result.left_out.items()},
    }


def _show(result: TickResult, installation: Installation, dry_run: bool) -> None:
    # heavy: as above
    from engine.tracking.progress import VIETNAM
    from notifiers.address import masked

    if not result.evaluated:
        say(f"Lượt {result.slot.astimezone(VIETNAM):%H:%M %d/%m/%Y} đã được xét rồi.")
    say(
        f"{result.assignments} việc được xét, {result.situations} tình huống khác nhau, "
        f"{result.findings} kết luận, {result.notices} thông báo mới, {len(result.messages)} tin."
    )
    for year, count in sorted(result.left_out.items()):
        say(f"{count} việc chưa xét được vì lịch ngày nghỉ chưa có năm {year}: bổ sung rules/calendar.yaml.")
    if not result.open_hours:
        say("Ngoài giờ gửi tin: thông báo chờ đến giờ làm việc.")
    registry = installation.home.registry
    rows = [
        (
            unit_names(registry, m.recipient),
            masked(m.address.channel, m.address.value) or "chưa có địa chỉ",
            m.subject,
        )
        for m in result.messages[:50]
    ]
    if rows:
        print_table((Column("Đơn vị"), Column("Địa chỉ"), Column("Tiêu đề")), rows)
    if dry_run:
        say("Chạy thử: không ghi và không gửi gì.")
        return
    say(
        f"Đã gửi {result.sent}, còn chờ {result.deferred}, hỏng {result.failed}, "
        f"không rõ đã đến hay chưa {result.unknown}."
    )
    if not installation.settings.channels and result.messages:
        say("Chưa cấu hình máy chủ thư (DONDOC_SMTP_URL) nên chưa gửi được.")


def unit_names(registry: Registry, recipient: str) -> str:
    """The names of the units of a message, which carries their ids."""
    return "; ".join(map(registry.full_name, recipient.split("; ")))


@app.command(
    "simulate",
    help="Xem trước mọi tin sẽ gửi trong một khoảng thời gian nếu không ai trả lời; không ghi, không gửi.",
)
def simulate(
    first: Annotated[date, typer.Option("--from", metavar="NGÀY", parser=read_day, help="Từ ngày này.")],
    last: Annotated[date, typer.Option("--to", metavar="NGÀY", parser=read_day, help="Đến hết ngày này.")],
    plan: PlanOption = None,
    as_json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    if last < first:
        raise typer.BadParameter("--to đứng trước --from")
    # heavy: the whole engine
    from engine.installation.on_paper import on_paper
    from engine.simulate import simulate as run_simulation
    from engine.store.messages.reach import reach_on_paper

    paper = on_paper(home, known_in_files=plan)
    for broken in paper.broken:
        note(f"Chú ý: kế hoạch {broken} có lỗi nên không có trong mô phỏng (xem: dondoc check).")
    per_day: Counter[tuple[date, str]] = Counter()
    per_recipient: Counter[str] = Counter()
    days = (last - first).days + 1
    with progress_bar("Đang mô phỏng") as report:
        reach = reach_on_paper(paper.contacts)
        messages = run_simulation(
            paper.tracked, paper.ruleset, paper.book, paper.calendar, first, last, reach
        )
        for message in messages:
            report(f"Đang mô phỏng {message.day:%d/%m/%Y}", 100 * (message.day - first).days // days)
            per_day[message.day, message.address.value] += 1
            per_recipient["; ".join(message.units)] += 1
            if as_json:
                print_json_line(
                    {
                        "day": message.day,
                        "recipient": "; ".join(message.units),
                        "channel": message.address.channel,
                        "subject": message.subject,
                        "assignments": message.assignments,
                        "rules": message.rules,
                    }
                )
    if as_json:
        return
    total = sum(per_recipient.values())
    say(
        f"{total} tin cho {len(per_recipient)} nơi nhận; "
        f"nhiều nhất mỗi ngày {max(per_day.values(), default=0)} tin một nơi nhận."
    )
    registry = paper.book.registry
    rows = [(unit_names(registry, units), str(count)) for units, count in per_recipient.most_common(30)]
    print_table((Column("Nơi nhận"), Column("Số tin", "right", fixed=True)), rows)
