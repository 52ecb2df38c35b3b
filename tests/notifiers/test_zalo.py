"""Zalo, both ways in, against a server that plays it: what comes of each answer, and of none."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifiers import Address, Cause, Outcome, OutgoingMessage, Status, facts
from notifiers.errors import ChannelError
from notifiers.http import Limits
from notifiers.registry import KINDS, Form, configured, kind_of
from notifiers.vault import RefreshRefused, TokenPair, VaultTrouble
from notifiers.zalo import ZaloBot, ZaloChannel
from notifiers.zalo_errors import BOT_ERRORS, ZNS_ERRORS
from notifiers.zns import ZnsChannel, open_api
from notifiers.zns_template import described, fitted, read_mapping
from tests.far_end.zalo import BOT_TOKEN, DESCRIPTION, TEMPLATE, Answer, Zalo, zalo

CHAT, PHONE = "4455", "84900000001"
NOON = datetime(2023, 6, 12, 5, tzinfo=UTC)
FIRST_PAIR = TokenPair("access-0", "refresh-0", NOON + timedelta(hours=25))
IMPATIENT = Limits(connect=2.0, whole=0.5)
FACTS = {
    facts.RECIPIENT: "Phòng Văn hóa và Thông tin huyện An Dương",
    facts.COUNT: "5",
    facts.OVERDUE: "2",
    facts.NEAREST: "20/06/2023",
    facts.DAY: "12/06/2023",
    facts.CODE: "20230612-1a2b3c",
    facts.LINK: "x" * 43,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


@pytest.fixture
def far_end(server: Zalo, monkeypatch: pytest.MonkeyPatch) -> Zalo:
    """The server as it is at first; where it hangs, nobody waits long."""
    fresh = Zalo()
    for name in ("script", "sent", "said", "refreshes", "updates", "asked"):
        getattr(server, name).clear()
    server.access, server.refresh, server.night, server.daily = "access-0", "refresh-0", False, 1000
    server.template, server.webhook, server.hold = fresh.template, None, 0.0
    monkeypatch.setattr("notifiers.zalo._SEND", IMPATIENT)
    monkeypatch.setattr("notifiers.zns_api._LIMITS", IMPATIENT)
    return server


@dataclass
class Pocket:
    """A vault for one process, without a database."""

    pair: TokenPair = FIRST_PAIR
    trouble: VaultTrouble | None = None
    kept: list[TokenPair] = field(default_factory=list)

    def current(self) -> TokenPair:
        if self.trouble:
            raise self.trouble
        return self.pair

    def is_stale(self, pair: TokenPair) -> bool:
        return not pair.access

    def renewed(self, stale: TokenPair, exchange: Callable[[str], TokenPair]) -> TokenPair:
        try:
            self.pair = exchange(stale.refresh)
        except RefreshRefused as refused:
            raise VaultTrouble(str(refused), lasting=True) from None
        self.kept.append(self.pair)
        return self.pair


def message(to: str, values: dict[str, str] | None = None) -> OutgoingMessage:
    return OutgoingMessage("20230612-abc", Address(to), "5 việc", "Nội dung", NOON, facts=values or FACTS)


def zns(server: Zalo, vault: Pocket | None = None, mapping: str = "") -> ZnsChannel:
    return ZnsChannel(open_api(server.settings()), TEMPLATE, read_mapping(mapping), vault or Pocket())


def by_zns(server: Zalo, answer: Answer | None = None) -> Outcome:
    if answer is not None:
        server.will(PHONE, answer)
    return zns(server).send(message(PHONE))


def by_bot(server: Zalo, answer: Answer | None = None) -> Outcome:
    if answer is not None:
        server.will(CHAT, answer)
    return ZaloChannel(ZaloBot(BOT_TOKEN, server.url)).send(message(CHAT))


# --- what is said of each answer ---------------------------------------------------------------------------

BOT = [
    ("ok", Status.SENT, None),
    (400, Status.PERMANENT, Cause.RECIPIENT),
    (404, Status.PERMANENT, Cause.RECIPIENT),
    (401, Status.PERMANENT, Cause.CHANNEL),
    (408, Status.TEMPORARY, Cause.CHANNEL),
    (429, Status.TEMPORARY, Cause.CHANNEL),
    (-216, Status.PERMANENT, Cause.CHANNEL),
    (777, Status.UNKNOWN, None),  # HTTP 777 would be no error below 500
    ("drop", Status.UNKNOWN, None),
    ("lost", Status.UNKNOWN, None),
    ("hang", Status.UNKNOWN, None),
    ("drip", Status.UNKNOWN, None),
    ("500", Status.UNKNOWN, None),
    ("garbage", Status.UNKNOWN, None),
    ("redirect", Status.UNKNOWN, None),
]


@pytest.mark.parametrize(("answer", "status", "cause"), BOT)
def test_the_bot(far_end: Zalo, answer: Answer, status: Status, cause: Cause | None) -> None:
    outcome = by_bot(far_end, answer)
    assert (outcome.status, outcome.cause) == (status, cause)
    assert len(far_end.said) == (answer in ("ok", "lost"))
    assert BOT_TOKEN not in repr(outcome)


OUR_PAGE = """
refresh −124
night −133
tomorrow −144 −147
retry −100 −32
person −108 −110 −118 −119 −134 −139 −140 −141
later −114
stop −115 −137
stop −101 −102 −103 −104 −105 −106 −117 −120 −125 −127 −131 −135 −136 −138 −145 −146 −1241
ours −109 −111 −112 −113 −116 −121 −122 −130 −132 −161 −162 −1121 −1122 −1124
"""
"""What is known of Zalo's numbers, by what is to be done."""

