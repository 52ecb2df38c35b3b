"""ZNS: a template message to a phone number. Costs money, is never repeated blindly, rests at night."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from notifiers.errors import ChannelError, MessageError
from notifiers.http import HttpFailure
from notifiers.message import OutgoingMessage
from notifiers.outcome import Cause, Outcome, Status
from notifiers.vault import TokenPair, TokenVault, VaultTrouble
from notifiers.zalo import outcome_of
from notifiers.zalo_errors import ZNS_ERRORS, ZNS_UNKNOWN_ERROR
from notifiers.zns_api import Answer, ZnsApi, number_of
from notifiers.zns_template import Param, described, fitted, read_mapping, unfilled

NIGHT_BEGINS, NIGHT_ENDS = 22, 6
"""Hours in Viet Nam between which Zalo takes no template message (error -133)."""

_VIETNAM = timezone(timedelta(hours=7))  # no summer time since 1975
_PHONE = re.compile(r"84[0-9]{9}")
_TEMPLATE_HOLDS = 24 * 3600.0  # seconds after which a description is asked for again


class ZnsChannel:
    """The channel. ``vault`` keeps the keys that all processes share."""

    name = "zns"
    slots = 2

    def __init__(self, api: ZnsApi, template: str, mapping: Mapping[str, str], vault: TokenVault) -> None:
        self._api, self._template, self._mapping, self._vault = api, template, mapping, vault
        self._lock = threading.Lock()
        self._params: tuple[float, tuple[Param, ...]] | None = None

    def __repr__(self) -> str:
        return f"ZnsChannel({self._api!r})"

    def closed_until(self, now: datetime) -> datetime | None:
        """Six in the morning, from ten in the evening on."""
        local = now.astimezone(_VIETNAM)
        if NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
            return None
        morning = local.replace(hour=NIGHT_ENDS, minute=0, second=0, microsecond=0)
        opens = morning if local.hour < NIGHT_ENDS else morning + timedelta(days=1)
        return opens.astimezone(now.tzinfo)

    def send(self, message: OutgoingMessage) -> Outcome:
        """One attempt; a second one only where Zalo refused the key, so that nothing was sent."""
        phone = message.recipient.value
        if not _PHONE.fullmatch(phone):
            words = "Số điện thoại không đúng dạng 84 và chín chữ số"
            return Outcome(Status.PERMANENT, None, words, None, Cause.RECIPIENT)
        try:
            outcome = self._send(message, phone)
        except VaultTrouble as trouble:
            status = Status.PERMANENT if trouble.lasting else Status.TEMPORARY
            return Outcome(status, None, str(trouble), None, Cause.CHANNEL)
        except _NoDescription as refused:
            return refused.outcome
        except MessageError as error:
            outcome = Outcome(Status.PERMANENT, None, str(error), None, Cause.MESSAGE)
        except ChannelError as error:
            return Outcome(Status.PERMANENT, None, str(error), None, Cause.CHANNEL)
        except HttpFailure as failure:
            # Asking for the description or a key: the message itself had not been handed over.
            return Outcome(Status.TEMPORARY, None, f"{failure} ZNS", None, Cause.CHANNEL)
        if outcome.status is Status.PERMANENT and outcome.cause is not Cause.RECIPIENT:
            # Perhaps the template was changed since: the next message asks what it looks like now.
            with self._lock:
                self._params = None
        return outcome

    def close(self) -> None:
        """Nothing is held open between messages."""

    def _send(self, message: OutgoingMessage, phone: str) -> Outcome:
        pair = self._pair()
        params, pair = self._description(pair)
        data = fitted(message.facts, params, self._mapping)

        def attempt(pair: TokenPair) -> Answer | HttpFailure:
            try:
                return self._api.send(pair.access, phone, self._template, data, message.id)
            except HttpFailure as failure:
                return failure

        answer = attempt(pair)
        if isinstance(answer, Answer) and _wants_a_new_key(answer):
            pair = self._vault.renewed(pair, self._api.exchange)
            answer = attempt(pair)
        if isinstance(answer, HttpFailure):
            if not answer.sent:
                return Outcome(Status.TEMPORARY, None, f"{answer} ZNS", None, Cause.CHANNEL)
            return Outcome(Status.UNKNOWN, None, f"{answer}; không rõ ZNS đã nhận tin hay chưa")
        return _outcome(answer)

    def quota(self) -> tuple[int | None, int | None]:
        """Messages a day, and how many are left today. Raises VaultTrouble, HttpFailure, ChannelError."""
        pair = self._pair()
        answer = self._api.quota(pair.access)
        if _wants_a_new_key(answer):
            answer = self._api.quota(self._vault.renewed(pair, self._api.exchange).access)
        if answer.error is None:
            raise ChannelError("Không đọc được câu trả lời của ZNS.")
        if answer.error != 0:
            verdict = ZNS_ERRORS.get(answer.error, ZNS_UNKNOWN_ERROR)
            raise ChannelError(f"ZNS trả lời {answer.error}: {verdict.words}.")
        return number_of(answer.data, "dailyQuota"), number_of(answer.data, "remainingQuota")

    def _pair(self) -> TokenPair:
        pair = self._vault.current()
        if not self._vault.is_stale(pair):
            return pair
        try:
            return self._vault.renewed(pair, self._api.exchange)
        except VaultTrouble as trouble:
            # Renewing ahead of time may fail for a while: the old key still opens, or Zalo answers -124.
            if trouble.lasting or not pair.access:
                raise
            return pair

    def _description(self, pair: TokenPair) -> tuple[tuple[Param, ...], TokenPair]:
        """The template's places, asked for once a day, and the key that was good for asking."""
        with self._lock:
            if self._params is not None and time.monotonic() - self._params[0] < _TEMPLATE_HOLDS:
                return self._params[1], pair
            answer = self._api.template(pair.access, self._template)
            if _wants_a_new_key(answer):
                pair = self._vault.renewed(pair, self._api.exchange)
                answer = self._api.template(pair.access, self._template)
            if answer.error not in (None, 0):
                raise _NoDescription(answer)
            if answer.error is None or not isinstance(answer.data.get("listParams"), list):
                raise HttpFailure("Không đọc được mô tả mẫu tin từ máy chủ", sent=False)
            params = described(answer.data)
            if missing := unfilled(params, self._mapping):
                raise ChannelError(
                    f"Mẫu ZNS cần {', '.join(missing)} mà DONDOC_ZNS_TEMPLATE_PARAMS chưa nói lấy gì vào đó"
                )
            self._params = (time.monotonic(), params)
            return params, pair


