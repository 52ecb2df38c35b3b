"""Random requests made from the OpenAPI description: nothing fails, every answer is as described."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from engine.store import views
from engine.store.database import reading
from tests.web.sites import Clock, Web
from tests.web.systems import System, system
from web.api.description import description
from web.app import create_app
from web.site import Site

_NOT_OURS = [positive_data_acceptance, ignored_auth, negative_data_rejection]
EXAMPLES = settings(
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    (method, path)
    for path, methods in description()["paths"].items()
    for method in methods
    if method in {"get", "post", "delete"}
]


@pytest.fixture(scope="module")
def spoken_to(pristine_web_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One site for all random requests: what one of them changed the next one meets."""
    home = tmp_path_factory.mktemp("api") / "home"
    shutil.copytree(pristine_web_home, home)
    clock = Clock()
    web = Web(Site(home, clock), clock)
    web.site.settings = replace(web.site.settings, secret_key="bi-mat")
    yield web
    for client in web.clients:
        client.close()
    web.site.engine.dispose()


@pytest.fixture(scope="module")
def caller(spoken_to: Web) -> System:
    return system(spoken_to)


@pytest.fixture(scope="module")
def api(spoken_to: Web) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(spoken_to.site))


@pytest.fixture(scope="module")
def known(spoken_to: Web) -> list[str]:
    """Assignments that are there, in several states."""
    with reading(spoken_to.site.engine) as connection:
        tracked = views.tracked(connection, spoken_to.site.registry, plan="thach-chau-15-2023")
    return [each.promise.id for each in tracked][:20]


def test_the_description_names_every_address_and_says_it_in_vietnamese() -> None:
    assert {path for _, path in OPERATIONS} == {
        "/api/v1/assignments",
        "/api/v1/assignments/{id}",
        "/api/v1/assignments/{id}/events",
        "/api/v1/measurements",
        "/api/v1/plans",
        "/api/v1/units",
        "/api/v1/webhooks",
        "/api/v1/webhooks/{id}",
    }
    for method, path in OPERATIONS:
        operation = description()["paths"][path][method]
        assert not operation["summary"].isascii()
        assert operation["security"] == [{"dondoc": []}]
        assert {"401", "403", "422", "429"} <= set(operation["responses"])


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_whatever_is_asked_the_answer_is_as_described(
    api: Any,
    caller: System,
    known: list[str],
    method: str,
    path: str,
    mode: Any,
) -> None:
    strategy = api[path][method].as_strategy(generation_mode=mode)

    @EXAMPLES
    @given(case=strategy, data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        meant_well = mode is schemathesis.GenerationMode.POSITIVE
        if meant_well and "assignments/{id}" in path and data.draw(st.booleans()):
            case.path_parameters = {"id": data.draw(st.sampled_from(known))}
        answer = case.call(headers=caller.headers)
        # Which units there are, and what is past, no schema can say; the key is taken for a random one; and
        # what is wrong in a drawn query may have no value, so that nothing of it is sent.
        case.validate_response(answer, excluded_checks=_NOT_OURS)

    ask()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_key_nothing_fails_either(api: Any, method: str, path: str) -> None:
    @EXAMPLES
    @given(case=api[path][method].as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers={"authorization": "Bearer x"})
        assert answer.status_code in (400, 401, 404, 405, 422, 429)
        case.validate_response(answer, checks=[not_a_server_error])

    ask()
