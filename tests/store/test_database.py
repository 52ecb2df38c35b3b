"""What people read when the database cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store.database import DatabaseUnavailable, open_engine, reading
from engine.store.schema import migrate


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    damaged = tmp_path / "dondoc.db"
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseUnavailable, match="bị hỏng"):
        migrate(open_engine(f"sqlite:///{damaged}"))


@pytest.mark.parametrize("url", ["postgresql://u@h:port/db", "not an address", "mysql://u@h/db"])
def test_a_wrong_address_is_said_so(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        open_engine(url)


def test_a_server_that_is_not_there_is_said_so() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable, match="Không dùng được"), reading(engine):
        pass
