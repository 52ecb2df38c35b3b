"""Our plugin inside Apprise: found by its scheme, driven by Apprise's own calls."""

import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apprise  # noqa: TID251 (the plugin is tested as Apprise's users would call it)
import pytest
from apprise.manager_plugins import NotificationManager  # noqa: TID251

from notifiers import Address, Outcome, OutgoingMessage, Status, open_channel
from notifiers.mail import MailCarrier, MailChannel, plugin_class
from notifiers.plugin import CarrierPlugin, Reading, register
from tests.notifiers.smtp_server import Say, smtp_server


def plugin(url: str) -> CarrierPlugin:
    wanted = plugin_class()
    made = apprise.Apprise.instantiate(url)
    assert isinstance(made, wanted)
    return made


def test_the_plugin_is_registered_once_for_both_schemes() -> None:
    made = plugin_class()
    assert plugin_class() is made
    manager: Any = NotificationManager()  # type: ignore[no-untyped-call]
    assert manager["smtp"] is manager["smtps"] is made
    assert [found for found in manager.plugins() if found is made] == [made]


def test_apprise_sends_one_mail_to_each_recipient_without_waiting() -> None:
    with smtp_server() as sink:
        sender = plugin(f"smtp://127.0.0.1:{sink.port}?from=a@x.test&to=u1@x.test&to=u2@x.test")
        start = time.monotonic()
        with closing(sender):
            assert sender.notify(body="Nội dung", title="Tiêu đề")
            assert sender.notify(body="Nội dung", title="Tiêu đề")
    assert time.monotonic() - start < 5
    assert [got.recipients for got in sink.received] == [("u1@x.test",), ("u2@x.test",)] * 2
    assert sink.connections == 1
    assert sink.received[0].mail["Subject"] == "Tiêu đề"


def test_through_a_whole_apprise_object() -> None:
    plugin_class()
    with smtp_server() as sink:
        everything = apprise.Apprise()
        assert everything.add(f"smtp://127.0.0.1:{sink.port}?to=u1@x.test")
        try:
            assert everything.notify(body="Nội dung", title="Tiêu đề")
            sink.will("RCPT", Say("550 5.1.1 unknown"))
            assert not everything.notify(body="Nội dung", title="Tiêu đề")
        finally:
            for server in everything:
                assert isinstance(server, CarrierPlugin)
                server.close()
    assert len(sink.received) == 1


def test_without_a_recipient_nothing_goes_to_the_sender() -> None:
    with smtp_server() as sink, closing(plugin(f"smtp://127.0.0.1:{sink.port}?from=a@x.test")) as sender:
        assert not sender.notify(body="Nội dung", title="Tiêu đề")
    assert not sink.received
    assert sink.connections == 0


@pytest.mark.parametrize(
    "target", ["a b@x.test", "a@x.test,b@x.test", "ủy@x.test", "A%0ABcc: e@x.test <a@x.test>"]
)
def test_a_wrong_recipient_gets_nothing_and_redirects_nothing(target: str) -> None:
    with smtp_server() as sink, closing(plugin(f"smtp://127.0.0.1:{sink.port}?to={target}")) as sender:
        assert not sender.notify(body="Nội dung", title="Tiêu đề")
    assert not sink.received


def test_a_wrong_url_is_refused_by_apprise() -> None:
    plugin_class()
    assert not apprise.Apprise().add("smtp://mail.x.test?to=u@x.test")


def test_a_plugin_url_makes_the_plugin_again_and_its_private_form_hides() -> None:
    made = plugin("smtps://a%40x.test:mat-khau@mail.x.test:465?to=u1@x.test&to=u2@x.test")
    again = plugin(made.url())
    assert isinstance(made.carrier, MailCarrier)
    assert isinstance(again.carrier, MailCarrier)
    assert (again.carrier.settings, again.targets) == (made.carrier.settings, made.targets)
    for secret in ("mat-khau", "a@x.test", "a%40x.test", "u1@x.test"):
        assert secret not in made.url(privacy=True)
        assert secret not in repr(made.carrier)


def test_apprise_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("APPRISE_STORAGE_PATH", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    with smtp_server() as sink, closing(open_channel(f"smtp://127.0.0.1:{sink.port}")) as channel:
        when = datetime(2023, 7, 3, tzinfo=UTC)
        outcome = channel.send(OutgoingMessage("m1", Address("u@x.test"), "Tin", "Nội dung", when))
        assert isinstance(channel, MailChannel)
    assert outcome.status is Status.SENT
    assert list(tmp_path.rglob("*")) == []


def test_a_plugin_switched_off_in_apprise_is_an_error_not_silence() -> None:
    made: Any = plugin_class()
    made.disable()
    try:
        with pytest.raises(ValueError, match="bị tắt trong Apprise"):
            open_channel("smtp://127.0.0.1:2525")
    finally:
        made.enable()


class Notebook:
    """A carrier that is no mail: keeps what it is told to deliver."""

    def __init__(self) -> None:
        self.delivered: list[OutgoingMessage] = []

    def deliver(self, message: OutgoingMessage) -> Outcome:
        self.delivered.append(message)
        return Outcome(Status.SENT if message.recipient.value != "84900000009" else Status.UNKNOWN)

    def close(self) -> None:
        pass

    def url(self, *, masked: bool, targets: Sequence[str]) -> str:
        return "notebook://***" if masked else f"notebook://{'/'.join(targets)}"


def test_any_carrier_can_stand_behind_the_plugin() -> None:
    notebook = Notebook()

    def read(url: str) -> Reading:
        place, _, query = url.removeprefix("notebook://").partition("?")
        if not place:
            raise ValueError("nobody to write to")
        return Reading(notebook, tuple(place.split("/")), dict([query.split("=")]) if query else {})

    made: Any = register(["notebook"], "Sổ tay", read)
    try:
        assert register(["notebook"], "Sổ tay", read) is made
        everything = apprise.Apprise()
        assert everything.add("notebook://84900000001/84900000002?so_viec=5")
        assert not everything.add("notebook://")
        assert everything.notify(body="Nội dung", title="Tiêu đề")
        assert [(m.recipient.value, dict(m.facts)) for m in notebook.delivered] == [
            ("84900000001", {"so_viec": "5"}),
            ("84900000002", {"so_viec": "5"}),
        ]
        assert len({m.id for m in notebook.delivered}) == 2
        assert not apprise.Apprise("notebook://84900000001/84900000009").notify(body="Nội dung")
        assert made.service_name == "Sổ tay"
        [server] = list[Any](everything)
        assert (server.url(), server.url(privacy=True)) == (
            "notebook://84900000001/84900000002",
            "notebook://***",
        )
    finally:
        NotificationManager().remove("notebook")  # type: ignore[no-untyped-call]
