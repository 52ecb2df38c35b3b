"""What can be wrong with an input, said so that a person can mend it."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_REASONS = {
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EISDIR: "đây là một thư mục",
    errno.ENOTDIR: "một phần của đường dẫn không phải là thư mục",
    errno.EEXIST: "đã có tệp hoặc thư mục này",
    errno.ENOTEMPTY: "thư mục không trống",
    errno.ENOSPC: "hết chỗ trên đĩa",
    errno.EDQUOT: "hết hạn mức đĩa",
    errno.EROFS: "đĩa chỉ đọc",
    errno.EMFILE: "mở quá nhiều tệp",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.ELOOP: "liên kết quẩn vòng",
    errno.EADDRINUSE: "cổng đang có chương trình khác dùng",
    errno.EADDRNOTAVAIL: "địa chỉ không thuộc máy này",
    errno.ECONNREFUSED: "máy chủ từ chối kết nối",
    errno.ETIMEDOUT: "quá thời gian chờ",
    errno.EIO: "đĩa bị lỗi",
}


class Severity(StrEnum):
    """How much a problem matters: an error keeps a file out of force, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong, where it stands and what to do about it.

    ``line`` and ``column`` count from 1; 0 means the file as a whole. ``code`` is stable English
    for programs; ``message`` and ``hint`` are Vietnamese for people.
    """

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields of ``dondoc check --json``, as contract.md names them."""
        return {**asdict(self), "severity": self.severity.value}

    def __str__(self) -> str:
        place = self.file if not self.line else f"{self.file}:{self.line}:{self.column}"
        hint = f" → {self.hint}" if self.hint else ""
        return f"{place}: {self.message}{hint}"


class DondocError(Exception):
    """An expected failure whose text is Vietnamese and meant for the person at the keyboard."""


class InputError(DondocError):
    """An input that was refused whole; carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def os_reason(error: OSError) -> str:
    """Why the system refused, in Vietnamese."""
    return _REASONS.get(error.errno or 0, f"hệ thống báo lỗi {error.errno}")
