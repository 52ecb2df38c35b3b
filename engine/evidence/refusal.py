"""Why a file is not taken."""

from __future__ import annotations

from engine.errors import DondocError

TAKEN = "PDF, ảnh PNG hoặc JPG, Word (.docx, .doc), Excel (.xlsx, .xls), LibreOffice (.odt, .ods)"
"""What is taken, for people."""


class EvidenceRefused(DondocError):
    """The file is not taken; the text says why in Vietnamese, to follow the name of the file."""