class _NoDescription(Exception):
    """The description was refused: what the table says of the number, but of the channel, not of a person."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        code = answer.error or 1
        verdict = ZNS_ERRORS.get(code, ZNS_UNKNOWN_ERROR)
        words = f"Không xem được mẫu ZNS: {verdict.words}"
        self.outcome = outcome_of(replace(verdict, cause=Cause.CHANNEL, words=words), code)


def open_from(values: Mapping[str, str], vault: TokenVault | None) -> ZnsChannel:
    """The channel of the settings ``zns_…``. Raises ChannelError for what cannot be used."""
    if vault is None:
        raise ChannelError("Kênh ZNS cần nơi cất mã truy cập")
    template = values["zns_template_id"].strip()
    if not template.isdigit():
        raise ChannelError("DONDOC_ZNS_TEMPLATE_ID phải là một số")
    return ZnsChannel(open_api(values), template, read_mapping(values.get("zns_template_params", "")), vault)


def open_api(values: Mapping[str, str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> ZnsApi:
    """ZNS over HTTP as the settings name it. Raises ChannelError."""
    return ZnsApi(
        values["zns_app_id"].strip(),
        values["zns_secret"].strip(),
        values.get("zns_api"),
        values.get("zns_oauth_api"),
        clock,
    )


def _wants_a_new_key(answer: Answer) -> bool:
    verdict = ZNS_ERRORS.get(answer.error) if answer.error else None
    return verdict is not None and verdict.renew


def _outcome(answer: Answer) -> Outcome:
    if answer.error is None:
        return Outcome(
            Status.UNKNOWN,
            None,
            f"ZNS trả lời không hiểu được ({answer.message}); không rõ tin đã gửi hay chưa",
        )
    remaining = number_of(answer.data, "quota", "remainingQuota")
    if answer.error == 0:
        reference = str(answer.data.get("msg_id", ""))[:80]
        return Outcome(Status.SENT, 0, "ZNS đã nhận", reference=reference, remaining=remaining)
    return outcome_of(ZNS_ERRORS.get(answer.error, ZNS_UNKNOWN_ERROR), answer.error)
