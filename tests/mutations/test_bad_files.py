"""Bad files of every sort through ``dondoc check``: words a person understands, status 1, nothing written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command_line import ENGLISH, dondoc, everything_in
from tests.mutations.shipped import FILES, ROOT

PLACES = {
    "plan": "plans/ke-hoach-hong.yaml",
    "units": "plans/units/hong.yaml",
    "calendar": "rules/calendar.yaml",
    "rules": "rules/hong.yaml",
}
GOOD = {
    "plan": FILES["plans/thach-chau-15-2023.yaml"].replace(b"thach-chau-15-2023", b"ke-hoach-hong"),
    "units": "units:\n- {id: hong, name: Đơn vị hỏng, level: commune, kind: school}\n".encode(),
    "calendar": FILES["rules/calendar.yaml"],
    "rules": "rules:\n- {id: hong, why: Đã giao, when: {kind: date}, tell: lead, tone: remind}\n".encode(),
}
"""A good file of each kind at its place: what makes it bad below is the only thing wrong."""

_BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (here, here, b", ".join([b"*%c" % (here - 1)] * 9)) for here in b"bcdefghi"
)

SORTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "blank": (lambda _: b"\n \n\n", "empty"),
    "50 MB": (lambda good: good + b"# " + b"x" * (50 * 1024 * 1024), "too-large"),
    "UTF-16": (lambda good: good.decode().encode("utf-16"), "encoding"),
    "Windows-1258": (lambda good: good.decode().encode("cp1258", errors="replace"), "encoding"),
    "TCVN3": (lambda good: good + b"# \xaey\xb6 b\xb8n nh\xa9n d\xa9n\n", "encoding"),
    "binary": (lambda _: bytes(range(256)) * 40, "encoding"),
    "a Word file": (lambda _: b"PK\x03\x04" + bytes(2000), "not-text"),
    "a PDF": (lambda _: b"%PDF-1.7\n" + bytes(2000), "not-text"),
    "tab": (lambda good: good.replace(b"\n", b"\n\tkhoa: x\n", 1), "tab"),
    "duplicate key": (
        lambda good: good + b"\n" + good.split(b"\n", 1)[0] + b"\nx: 1\nx: 2\n",
        "duplicate-key",
    ),
    "alias bomb": (lambda _: _BOMB, "anchor"),
    "deep nesting": (lambda _: b"a: " + b"[" * 100_000, "too-deep"),
    "deep and closed": (lambda _: b"a: " + b"[" * 60 + b"]" * 60, "too-deep"),
    "two documents": (lambda good: good + b"\n---\n" + good, "several-documents"),
    "a list at the top": (lambda _: b"- a\n- b\n", "wrong-type"),
    "a text at the top": (lambda _: "chỉ là một câu\n".encode(), "wrong-type"),
    "a key of nothing": (lambda _: b"khoa_la: x\n", "unknown-key"),
    "NUL": (lambda good: good + b"# \x00\n", "control-character"),
}


@contextmanager
def _standing_at(path: Path, data: bytes) -> Iterator[None]:
    """A file with this content for a while; what stood there before comes back."""
    before = path.read_bytes() if path.exists() else None
    path.write_bytes(data)
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)


@pytest.fixture(scope="module")
def synced_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database that must stay as it is."""
    home = tmp_path_factory.mktemp("hong") / "home"
    assert dondoc("init", home).status == 0
    assert dondoc("sync", "--home", home).status == 0
    return home


@pytest.mark.parametrize("kind", PLACES)
def test_the_good_file_is_good(synced_home: Path, kind: str) -> None:
    path = synced_home / PLACES[kind]
    with _standing_at(path, GOOD[kind]):
        answer = dondoc("check", path, "--home", synced_home)
    assert (answer.status, answer.err) == (0, ""), answer.out


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("kind", PLACES)
def test_a_bad_file_is_refused_with_words(synced_home: Path, kind: str, sort: str) -> None:
    spoil, code = SORTS[sort]
    path = synced_home / PLACES[kind]
    with _standing_at(path, spoil(GOOD[kind])):
        before = everything_in(synced_home)
        people = dondoc("check", path, "--home", synced_home)
        programs = dondoc("check", path, "--json", "--home", synced_home)
        assert everything_in(synced_home) == before
    assert (people.status, programs.status) == (1, 1)
    assert code in {p["code"] for p in programs.json if p["severity"] == "error"}, programs.json
    said = re.sub(r"“[^”]*”|'[^']*'|\S*/\S*", "", people.out + people.err)
    assert not re.search(ENGLISH, said), said
    assert re.search(r"[ạảấầậắặẹếềệịọốồộớờợụứừựỳ]", said), said


@pytest.mark.parametrize("kind", PLACES)
def test_a_missing_file_is_named(synced_home: Path, kind: str) -> None:
    path = (synced_home / PLACES[kind]).with_name("khong-co.yaml")
    before = everything_in(synced_home)
    answer = dondoc("check", path, "--home", synced_home)
    assert answer.status == 1
    assert "khong-co.yaml" in answer.out + answer.err
    assert "không có tệp" in (answer.out + answer.err).lower()
    assert everything_in(synced_home) == before


@pytest.mark.parametrize("kind", PLACES)
def test_a_folder_is_no_file(synced_home: Path, kind: str) -> None:
    folder = (synced_home / PLACES[kind]).with_name("thu-muc.yaml")
    folder.mkdir()
    try:
        answer = dondoc("check", folder, "--home", synced_home)
    finally:
        folder.rmdir()
    assert answer.status == 1
    assert "thư mục" in answer.out + answer.err


def test_the_shipped_files_are_untouched() -> None:
    assert all((ROOT / file).read_bytes() == data for file, data in FILES.items())
