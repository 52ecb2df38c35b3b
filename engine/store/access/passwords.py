"""Passwords: what is asked of them, and how they are kept (argon2id)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.vietnamese import without_marks

SHORTEST = 12
LONGEST = 200

# RFC 9106, the second recommendation: 64 MiB, 3 passes, 4 lanes; more than the OWASP minimum (19 MiB, 2, 1).
_HASHER = PasswordHasher()
# Each takes 64 MiB while it works: a crowd at the door waits its turn instead of filling the memory.
_AT_ONCE = threading.BoundedSemaphore(4)

# What people choose first, from the lists of leaked passwords and our own language; compared without
# accents, blanks, signs and what stands behind as digits.
_COMMONEST = frozenset(
    """
    password passwordpassword passw0rd p4ssw0rd qwertyuiop qwertyuiopas qwerty qwertyqwerty abcdefghijkl
    abcdefghijklmn abcabcabcabc iloveyou iloveyouforever iloveyousomuch letmein letmeinplease welcome
    welcomewelcome administrator admin adminadmin adminadminadmin root changeme changemeplease asdfghjkl
    asdfghjklasd zxcvbnm zxcvbnmasdfg azertyuiop monkey dragon football superman sunshine princess
    matkhau matkhaumatkhau matkhaumoi matkhaucuatoi matkhaubimat bimat anhyeuem emyeuanh toiyeuem
    toiyeuvietnam yeuvietnam vietnam vietnamvietnam vietnamvodich chucmungnammoi khongbiet khongcomatkhau
    hochiminh haiphong hanoi saigon dangcongsan congchuc vanphong ubnd vanphongubnd dondoc dondocnhiemvu
    """.split()
)
_RUNS = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
# Without letters and digits that are taken for one another when read from paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def problem(password: str, login: str) -> str | None:
    """Why a password will not do, in Vietnamese and with what to do; None for a good one."""
    text = _one_form(password)
    if len(text) < SHORTEST:
        return (
            f"Mật khẩu cần ít nhất {SHORTEST} ký tự; "
            "vài từ không liên quan tới nhau thì vừa dễ nhớ vừa khó đoán"
        )
    if len(text) > LONGEST:
        return f"Mật khẩu dài quá {LONGEST} ký tự; rút ngắn lại"
    bare = "".join(c for c in without_marks(text) if c.isalnum())
    stem = bare.strip("0123456789")
    own = "".join(c for c in without_marks(login) if c.isalnum())
    if own and (bare == own or (stem and stem == own.strip("0123456789"))):
        return "Mật khẩu không được giống tên đăng nhập; chọn một câu khác"
    if len(set(bare)) < 5 or any(bare in run for run in _RUNS):
        return "Mật khẩu chỉ lặp lại vài ký tự hoặc một dãy liền nhau nên dễ đoán; chọn một câu khác"
    if bare in _COMMONEST or stem in _COMMONEST:
        return "Mật khẩu này nhiều người dùng nên dễ đoán; chọn một câu khác"
    return None


def one_time() -> str:
    """A password that is handed over once and changed at the first sign-in; 79 random bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def hash_of(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_one_form(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether ``password`` belongs to the hash. Without a hash the same work is done for nothing, so that
    time does not tell who has an account."""
    reference = kept or _nobody()
    with _AT_ONCE:
        try:
            _HASHER.verify(reference, _one_form(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return hash_of(secrets.token_urlsafe(32))


def prepare() -> None:
    """Does once what `fits` needs for unknown people, so that the first of them does not wait longer."""
    _nobody()


def _one_form(password: str) -> str:
    """Keyboards write "ậ" in one sign or in three: both are the same password."""
    return unicodedata.normalize("NFC", password)
