"""Upright pages and pages that lie on their side, within one Word file.

The setup of a section stands at its end: to lay a table on its side, the section before it is ended with a
copy of the setup in force, and one that lies ends after it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as Sheet
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from engine.reports.word_places import Block

_A4_WITHIN_MARGINS = 165.0
_EMU_OF_A_MM = 36_000


@dataclass(slots=True)
class Pages:
    """The pages around one place of the body; ``lying`` says how the page lies that is being written."""

    block: Block
    setup: Any
    lying: bool = field(default=False, init=False)

    @property
    def upright(self) -> bool:
        """Whether the template's own page stands upright there."""
        width, height = self.setup.page_width, self.setup.page_height
        return bool(width is None or height is None or width < height)

    @property
    def room(self) -> float:
        """Millimetres between the margins of the page that is being written."""
        setup = self.setup
        width = setup.page_height if self.lying else setup.page_width
        if width is None:
            return _A4_WITHIN_MARGINS
        return float(width - (setup.left_margin or 0) - (setup.right_margin or 0)) / _EMU_OF_A_MM

    def turn(self, lying: bool) -> None:
        """From here on pages lie or stand; a page that the template lays on its side stays so."""
        if lying == self.lying or not self.upright:
            return
        self._end_section()
        self.lying = lying

    def finish(self) -> None:
        """What follows the place stands as the template has it."""
        if not self.lying:
            return
        if self._something_follows():
            self.turn(lying=False)
        else:
            _lay(self.setup)

    def _end_section(self) -> None:
        element: Any = OxmlElement("w:p")
        properties = element.get_or_add_pPr()
        spacing = OxmlElement("w:spacing")
        for name, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
            spacing.set(qn(f"w:{name}"), value)
        properties.append(spacing)
        ended = copy.deepcopy(self.setup)
        if self.lying:
            _lay(ended)
        properties.append(ended)
        self.block.paragraph.addprevious(element)
        # A first page without a number is for the first section alone.
        for mark in self.setup.findall(qn("w:titlePg")):
            self.setup.remove(mark)

    def _something_follows(self) -> bool:
        following = self.block.paragraph.getnext()
        return following is not None and following is not self.setup


def pages_around(sheet: Sheet, block: Block) -> Pages:
    """The pages at a place of the body."""
    for following in (block.paragraph, *block.paragraph.itersiblings()):
        inner = following.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        found = following if following.tag == qn("w:sectPr") else inner
        if found is not None:
            return Pages(block, found)
    return Pages(block, sheet.sections[-1]._sectPr)  # noqa: SLF001 - python-docx shows only parts of it


def _lay(setup: Any) -> None:
    width, height = setup.page_width, setup.page_height
    setup.page_width, setup.page_height = height, width
    setup.find(qn("w:pgSz")).set(qn("w:orient"), "landscape")