MEANINGS = {
    "refresh": (Status.SENT, None),  # with the new key
    "night": (Status.TEMPORARY, Cause.CHANNEL),
    "tomorrow": (Status.TEMPORARY, Cause.CHANNEL),
    "retry": (Status.TEMPORARY, Cause.CHANNEL),
    "person": (Status.PERMANENT, Cause.RECIPIENT),
    "later": (Status.TEMPORARY, Cause.RECIPIENT),
    "stop": (Status.PERMANENT, Cause.CHANNEL),
    "ours": (Status.PERMANENT, Cause.MESSAGE),
}
NUMBERS = [
    (line.split()[0], int(number.replace("−", "-")))
    for line in OUR_PAGE.strip().splitlines()
    for number in line.split()[1:]
]


@pytest.mark.parametrize(("meaning", "number"), NUMBERS)
def test_each_number_of_zns_does_what_it_means(far_end: Zalo, meaning: str, number: int) -> None:
    outcome = by_zns(far_end, number)
    assert (outcome.status, outcome.cause) == MEANINGS[meaning]
    assert outcome.detail
    assert (outcome.remaining == 0) == (meaning == "tomorrow")
    assert len(far_end.sent) == (meaning == "refresh")


def test_the_table_holds_these_numbers_and_no_others() -> None:
    assert set(ZNS_ERRORS) == {number for _, number in NUMBERS}
    assert all(verdict.words for verdict in (*ZNS_ERRORS.values(), *BOT_ERRORS.values()))


def test_a_number_nobody_has_heard_of_is_tried_again(far_end: Zalo) -> None:
    outcome = by_zns(far_end, -4321)
    assert (outcome.status, outcome.code, outcome.retry_helps) == (Status.TEMPORARY, -4321, True)


@pytest.mark.parametrize(
    ("answer", "taken"),
    [("drop", 0), ("lost", 1), ("hang", 0), ("drip", 0), ("500", 0), ("garbage-taken", 1), ("redirect", 0)],
)
def test_zns_may_have_it_and_nobody_knows(far_end: Zalo, answer: str, taken: int) -> None:
    outcome = by_zns(far_end, answer)
    assert (outcome.status, outcome.cause, outcome.retry_helps) == (Status.UNKNOWN, None, False)
    assert len(far_end.sent) == taken
    assert far_end.asked[PHONE] == 1  # never a second time by itself


