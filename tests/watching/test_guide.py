"""The guide of the channels names every setting and every figure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from engine.installation.settings import CHANNEL_KEYS
from engine.store.database import reading
from engine.watching.metrics import Figures

GUIDE = (Path(__file__).parents[2] / "docs" / "vi" / "kenh-gui.md").read_text(encoding="utf-8")


def test_every_setting_of_a_channel_is_explained() -> None:
    wanted = {f"DONDOC_{key.upper()}" for key in (*CHANNEL_KEYS, "zns_cost", "ping_url", "metrics_token")}
    assert wanted - set(re.findall(r"`(DONDOC_[A-Z_]+)`", GUIDE)) == set()


def test_every_figure_is_explained_and_no_other(store: Engine) -> None:
    with reading(store) as connection:
        names = {
            family.name
            for family in Figures(connection, ("email",), datetime(2023, 6, 15, tzinfo=UTC)).collect()
        }
    named = set(re.findall(r"`(dondoc_[a-z_]+)[`{]", GUIDE))
    assert {name for name in names if not name.startswith("dondoc_last_pass_")} <= named
    assert {name for name in named if not name.startswith("dondoc_last_pass_")} <= names
