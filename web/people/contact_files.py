"""``/danh-ba/tep``: the address book from and to a spreadsheet."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter
from sqlalchemy import Engine
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.errors import DondocError, InputError
from engine.exchange.contact_file import ContactSheet, read_contacts, write_contacts
from engine.exchange.sheet_rows import MAX_BYTES
from engine.store.access import audit, links
from engine.store.database import reading, writing
from engine.store.people.contacts import Contact, active, replace_all
from engine.units import Registry
from web.pages import page
from web.security.access import Administrator, Form, Person, site_of

router = APIRouter()

_SHOWN = 50
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/danh-ba/tep")
def ask(request: Request, person: Administrator) -> Response:
    """The form to send a file in, and the button to get one."""
    return _files_page(request, person)


@router.post("/danh-ba/tep")
def bring_in(request: Request, person: Administrator, form: Form) -> Response:
    """Takes a file whole or not at all; it replaces the entries of the units that it names."""
    site = site_of(request)
    sent = form.get("tep")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return _files_page(request, person, wrong=["Hãy chọn một tệp .xlsx hoặc .csv."])
    try:
        with closing(sent.file):
            sheet = _read(sent, site.registry)
    except InputError as error:
        wrong = [
            f"Dòng {p.line}, cột {p.column}: {p.message}{f'. {p.hint}' if p.hint else ''}"
            for p in error.problems
        ]
        return _files_page(request, person, wrong=wrong)
    except DondocError as error:
        return _files_page(request, person, wrong=[str(error)])
    units = {contact.unit for contact in sheet.contacts}
    with writing(site.engine) as connection:
        before = links.readers(connection)
        replace_all(connection, sheet.contacts, units, sheet.columns)
        ended = links.revoke_of_former(connection, before, site.now())
        what = {"contacts": len(sheet.contacts), "units": len(units)} | ({"links": ended} if ended else {})
        audit.append(connection, person.actor, "contact.import", "contacts", site.now(), after=what)
    return RedirectResponse("/danh-ba?da=nhap", status_code=303)


@router.post("/danh-ba/tep/xuat")
def take_out(request: Request, person: Administrator) -> Response:
    """The whole book as a spreadsheet; a form, because who took it is noted."""
    site = site_of(request)
    found = _all(site.engine)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "danh-ba.xlsx"
        write_contacts(path, found, site.registry)
        content = path.read_bytes()
    with writing(site.engine) as connection:
        what = {"contacts": len(found)}
        audit.append(connection, person.actor, "contact.export", "contacts", site.now(), after=what)
    name = f"danh-ba-{site.today():%Y-%m-%d}.xlsx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_SHEET, headers=headers)


def _all(engine: Engine) -> list[Contact]:
    with reading(engine) as connection:
        return [contact for group in active(connection).values() for contact in group]


def _read(sent: UploadFile, registry: Registry) -> ContactSheet:
    """The name that the file had elsewhere decides only which of the two kinds it is."""
    name = sent.filename or ""
    kind = Path(name).suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise DondocError("Chỉ đọc được tệp .xlsx hoặc .csv.")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"danh-ba{kind}"
        path.write_bytes(sent.file.read(MAX_BYTES + 1))
        try:
            return read_contacts(path, registry)
        except InputError:
            raise
        except DondocError as error:
            raise DondocError(str(error).replace(str(path), "Tệp")) from None


def _files_page(request: Request, person: Person, *, wrong: list[str] | None = None) -> Response:
    return page(
        request,
        "people/contact_files.html",
        status=400 if wrong else 200,
        person=person,
        wrong=(wrong or [])[:_SHOWN],
        more=max(0, len(wrong or []) - _SHOWN),
    )
