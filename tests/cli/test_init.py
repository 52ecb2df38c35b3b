"""``dondoc init``: a whole home or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.cli.files.init import make_home
from engine.cli.files.starter import starter_files
from engine.errors import DondocError
from tests.cli.command_line import dondoc, dondoc_process, everything_in


def test_a_new_home_holds_the_shipped_files_and_passes_its_own_check(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "nhà của tôi"
    answer = dondoc("init", target)
    assert (answer.status, answer.err) == (0, "")
    assert str(target) in answer.out
    files = {name: data for name, data in everything_in(target).items() if data is not None}
    shipped = starter_files()
    assert {name: files[name] for name in shipped} == shipped
    assert set(files) - set(shipped) == {
        f"docs/schema/{kind}.schema.json" for kind in ("plan", "rules", "units")
    }
    assert {"plans/an-duong-2023.yaml", "plans/units/an-duong.yaml", "rules/calendar.yaml"} <= set(files)
    assert any(name.startswith("rules/tests/") for name in files)
    assert dondoc("check", "--home", target).status == 0


def test_an_empty_folder_may_become_a_home(tmp_path: Path) -> None:
    inode = tmp_path.stat().st_ino
    answer = dondoc_process("init", ".", cwd=tmp_path)
    assert answer.status == 0, answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "plans", "rules"]
    assert tmp_path.stat().st_ino == inode


def test_the_folder_may_be_named_by_home(tmp_path: Path) -> None:
    assert dondoc("--home", tmp_path / "x", "init").status == 0
    assert (tmp_path / "x" / "plans").is_dir()


@pytest.mark.parametrize("kept", ["ghi-chú.txt", ".git"])
def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, kept: str) -> None:
    (tmp_path / kept).write_text("của tôi", encoding="utf-8")
    answer = dondoc("init", tmp_path)
    assert (answer.status, answer.out) == (1, "")
    assert "không trống" in answer.err
    assert everything_in(tmp_path) == {kept: "của tôi".encode()}


def test_a_file_is_no_place_for_a_home(tmp_path: Path) -> None:
    file = tmp_path / "tệp"
    file.write_text("x", encoding="utf-8")
    answer = dondoc("init", file)
    assert answer.status == 1
    assert "là một tệp" in answer.err
    below = dondoc("init", file / "dưới")
    assert below.status == 1
    assert "không phải là thư mục" in below.err
    assert everything_in(tmp_path) == {"tệp": b"x"}


@pytest.mark.parametrize("exists", [False, True])
def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "trên" / "dưới"
    if exists:
        target.mkdir(parents=True)
    files = {"rules/a.yaml": b"a", "plans/" + "x" * 300: b"too long a name for the disk"}
    before = everything_in(tmp_path)
    with pytest.raises(DondocError, match="tên quá dài"):
        make_home(target, files)
    assert everything_in(tmp_path) == before


def test_only_new_folders_with_plain_rights(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert dondoc("init", tmp_path / "x").status == 0
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o755
