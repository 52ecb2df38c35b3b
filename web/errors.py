"""What a page answers instead of what was asked for, said to a person."""

from __future__ import annotations


class Refused(Exception):
    """Ends a request with a page that says why. ``status`` is the HTTP status, ``hint`` what to do now."""

    def __init__(self, status: int, message: str, hint: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint
        self.retry_after = retry_after


class SignInFirst(Exception):
    """Nobody is signed in; ``back`` is the path to return to."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def not_found(what: str = "trang này") -> Refused:
    """The answer for an address that leads nowhere."""
    return Refused(404, f"Không tìm thấy {what}", "Kiểm tra lại địa chỉ, hoặc quay về trang đầu.")
