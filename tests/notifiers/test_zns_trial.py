"""The trial message on ZNS: a template may be strict about every one of its values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.trial_message import try_ways
from notifiers import Status, facts
from notifiers.zns import ZnsChannel, open_api
from tests.far_end.zalo import TEMPLATE, zalo
from tests.notifiers.test_zalo import Pocket


@pytest.mark.parametrize("name", facts.NAMES)
def test_a_trial_has_every_value_that_a_template_may_want(name: str) -> None:
    kind = "NUMBER" if name in (facts.COUNT, facts.OVERDUE) else "STRING"
    now = datetime(2023, 6, 12, 5, tzinfo=UTC)
    with zalo() as far_end:
        far_end.template = ({"name": name, "require": True, "type": kind, "maxLength": 30},)
        channel = ZnsChannel(open_api(far_end.settings()), TEMPLATE, {}, Pocket())
        [trial] = try_ways({"zns": channel}, {}, [("zns", "84900000001")], "Phòng Nội vụ", now)
        [sent] = far_end.sent
    assert trial.outcome == Status.SENT
    if name in (facts.NEAREST, facts.DAY):
        assert sent["template_data"] == {name: "12/06/2023"}
