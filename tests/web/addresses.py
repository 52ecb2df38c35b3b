"""Every address of the site, and who may open it: addresses.txt, held true by test_access.py."""

from __future__ import annotations

from pathlib import Path

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from web.api.caller import Scoped
from web.routes import ROUTERS
from web.security.access import Allow, anyone, by_token

Address = tuple[str, str]
"""Method and pattern."""


def table() -> dict[Address, str]:
    """Who may open each address, as people decided it."""
    text = (Path(__file__).parent / "addresses.txt").read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {(method, pattern): who for method, pattern, who in lines}


def stated() -> dict[Address, set[str]]:
    """Who may open each address, as its route says."""
    found: dict[Address, set[str]] = {}
    for route in (route for router in ROUTERS for route in router.routes):
        assert isinstance(route, APIRoute)
        for method in sorted(route.methods or ()):
            found[method, route.path] = set(_marks(route.dependant))
    return found


def _marks(dependant: Dependant) -> list[str]:
    marks = []
    for inner in dependant.dependencies:
        call = inner.call
        if call is anyone:
            marks.append("anyone")
        elif call is by_token:
            marks.append("token")
        elif isinstance(call, Scoped):
            marks.append("key")
        elif isinstance(call, Allow):
            marks.append(str(call.permission))
        marks += _marks(inner)
    return marks
