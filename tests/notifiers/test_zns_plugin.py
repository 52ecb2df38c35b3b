"""ZNS as a plugin of Apprise: a URL by itself, and the installation's channel driven through it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import apprise  # noqa: TID251 (the plugin is tested as Apprise's users would call it)
import pytest

from notifiers import Address, Cause, OutgoingMessage, Status
from notifiers.errors import ChannelError
from notifiers.registry import kind_of, open_kind
from notifiers.zns_plugin import plugin_class, read_url
from tests.far_end.zalo import DESCRIPTION, Zalo, zalo
from tests.notifiers.test_zalo import FACTS, Pocket

PHONE = "84900000001"
VALUES = "don_vi=Phòng+Nội+vụ&so_viec=5&han_gan_nhat=20/06/2023&lien_ket=abc"


@pytest.fixture(scope="module")
def far_end() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


@pytest.fixture
def fresh(far_end: Zalo) -> Zalo:
    far_end.sent.clear()
    far_end.template = DESCRIPTION
    return far_end


def test_apprise_sends_a_template_message_to_each_phone(fresh: Zalo) -> None:
    plugin_class()
    everything = apprise.Apprise()
    assert everything.add(f"zns://access-0@9001/{PHONE}/84900000002?{VALUES}&api={fresh.url}")
    assert everything.notify(body="Nội dung", title="Tiêu đề")
    assert [sent["phone"] for sent in fresh.sent] == [PHONE, "84900000002"]
    assert fresh.sent[0]["template_data"]["don_vi"] == "Phòng Nội vụ"
    [server] = list[Any](everything)
    private = server.url(privacy=True)
    assert private == "zns://***@9001/2***"
    assert not any(secret in private + repr(server.carrier) for secret in ("access-0", PHONE))
    again = apprise.Apprise()
    assert again.add(server.url())
    assert again.notify(body="Nội dung", title="Tiêu đề")
    assert len(fresh.sent) == 4


def test_a_key_in_a_url_is_never_renewed(fresh: Zalo) -> None:
    before = list(fresh.refreshes)
    reading = read_url(f"zns://an-old-one@9001/{PHONE}?{VALUES}&api={fresh.url}")
    outcome = reading.carrier.deliver(message())
    assert (outcome.status, outcome.cause) == (Status.PERMANENT, Cause.CHANNEL)
    assert (fresh.refreshes, fresh.sent) == (before, [])


@pytest.mark.parametrize("url", ["zns://9001/84900000001", "zns://a-key@mau/84900000001", "zns://***@9001"])
def test_a_url_that_is_wrong_is_not_quoted(url: str) -> None:
    with pytest.raises(ChannelError) as caught:
        read_url(url)
    assert "a-key" not in str(caught.value)
    plugin_class()
    assert not apprise.Apprise().add(url)


def test_the_channel_of_the_settings_is_driven_through_apprise(fresh: Zalo) -> None:
    kind = kind_of("zns")
    assert kind is not None
    channel = open_kind(kind, fresh.settings(), Pocket())
    assert channel.send(message()).status is Status.SENT
    assert channel.closed_until(datetime(2023, 6, 12, 16, tzinfo=UTC)) == datetime(
        2023, 6, 12, 23, tzinfo=UTC
    )
    plugin = channel._plugin  # type: ignore[attr-defined]
    assert isinstance(plugin, plugin_class())
    assert "access-0" not in plugin.url() + repr(channel)


def message() -> OutgoingMessage:
    now = datetime(2023, 6, 12, 5, tzinfo=UTC)
    return OutgoingMessage("20230612-abc", Address(PHONE), "5 việc", "Nội dung", now, facts=FACTS)