def test_nobody_there_is_certain(far_end: Zalo) -> None:
    bot = ZaloBot(BOT_TOKEN, "http://127.0.0.1:9")
    outcome = ZaloChannel(bot).send(message(CHAT))
    assert (outcome.status, outcome.cause) == (Status.TEMPORARY, Cause.CHANNEL)


# --- ZNS ---------------------------------------------------------------------------------------------------


def test_what_was_taken_is_named_and_what_is_left_counted(far_end: Zalo) -> None:
    far_end.daily = 3
    outcome = by_zns(far_end)
    assert (outcome.status, outcome.reference, outcome.remaining) == (Status.SENT, "zns-1", 2)
    [sent] = far_end.sent
    assert (sent["phone"], sent["template_id"], sent["tracking_id"]) == (PHONE, TEMPLATE, "20230612-abc")
    assert sent["template_data"] == {
        "don_vi": "Phòng Văn hóa và Thông tin…",
        "so_viec": 5,
        "han_gan_nhat": "20/06/2023",
        "ma": "20230612-1a2b3c",
        "lien_ket": "x" * 43,
    }


def test_a_key_that_ended_is_renewed_and_the_message_sent_once(far_end: Zalo) -> None:
    vault = Pocket(TokenPair("an old one", "refresh-0", NOON))
    outcome = zns(far_end, vault).send(message(PHONE))
    assert (outcome.status, len(far_end.sent)) == (Status.SENT, 1)
    assert [pair.access for pair in vault.kept] == ["access-1"]


def test_a_spent_refresh_token_stops_the_channel(far_end: Zalo) -> None:
    vault = Pocket(TokenPair("an old one", "a spent one", NOON))
    outcome = zns(far_end, vault).send(message(PHONE))
    assert (outcome.status, outcome.cause, far_end.sent) == (Status.PERMANENT, Cause.CHANNEL, [])


@pytest.mark.parametrize(("lasting", "status"), [(True, Status.PERMANENT), (False, Status.TEMPORARY)])
def test_no_key_is_the_channels_trouble(far_end: Zalo, lasting: bool, status: Status) -> None:
    vault = Pocket(trouble=VaultTrouble("Chưa có mã", lasting=lasting))
    outcome = zns(far_end, vault).send(message(PHONE))
    assert (outcome.status, outcome.cause, outcome.detail) == (status, Cause.CHANNEL, "Chưa có mã")


@pytest.mark.parametrize("phone", ["0900000001", "+84900000001", "8490000000", "email@xa.test"])
def test_a_number_that_is_none_never_leaves(far_end: Zalo, phone: str) -> None:
    outcome = zns(far_end).send(message(phone))
    assert (outcome.status, outcome.cause, far_end.asked[phone]) == (Status.PERMANENT, Cause.RECIPIENT, 0)


NIGHT = [
    # hour and minute in Viet Nam, hours and minutes until it opens
    ((21, 59), None),
    ((22, 0), timedelta(hours=8)),
    ((23, 59), timedelta(hours=6, minutes=1)),
    ((0, 0), timedelta(hours=6)),
    ((5, 59), timedelta(minutes=1)),
    ((6, 0), None),
    ((12, 0), None),
]


@pytest.mark.parametrize(("local", "wait"), NIGHT)
def test_nobody_is_disturbed_at_night(local: tuple[int, int], wait: timedelta | None, far_end: Zalo) -> None:
    now = datetime(2023, 6, 12, *local, tzinfo=UTC) - timedelta(hours=7)
    opens = zns(far_end).closed_until(now)
    assert opens == (None if wait is None else now + wait)


