"""The entry point ``dondoc``: runs one command and turns every outcome into a status and Vietnamese words."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

from engine.cli import files, office
from engine.cli.frame import app
from engine.cli.output import complain, note, print_problems
from engine.cli.usage import usage_error
from engine.errors import DondocError, InputError, os_reason

DEBUG = "DONDOC_DEBUG"
# Their modules register the commands with the application when they are imported.
COMMANDS = (files, office)
OK, NO, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main() -> None:
    """What ``dondoc`` runs; never returns, never shows a traceback unless DONDOC_DEBUG is set."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], application: typer.Typer = app) -> int:
    """Runs one command line and returns its exit status: 0 done, 1 "no" or bad input, 2 wrong usage."""
    _speak_utf8()
    try:
        status = _run(list(arguments), application)
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_writing()
        return NO
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _run(arguments: list[str], application: typer.Typer) -> int:
    try:
        result = get_command(application)(args=arguments, prog_name="dondoc", standalone_mode=False)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else NO
    except typer.TyperException as error:
        return _wrong_usage(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets words, not a traceback
        return _failed(error)
    return result if isinstance(result, int) else OK


def _failed(error: Exception) -> int:
    match error:
        case typer.Abort():
            return INTERRUPTED
        case InputError():
            print_problems(error.problems)
            return NO
        case DondocError():
            complain(str(error))
        case OSError():
            complain(f"Không làm được với {error.filename or 'tệp'}: {os_reason(error)}.")
        case _:
            complain(
                f"Lỗi ngoài dự kiến ({type(error).__name__}). Để xem chi tiết và gửi cho người phụ trách, "
                f"chạy lại lệnh với {DEBUG}=1 ở trước."
            )
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    return NO


def _wrong_usage(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        note(error.message)
    else:
        note(usage_error(error))
    return WRONG_USAGE


def _speak_utf8() -> None:
    """Vietnamese must come out whole whatever the system's locale says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _stop_writing() -> None:
    """Nobody reads any more: what is still in the buffer must not make Python complain at the end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return


if __name__ == "__main__":
    main()
