"""The keys of ZNS: bought by one at a time, stored before they are used, never lost without a word."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from engine.store.access.vault import DatabaseVault, kept, plant
from engine.store.database import reading, writing
from engine.store.tables import TokenRow
from engine.worker import is_dead, this_worker
from notifiers.vault import TokenPair, VaultTrouble
from notifiers.zns_api import ZnsApi
from tests.far_end.zalo import APP_ID, SECRET, Zalo, zalo

_TOKEN = TokenRow.__table__  # type: ignore[attr-defined]
ROOT = Path(__file__).resolve().parents[2]
KEY = "mot-khoa-bi-mat-dai-hon-ba-muoi-hai-ky-tu"
NOW = datetime(2023, 6, 12, 2, tzinfo=UTC)

ONE_REFRESH = """
import sys
from datetime import UTC, datetime
from engine.store.access.vault import DatabaseVault
from engine.store.database import open_engine
from engine.worker import is_dead, this_worker
from notifiers.zns_api import ZnsApi
url, oauth, key, app, secret = sys.argv[1:]
now = lambda: datetime.now(UTC)
vault = DatabaseVault(open_engine(url), "zns", key, this_worker(), is_dead, now)
pair = vault.current()
print("ready", flush=True)
sys.stdin.readline()
print(vault.renewed(pair, ZnsApi(app, secret, oauth, oauth).exchange).access, flush=True)
"""


@pytest.fixture
def far_end() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


def vault_on(store: Engine, now: datetime = NOW, worker: str = "", seed: str = "") -> DatabaseVault:
    return DatabaseVault(store, "zns", KEY, worker or this_worker(), is_dead, lambda: now, seed)


def api(far_end: Zalo, now: datetime = NOW) -> ZnsApi:
    return ZnsApi(APP_ID, SECRET, far_end.url, far_end.url, lambda: now)


def planted(store: Engine, refresh: str = "refresh-0") -> DatabaseVault:
    with writing(store) as connection:
        plant(connection, "zns", refresh, KEY, NOW)
    return vault_on(store)


def test_without_a_token_the_office_is_told_what_to_do(store: Engine) -> None:
    with pytest.raises(VaultTrouble, match="dondoc zns token") as caught:
        vault_on(store).current()
    assert caught.value.lasting
    with reading(store) as connection:
        assert kept(connection, "zns") is None


def test_the_first_use_buys_a_pair_and_stores_it(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    first = vault.current()
    assert vault.is_stale(first)
    pair = vault.renewed(first, api(far_end).exchange)
    assert (pair.access, pair.expires_at) == ("access-1", NOW + timedelta(hours=25))
    assert vault.current() == pair
    assert not vault.is_stale(pair)


@pytest.mark.parametrize(("before_the_end", "stale"), [(61, False), (60, True), (0, True), (-1, True)])
def test_a_pair_is_renewed_an_hour_before_it_ends(store: Engine, before_the_end: int, stale: bool) -> None:
    pair = TokenPair("a", "r", NOW + timedelta(minutes=before_the_end))
    assert vault_on(store).is_stale(pair) is stale


def test_nothing_in_the_database_can_be_read_without_the_key(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    vault.renewed(vault.current(), api(far_end).exchange)
    with reading(store) as connection:
        row = connection.execute(text("SELECT * FROM token")).one()
    assert not [value for value in row if "access-1" in str(value) or "refresh-1" in str(value)]
    assert "refresh" not in repr(replace(vault, seed="refresh-seed")).replace("refreshing", "")
    with pytest.raises(VaultTrouble, match="secret_key"):
        replace(vault, secret_key="another key").current()


def test_two_threads_at_once_buy_one_pair(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    stale, found = vault.current(), []
    far_end.hold = 0.2

    def one() -> None:
        found.append(vault.renewed(stale, api(far_end).exchange).access)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["access-1"] * 4
    assert far_end.refreshes == ["refresh-0"]


def child(store_url: str, far_end: Zalo) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ONE_REFRESH, store_url, far_end.url, KEY, APP_ID, SECRET],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_at_once_buy_one_pair(store: Engine, store_url: str, far_end: Zalo) -> None:
    planted(store)
    far_end.hold = 0.2
    both = [child(store_url, far_end) for _ in range(2)]
    for process in both:
        go(process)
    assert [process.communicate()[0].strip() for process in both] == ["access-1"] * 2
    assert far_end.refreshes == ["refresh-0"]


def test_a_process_that_dies_between_the_answer_and_the_store(
    store: Engine, store_url: str, far_end: Zalo
) -> None:
    """The old token is spent and the new one is gone: the office reads what happened and what to do."""
    vault = planted(store)
    far_end.hold = 20
    process = child(store_url, far_end)
    go(process)
    ends = time.monotonic() + 10
    while not far_end.refreshes and time.monotonic() < ends:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    far_end.hold = 0
    for _ in range(2):  # the second one reads it in the database and asks nobody
        with pytest.raises(VaultTrouble, match=r"bị dừng giữa chừng.*dondoc zns token") as caught:
            vault.renewed(vault.current(), api(far_end).exchange)
        assert caught.value.lasting
    assert far_end.asked["oauth"] == 2
    far_end.refresh = "a new one of the office"
    with writing(store) as connection:
        plant(connection, "zns", "a new one of the office", KEY, NOW)
    assert vault.renewed(vault.current(), api(far_end).exchange).access == far_end.access


def test_a_process_that_died_before_it_asked_holds_nobody_up(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    host = this_worker().partition("/")[0]
    with writing(store) as connection:
        lease = {"refreshing_by": f"{host}/999999999/1", "refreshing_until": NOW + timedelta(seconds=50)}
        connection.execute(update(_TOKEN).values(lease))
    assert vault.renewed(vault.current(), api(far_end).exchange).access == "access-1"


def test_an_expired_refresh_token_stops_everything_until_a_person_acts(store: Engine, far_end: Zalo) -> None:
    vault = planted(store, "a token of three months ago")
    with pytest.raises(VaultTrouble, match="dondoc zns token") as caught:
        vault.renewed(vault.current(), api(far_end).exchange)
    assert caught.value.lasting
    with pytest.raises(VaultTrouble):
        vault.current()
    with reading(store) as connection:
        found = kept(connection, "zns")
    assert found is not None
    assert "Zalo không nhận mã làm mới" in found.trouble
    assert found.expires_at is None


def test_a_server_that_is_away_is_asked_again_later(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    far_end.will("oauth", "drop")
    with pytest.raises(VaultTrouble) as caught:
        vault.renewed(vault.current(), api(far_end).exchange)
    assert not caught.value.lasting
    assert vault.renewed(vault.current(), api(far_end).exchange).access == "access-1"


def test_an_answer_that_was_lost_is_told_loudly(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    far_end.will("oauth", "lost")
    with pytest.raises(VaultTrouble) as first:
        vault.renewed(vault.current(), api(far_end).exchange)
    with pytest.raises(VaultTrouble) as second:
        vault.renewed(vault.current(), api(far_end).exchange)
    assert (first.value.lasting, second.value.lasting) == (False, True)


def test_a_lease_on_another_machine_is_waited_for_and_then_taken(store: Engine, far_end: Zalo) -> None:
    vault = planted(store)
    with writing(store) as connection:
        lease = {"refreshing_by": "may-khac/1/2", "refreshing_until": NOW + timedelta(seconds=30)}
        connection.execute(update(_TOKEN).values(lease))
    waits: list[float] = []
    late = vault_on(store, NOW + timedelta(seconds=31))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.store.access.vault._PATIENCE", 0.05)
        with pytest.raises(VaultTrouble, match="Tiến trình khác") as caught:
            replace(vault, sleep=waits.append).renewed(vault.current(), api(far_end).exchange)
    assert not caught.value.lasting
    assert waits
    assert late.renewed(late.current(), api(far_end).exchange).access == "access-1"


def test_a_changed_setting_is_planted_once_and_a_persons_token_stays(store: Engine, far_end: Zalo) -> None:
    vault = vault_on(store, seed="refresh-0")
    vault.renewed(vault.current(), api(far_end).exchange)
    assert vault.current().access == "access-1"  # the same setting again changes nothing
    with writing(store) as connection:
        plant(connection, "zns", "by hand", KEY, NOW, seed="refresh-0")
    assert vault.current().refresh == "by hand"
    assert replace(vault, seed="a new setting").current().refresh == "a new setting"