def test_the_description_is_asked_for_once(far_end: Zalo) -> None:
    channel = zns(far_end)
    for _ in range(3):
        assert channel.send(message(PHONE)).status is Status.SENT
    assert far_end.asked["template"] == 1


@pytest.mark.parametrize(
    ("answer", "status"), [(-117, Status.PERMANENT), (-100, Status.TEMPORARY), ("500", Status.TEMPORARY)]
)
def test_a_description_that_is_refused_concerns_the_channel(
    far_end: Zalo, answer: Answer, status: Status
) -> None:
    far_end.will("template", answer)
    outcome = zns(far_end).send(message(PHONE))
    assert (outcome.status, outcome.cause, far_end.sent) == (status, Cause.CHANNEL, [])


def test_a_template_that_wants_what_nobody_gives_stops_the_channel(far_end: Zalo) -> None:
    far_end.template = (*DESCRIPTION, {"name": "so_hop_dong", "require": True, "type": "STRING"})
    outcome = zns(far_end).send(message(PHONE))
    assert (outcome.status, outcome.cause) == (Status.PERMANENT, Cause.CHANNEL)
    assert "so_hop_dong" in outcome.detail


FITTING = [
    # our value, the place, what goes there or a part of the complaint
    ("Phòng Nội vụ", {"type": "STRING", "maxLength": 30}, "Phòng Nội vụ"),
    (
        "Ủy ban nhân dân xã An Hưng và các đơn vị",
        {"type": "STRING", "maxLength": "20"},
        "Ủy ban nhân dân xã…",
    ),
    ("Mộtchữrấtdàikhôngcódấucách", {"type": "STRING", "maxLength": 5}, "Mộtc…"),
    ("", {"type": "STRING", "maxLength": 20, "require": False}, None),
]


@pytest.mark.parametrize(("value", "place", "expected"), FITTING)
def test_values_are_fitted_to_the_description(
    value: str, place: dict[str, object], expected: str | None
) -> None:
    params = described({"listParams": [{"name": "don_vi", "require": True, **place}]})
    found = fitted({facts.RECIPIENT: value}, params, {})
    assert found == ({} if expected is None else {"don_vi": expected})
    assert all(len(str(v)) <= int(str(place["maxLength"])) for v in found.values())


@pytest.mark.parametrize(
    ("value", "number"), [("5", 5), ("0", 0), ("1.234", 1234), ("12.345.678", 12_345_678)]
)
def test_numbers_are_given_as_numbers(value: str, number: int) -> None:
    params = described({"listParams": [{"name": "so_viec", "require": True, "type": "NUMBER"}]})
    assert fitted({facts.COUNT: value}, params, {}) == {"so_viec": number}


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        (facts.LINK, "x" * 43, {"maxLength": 20}),  # half a link leads nowhere
        (facts.CODE, "", {"maxLength": 20}),
        (facts.COUNT, "năm", {"maxLength": 20, "type": "NUMBER"}),
        (facts.COUNT, "1.5", {"maxLength": 20, "type": "NUMBER"}),
        (facts.COUNT, "5²", {"maxLength": 20, "type": "NUMBER"}),
        (facts.CODE, "ab", {"maxLength": 20, "minLength": 3}),
    ],
)
def test_what_does_not_fit_is_our_own_mistake(
    far_end: Zalo, name: str, value: str, place: dict[str, object]
) -> None:
    far_end.template = ({"name": name, "require": True, **place},)
    outcome = zns(far_end).send(message(PHONE, {**FACTS, name: value}))
    assert (outcome.status, outcome.cause, far_end.sent) == (Status.PERMANENT, Cause.MESSAGE, [])


def test_the_template_may_have_names_of_its_own(far_end: Zalo) -> None:
    far_end.template = ({"name": "customer_name", "require": True, "type": "STRING", "maxLength": 60},)
    assert zns(far_end, mapping="customer_name = don_vi").send(message(PHONE)).status is Status.SENT
    assert far_end.sent[0]["template_data"] == {"customer_name": FACTS[facts.RECIPIENT]}


