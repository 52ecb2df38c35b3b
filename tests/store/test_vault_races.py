"""Keys of ZNS that change while somebody is buying: whoever is late must not undo what is newer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from engine.store.access.vault import kept, plant
from engine.store.database import DatabaseUnavailable, reading, writing
from notifiers.vault import RefreshRefused, TokenPair, VaultTrouble
from tests.far_end.zalo import Zalo, zalo
from tests.store.test_vault import KEY, NOW, api, planted, vault_on


@pytest.fixture
def far_end() -> Iterator[Zalo]:
    with zalo() as running:
        yield running


def trouble(store: Engine) -> str:
    with reading(store) as connection:
        found = kept(connection, "zns")
    assert found is not None
    return found.trouble


def test_a_refusal_after_the_lease_ran_out_says_nothing(store: Engine, far_end: Zalo) -> None:
    """The holder was held up, another machine bought; the holder's refresh token is spent by then."""
    planted(store)
    slow = vault_on(store, worker="may-a/1/1")
    fast = vault_on(store, NOW + timedelta(seconds=61), worker="may-b/1/1")

    def held_up(refresh: str) -> TokenPair:
        fast.renewed(fast.current(), api(far_end).exchange)
        return api(far_end).exchange(refresh)

    with pytest.raises(VaultTrouble) as caught:
        slow.renewed(slow.current(), held_up)
    assert not caught.value.lasting
    assert (trouble(store), slow.current().access) == ("", "access-1")


@pytest.mark.parametrize("refused", [False, True])
def test_a_token_that_a_person_plants_meanwhile_stays(store: Engine, refused: bool) -> None:
    vault = planted(store)

    def slowly(refresh: str) -> TokenPair:
        with writing(store) as connection:
            plant(connection, "zns", "by hand", KEY, NOW)
        if refused:
            raise RefreshRefused("spent")
        return TokenPair("of the old line", "of the old line too", NOW + timedelta(hours=25))

    with pytest.raises(VaultTrouble) as caught:
        vault.renewed(vault.current(), slowly)
    assert not caught.value.lasting
    assert (trouble(store), vault.current().refresh) == ("", "by hand")


def test_processes_with_different_settings_do_not_spend_each_others_keys(
    store: Engine, far_end: Zalo
) -> None:
    """A new seed, and only one of two services restarted: the other one goes on with what is stored."""
    old = vault_on(store, seed="refresh-0")
    old.renewed(old.current(), api(far_end).exchange)
    far_end.refresh = "another seed"
    new = vault_on(store, seed="another seed")
    pair = new.renewed(new.current(), api(far_end).exchange)
    assert old.current() == new.current() == pair
    assert trouble(store) == ""


def test_a_pair_that_was_bought_gets_several_chances_to_be_stored(
    store: Engine, far_end: Zalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    vault = replace(planted(store), sleep=waits.append)
    stale = vault.current()

    def exchange(refresh: str) -> TokenPair:
        pair = api(far_end).exchange(refresh)
        failures = iter((True, True, False))

        def unsteady(engine: Engine) -> object:
            if next(failures):
                raise DatabaseUnavailable("busy")
            return writing(engine)

        monkeypatch.setattr("engine.store.access.vault.writing", unsteady)
        return pair

    assert vault.renewed(stale, exchange).access == "access-1"
    assert len(waits) == 2
    monkeypatch.undo()
    assert vault.current().access == "access-1"


def test_a_database_that_is_away_is_the_channels_trouble_for_a_while(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = planted(store)

    def away(engine: Engine) -> object:
        raise DatabaseUnavailable("away")

    stale = vault.current()
    for name in ("reading", "writing"):
        monkeypatch.setattr(f"engine.store.access.vault.{name}", away)
    for act in (vault.current, lambda: vault.renewed(stale, lambda _: stale)):
        with pytest.raises(VaultTrouble) as caught:
            act()
        assert not caught.value.lasting
