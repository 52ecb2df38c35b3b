"""``tick``, ``simulate``, ``explain`` and ``why-not``, with mails to a real server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from tests.cast import RULES
from tests.notifiers.smtp_server import Say, SmtpSink, smtp_server
from tests.office.offices import FORMULA, MORE_PLAN, MOT, PLAN, REPORT, Office

BOOK = """Đơn vị,Vai trò,Họ tên,Thư điện tử
Phòng Nội vụ,thủ trưởng,Trưởng phòng,noi-vu@thu.example
Phòng VH&TT,,,van-hoa@thu.example
UBND xã Một,,,mot@thu.example
Văn phòng HĐND và UBND,,,van-phong@thu.example
"""
DAY = "2023-04-03T09:00"  # the first working day after the first deadline


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpSink]:
    """A mail server that the settings point to."""
    with smtp_server() as server:
        monkeypatch.setenv("DONDOC_SMTP_URL", f"smtp://127.0.0.1:{server.port}?from=dondoc@thu.example")
        yield server


@pytest.fixture
def staffed(office: Office) -> Office:
    """An office whose units can be reached, all but UBND xã Hai."""
    office.good("contacts", "import", office.write("danh-ba.csv", BOOK))
    return office


def test_the_json_of_a_tick_has_the_fields_of_the_contract(staffed: Office, sink: SmtpSink) -> None:
    found = staffed.good("tick", "--at", DAY, "--json").json
    fields = "slot assignments situations findings notices messages sent deferred failed".split()
    assert [field for field in fields if field not in found] == []
    assert found["slot"] == "2023-04-03T02:00:00+00:00"
    counts = {key: found[key] for key in ("assignments", "notices", "sent", "deferred", "failed", "unknown")}
    assert counts == {
        "assignments": 7, "notices": 7, "sent": 3, "deferred": 1, "failed": 0, "unknown": 0,
    }  # fmt: skip
    by_recipient = {message["recipient"]: message for message in found["messages"]}
    assert sorted(by_recipient) == ["huyen.hai", "huyen.mot", "huyen.noi-vu", "huyen.van-hoa"]
    mine = by_recipient["huyen.noi-vu"]
    assert {*mine} >= {"id", "recipient", "channel", "subject", "text", "notices"}
    assert mine["subject"].startswith("1 việc quá hạn, 1 việc mới")
    assert mine["channel"] == "email"
    assert REPORT in mine["text"]
    assert len(mine["notices"]) == 3
    assert by_recipient["huyen.hai"]["channel"] == "none"
    again = staffed.good("tick", "--at", DAY, "--json").json
    assert (again["evaluated"], again["messages"], again["sent"]) == (False, [], 0)
    assert len(sink.received) == 3


def test_mails_arrive_with_the_right_headers(staffed: Office, sink: SmtpSink) -> None:
    found = staffed.good("tick", "--at", DAY, "--json").json
    mails = {received.recipients: received for received in sink.received}
    assert sorted(mails) == [("mot@thu.example",), ("noi-vu@thu.example",), ("van-hoa@thu.example",)]
    received = mails["noi-vu@thu.example",]
    mail = received.mail
    [message] = [m for m in found["messages"] if m["recipient"] == "huyen.noi-vu"]
    assert received.sender == "dondoc@thu.example"
    assert mail["Subject"] == message["subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].startswith(f"<{message['id']}@")
    assert [address.addr_spec for address in mail["To"].addresses] == ["noi-vu@thu.example"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == message["text"].strip()
    assert "Báo cáo kết quả" in html.get_content()


def test_what_people_see_of_a_tick(staffed: Office, sink: SmtpSink) -> None:
    said = staffed.good("tick", "--at", DAY).out
    assert "7 việc được xét" in said
    assert "Đã gửi 3, còn chờ 1, hỏng 0, không rõ đã đến hay chưa 0." in said
    assert "UBND xã Hai" in said
    assert "chưa có địa chỉ" in said
    again = staffed.good("tick", "--at", DAY).out
    assert "Lượt 09:00 03/04/2023 đã được xét rồi." in again
    assert len(sink.received) == 3


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_addresses_are_masked_in_whatever_is_printed(
    staffed: Office, sink: SmtpSink, words: tuple[str, ...]
) -> None:
    answer = staffed.good("tick", "--at", DAY, *words)
    assert "n***@thu.example" in answer.out
    number = next(n for (n,) in staffed.rows("SELECT id FROM notice WHERE recipient = 'huyen.noi-vu'"))
    explained = staffed.good("explain", str(number), *words)
    assert "n***@thu.example" in explained.out
    for said in (answer, explained):
        assert "noi-vu@thu.example" not in said.out + said.err


def test_a_dry_run_writes_and_sends_nothing(staffed: Office, sink: SmtpSink) -> None:
    staffed.write("rules/thu.yaml", RULES.replace("Nhiệm vụ quá hạn", "Đã quá hạn"))
    before = staffed.content()
    planned = staffed.good("tick", "--at", DAY, "--dry-run", "--json").json
    assert "Chạy thử: không ghi và không gửi gì." in staffed.good("tick", "--at", DAY, "--dry-run").out
    assert staffed.content() == before
    assert sink.received == []
    done = staffed.good("tick", "--at", DAY, "--json").json
    assert planned["messages"] == done["messages"]
    assert (planned["sent"], planned["deferred"]) == (0, 1)


@pytest.mark.parametrize(
    "at", ["2023-04-03T07:29", "2023-04-03T17:00", "2023-04-01T09:00", "2023-05-01T09:00"]
)
def test_outside_working_hours_messages_wait(staffed: Office, sink: SmtpSink, at: str) -> None:
    assert "Ngoài giờ gửi tin" in staffed.good("tick", "--at", at).out
    assert sink.received == []
    assert staffed.rows("SELECT count(*) FROM notice")[0][0] > 0


def test_without_a_server_messages_wait_and_the_person_is_told(staffed: Office) -> None:
    assert "Chưa cấu hình máy chủ thư" in staffed.good("tick", "--at", DAY).out
    assert {state for (state,) in staffed.rows("SELECT state FROM message")} == {"queued", "no_channel"}


def test_a_refused_recipient_is_a_failure_that_is_counted(staffed: Office, sink: SmtpSink) -> None:
    sink.will("RCPT", Say("550 5.1.1 no such user"))
    found = staffed.good("tick", "--at", DAY, "--json").json
    assert (found["sent"], found["failed"]) == (2, 1)
    [failed] = [str(id) for (id,) in staffed.rows("SELECT id FROM message WHERE state = 'failed'")]
    assert "không gửi được; lần 1: bị từ chối (mã 550)" in staffed.good("explain", failed).out


def test_reminders_are_counted_once_they_were_sent(staffed: Office, sink: SmtpSink) -> None:
    def reminded(*day: str) -> dict[str, int]:
        words = ("--as-of", *day) if day else ()
        rows = staffed.good("overdue", "--json", *words).json["rows"]
        return {row["assignment"]: row["reminders"] for row in rows}

    staffed.good("tick", "--at", DAY)
    staffed.good("tick", "--at", "2023-04-05T09:00")
    assert reminded("2023-04-05") == {REPORT: 2}
    assert reminded("2023-04-04") == {REPORT: 1}, "as that day ended"
    staffed.good("tick", "--at", "2023-05-05T09:00")
    # UBND xã Hai has no address: what waits for one has reminded nobody.
    in_may = {REPORT: 3, FORMULA: 1, "thu-2023:2:huyen.hai": 0}
    assert reminded("2023-05-05") == reminded() == in_may


# --- why, and why not --------------------------------------------------------------------------------------


def test_explain_by_number_and_by_message(staffed: Office, sink: SmtpSink) -> None:
    staffed.good("tick", "--at", DAY)
    [(number, message)] = staffed.rows(
        "SELECT n.id, m.message FROM notice n JOIN message_notice m ON m.notice = n.id "
        f"WHERE n.assignment = '{REPORT}'"
    )
    one = staffed.good("explain", str(number)).out
    for words in (
        f"Thông báo số {number} cho Phòng Nội vụ (đơn vị chủ trì), lập thứ Hai, 03/04/2023.",
        "Luật “qua-han”: Nhiệm vụ quá hạn.",
        "có 3 ngày, trừ 2 ngày cuối tuần còn 1 ngày làm việc",
        "Hạn thứ Sáu, 31/03/2023",
        f"Tin {message} tới n***@thu.example: đã gửi lúc 09:00 03/04/2023; lần 1: nơi nhận đã nhận",
    ):
        assert words in one
    whole = staffed.good("explain", message, "--json").json
    assert whole["id"] == message
    assert whole["text"].count("Thông báo số") == 3
    assert one.strip() in whole["text"]


@pytest.mark.parametrize("id", ["999", "0", "9" * 30, "²", "20230403-abc", "'; DROP TABLE notice"])
def test_explain_of_what_does_not_exist(staffed: Office, id: str) -> None:
    said = staffed.refused("explain", id)
    assert said.startswith(f"Lỗi: Không có thông báo hay tin nào mang số “{id}”, cũng không có luật nào")


def test_explain_of_a_rule(staffed: Office) -> None:
    assert staffed.good("explain", "qua-han").out.startswith("Luật “qua-han” (rules/")
    assert "Có phải là luật “qua-han”?" in staffed.refused("explain", "qua-hen")


def why_not(office: Office, day: str, id: str = REPORT) -> str:
    return office.good("why-not", id, "--on", day).out


def test_why_not_before_in_force_on_a_weekend_told_already_and_no_rule(staffed: Office) -> None:
    assert "Kế hoạch có hiệu lực từ thứ Tư, 01/03/2023" in why_not(staffed, "2023-02-20")
    assert "ngày nghỉ (Chủ nhật)" in why_not(staffed, "2023-04-02")
    nothing = why_not(staffed, "2023-03-31")
    assert "Luật “sap-den-han” có điều để báo cho Phòng Nội vụ" in nothing
    staffed.say(REPORT, "done", date(2023, 3, 20))
    silent = why_not(staffed, "21/03/2023")
    assert "Không luật nào áp dụng. Luật “" in silent
    assert "chưa khớp: " in silent
    assert "Nếu không có gì thay đổi, lần nhắc tới là " in silent
    staffed.good("office", "return", REPORT, "--note", "thiếu", "--at", "2023-04-03T08:00")
    staffed.good("tick", "--at", DAY)
    assert "theo luật “tra-lai” trong ngày này" in why_not(staffed, "2023-04-03")
    assert "đã được báo rồi (thông báo số" in why_not(staffed, "2023-04-04")
    as_json = staffed.good("why-not", REPORT, "--on", "2023-04-04", "--json").json
    assert (as_json["assignment"], as_json["on"]) == (REPORT, "2023-04-04")
    assert as_json["text"] == why_not(staffed, "2023-04-04").strip("\n")


def test_why_not_while_an_extension_is_pending_snoozed_or_granted_late(staffed: Office) -> None:
    staffed.say(REPORT, "extension", date(2023, 3, 20), "--until", "28/4/2023", "--note", "chờ")
    assert "đang xin gia hạn" in why_not(staffed, "2023-04-03")
    staffed.good("office", "extend", REPORT, "--refuse", "--at", "2023-04-04")
    staffed.good("office", "snooze", REPORT, "--to", "14/4/2023", "--at", "2023-04-04")
    assert "tạm ngừng nhắc đến ngày 14/04/2023" in why_not(staffed, "2023-04-13")
    assert "tạm ngừng" not in why_not(staffed, "2023-04-14")
    staffed.good("office", "extend", REPORT, "--to", "28/4/2023", "--at", "2023-04-17")
    assert "Đã cho lùi đến ngày 28/04/2023" in why_not(staffed, "2023-04-18")


def test_why_not_when_another_rule_speaks_for_it(office: Office) -> None:
    """Whoever leads and watches at once hears the graver of the two rules only."""
    office.write("plans/thu-2023.yaml", PLAN.replace("lead: Phòng Nội vụ", "lead: Văn phòng HĐND và UBND"))
    office.good("sync")
    said = why_not(office, "2023-04-07", "thu-2023:1:huyen.van-phong")
    assert "Luật “qua-han” cho Văn phòng HĐND và UBND: Luật “bao-theo-doi” đã báo việc này" in said


def test_why_not_of_an_unknown_assignment(office: Office) -> None:
    assert f"Có phải là: {REPORT}?" in office.refused("why-not", f"{REPORT}x", "--on", "2023-04-03")
    assert "còn thiếu tùy chọn --on" in office.refused("why-not", REPORT, status=2)


def test_asking_why_changes_nothing(staffed: Office) -> None:
    staffed.write("rules/thu.yaml", RULES.replace("Nhiệm vụ quá hạn", "Đã quá hạn"))
    before = staffed.content()
    why_not(staffed, "2023-04-03")
    assert staffed.content() == before


# --- simulation --------------------------------------------------------------------------------------------


def test_a_simulation_prints_a_line_for_each_message_and_writes_nothing(staffed: Office) -> None:
    staffed.write("plans/them-2023.yaml", MORE_PLAN)
    before = staffed.content()
    answer = staffed.good("simulate", "--from", "2023-03-01", "--to", "31/05/2023", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert staffed.content() == before
    assert all(
        {*line} == {"day", "recipient", "channel", "subject", "assignments", "rules"} for line in lines
    )
    assert max(Counter((line["day"], line["recipient"]) for line in lines).values()) == 1
    days = [line["day"] for line in lines]
    assert days == sorted(days)
    assert {date.fromisoformat(day).weekday() for day in days} <= {0, 1, 2, 3, 4}
    assert "2023-05-01" not in days
    late = [line for line in lines if line["day"] == "2023-04-03" and line["recipient"] == "huyen.noi-vu"]
    assert [(line["assignments"], line["rules"]) for line in late] == [([REPORT], ["qua-han"])]
    one = staffed.good(
        "simulate", "--plan", "them-2023", "--from", "2023-03-01", "--to", "2023-03-31", "--json"
    )
    assert {a.split(":")[0] for line in one.out.splitlines() for a in json.loads(line)["assignments"]} == {
        "them-2023"
    }


def test_a_simulation_for_people(office: Office) -> None:
    said = office.good("simulate", "--from", "2023-03-01", "--to", "2023-03-10").out
    assert "nhiều nhất mỗi ngày 1 tin một nơi nhận" in said
    assert "UBND xã Một" in said


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--plan", "thu-2024", "--from", "2023-03-01", "--to", "2023-03-02"], 1, "Có phải là: thu-2023?"),
        (["--from", "2023-03-02", "--to", "2023-03-01"], 2, "--to đứng trước --from"),
        (["--from", "2023-03-02"], 2, "còn thiếu tùy chọn --to"),
        (["--from", "2060-03-01", "--to", "2060-03-02"], 1, "Lịch làm việc chưa có năm 2060"),
    ],
)
def test_a_simulation_that_cannot_be(office: Office, words: list[str], status: int, said: str) -> None:
    assert said in office.refused("simulate", *words, status=status)


def test_a_simulation_names_what_it_leaves_out(office: Office) -> None:
    office.write("plans/them-2023.yaml", MORE_PLAN.replace("Trước 15/4/2023", "bao giờ cũng được"))
    answer = office.good("simulate", "--from", "2023-03-01", "--to", "2023-03-02", "--json")
    assert "kế hoạch them-2023 có lỗi nên không có trong mô phỏng" in answer.err
    broken = office.refused("simulate", "--plan", "them-2023", "--from", "2023-03-01", "--to", "2023-03-02")
    assert "bao giờ cũng được" in broken
    (office.home / "plans" / "them-2023.yaml").unlink()
    (office.home / "plans" / "thu-2023.yaml").unlink()
    said = office.refused("simulate", "--from", "2023-03-01", "--to", "2023-03-02")
    assert "chưa có kế hoạch nào" in said


def test_one_mailbox_of_two_units_gets_one_mail(staffed: Office, sink: SmtpSink) -> None:
    shared = f"Đơn vị,Thư điện tử\n{MOT},chung@thu.example\nhuyen.hai,CHUNG@thu.example\n"
    staffed.good("contacts", "import", staffed.write("chung.csv", shared))
    staffed.good("tick", "--at", DAY)
    [received] = [r for r in sink.received if r.recipients == ("chung@thu.example",)]
    plain = received.mail.get_body(("plain",))
    assert plain is not None
    assert all(name in plain.get_content() for name in ("UBND xã Một", "UBND xã Hai"))