@pytest.mark.parametrize("text", ["ten", "ten=khong_co", "=don_vi", "a=don_vi; b=?"])
def test_a_mapping_that_cannot_be_read_names_what_there_is(text: str) -> None:
    with pytest.raises(ChannelError, match="han_gan_nhat"):
        read_mapping(text)


def test_the_quota(far_end: Zalo) -> None:
    by_zns(far_end)
    assert zns(far_end).quota() == (1000, 999)


# --- the bot as a client -----------------------------------------------------------------------------------


def test_updates_come_one_by_one_and_none_is_normal(far_end: Zalo) -> None:
    bot = ZaloBot(BOT_TOKEN, far_end.url)
    assert bot.updates(0) == []
    far_end.updates.append({"message": {"message_id": "1", "text": "xin chào"}})
    assert bot.updates(1) == [{"message": {"message_id": "1", "text": "xin chào"}}]


def test_the_webhook_and_polling_exclude_each_other(far_end: Zalo) -> None:
    bot = ZaloBot(BOT_TOKEN, far_end.url)
    bot.set_webhook("https://don-doc.example/zalo/webhook", "mot-chuoi-bi-mat")
    assert far_end.webhook == {
        "url": "https://don-doc.example/zalo/webhook",
        "secret_token": "mot-chuoi-bi-mat",
    }
    with pytest.raises(ChannelError, match="409"):
        bot.updates(0)
    bot.delete_webhook()
    assert (bot.updates(0), bot.called()) == ([], "Bot Đôn đốc")


def test_a_wrong_token_is_never_repeated_in_words(far_end: Zalo) -> None:
    bot = ZaloBot("1:mot-ma-bi-mat", far_end.url)
    with pytest.raises(ChannelError) as caught:
        bot.called()
    assert "mot-ma-bi-mat" not in str(caught.value) + repr(bot)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("zalo_bot_token", "khong-co-hai-cham"),
        ("zalo_bot_token", "1:a b"),
        ("zalo_bot_api", "http://zalo.example"),
        ("zalo_bot_api", "ftp://zalo.example"),
    ],
)
def test_settings_that_cannot_be_used(key: str, value: str) -> None:
    values = {"zalo_bot_token": BOT_TOKEN, "zalo_bot_api": "https://zalo.example", key: value}
    with pytest.raises(ChannelError, match=f"DONDOC_{key.upper()}"):
        ZaloBot(values["zalo_bot_token"], values["zalo_bot_api"])


# --- the registry and the document -------------------------------------------------------------------------


def test_each_channel_is_found_by_its_settings(far_end: Zalo) -> None:
    values = far_end.settings()
    assert [kind.name for kind in configured(values)] == ["zalo", "zns"]
    assert [kind.form for kind in KINDS] == [Form.MAIL, Form.CHAT, Form.TEMPLATE]
    zns_kind = kind_of("zns")
    assert zns_kind is not None
    assert not zns_kind.resends_unknown
    assert configured({**values, "zns_secret": ""}) == configured({"zalo_bot_token": "1:2"})


def test_calls_side_by_side(far_end: Zalo) -> None:
    channel = zns(far_end)
    outcomes: list[Outcome] = []

    def one(number: int) -> None:
        outcomes.append(channel.send(replace(message(PHONE), id=f"tin-{number}")))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {outcome.status for outcome in outcomes} == {Status.SENT}
    assert set(far_end.arrivals().values()) == {1}


def test_no_module_of_ours_but_one_knows_how_to_reach_the_network() -> None:
    folder = Path(__file__).resolve().parents[2] / "notifiers"
    users = {
        path.name
        for path in folder.glob("*.py")
        if re.search(r"^import http\.client", path.read_text(), re.MULTILINE)
    }
    assert users == {"http.py"}
