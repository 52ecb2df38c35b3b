"""What all lists do first: read the address, and look at one picture of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.engine import Connection
from starlette.requests import Request

from engine.notices.notice import Book
from engine.store.database import reading
from engine.store.lists.filters import Kind, Lens, lens, search_index
from engine.store.lists.page import one_picture
from web.lists.asked import Asked, asked
from web.security.access import site_of
from web.site import Site


class Looked(NamedTuple):
    """A request while it is answered; the numbers of ``connection`` all speak of one instant."""

    site: Site
    connection: Connection
    book: Book
    asked: Asked
    lens: Lens


@contextmanager
def looking(request: Request, kind: Kind, path: str) -> Iterator[Looked]:
    """The list that ``request`` asks for, ready to be counted and read."""
    site = site_of(request)
    with reading(site.engine) as connection:
        one_picture(connection)
        book = site.book(connection)
        wanted = asked(path, kind, request.query_params, book)
        index = site.remembered("lists-search", book, lambda: search_index(book))
        seen = lens(wanted.filter, book, index, site.today(), site.calendar)
        yield Looked(site, connection, book, wanted, seen)
