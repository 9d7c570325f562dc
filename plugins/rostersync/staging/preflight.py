"""One streaming pass over a file's bytes, before any reader guesses: what it is and how many lines it has.

The line count taken here is the independent one the table is held against.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from rostersync.spec.text import LOST, WHITE_SPACE

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Survey:
    """Facts about the bytes.

    ``start``: the first 4 KiB. ``multibyte``: holds at least one valid multi-byte UTF-8 character. ``lost``:
    holds U+FFFD, which stands where somebody before us could not read a character.
    ``lf``, ``cr``, ``crlf``: counts of bytes and pairs. ``odd_line``: some line may be blank, over 1 MiB or
    quoted wrongly (never false when one is). ``delimiters``: those that separate fields, when no line is odd.
    """

    size: int
    sha256: str
    start: bytes
    nul: bool
    valid_utf8: bool
    multibyte: bool
    lost: bool
    lf: int
    cr: int
    crlf: int
    odd_line: bool
    delimiters: int
    ends_with_newline: bool

    @property
    def lines(self) -> int:
        """Physical lines; LF, CRLF and a lone CR each end one."""
        ends = self.lf + self.cr - self.crlf
        return ends if self.ends_with_newline or not self.size else ends + 1

    @property
    def plain_line_ends(self) -> bool:
        """All LF, or all CRLF."""
        return self.cr == 0 or self.cr == self.crlf == self.lf

    @property
    def utf16(self) -> bool:
        """Starts with a UTF-16 byte order mark."""
        return self.start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def survey(path: str | Path, delimiter: str = ",") -> Survey:
    """Read the file once in 1 MiB chunks; memory does not depend on its size."""
    digest = hashlib.sha256()
    utf8 = _Utf8()
    lines = _Lines(delimiter)
    size = lf = cr = crlf = 0
    start, last, nul = b"", b"", False
    with Path(path).open("rb") as f:
        while chunk := f.read(_CHUNK):
            start = start or chunk[:4096]
            size += len(chunk)
            digest.update(chunk)
            lf += chunk.count(b"\n")
            if returns := chunk.count(b"\r"):
                cr += returns
                crlf += chunk.count(b"\r\n")
            crlf += last == b"\r" and chunk[:1] == b"\n"
            nul = nul or b"\0" in chunk
            last = chunk[-1:]
            if size == len(chunk):  # a byte order mark tells nothing about the text after it
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
            utf8.feed(chunk)
            lines.feed(chunk)
    utf8.close()
    lines.close()
    return Survey(
        size=size,
        sha256=digest.hexdigest(),
        start=start,
        nul=nul,
        valid_utf8=utf8.valid,
        multibyte=utf8.multibyte,
        lost=utf8.lost,
        lf=lf,
        cr=cr,
        crlf=crlf,
        odd_line=lines.odd,
        delimiters=lines.delimiters,
        ends_with_newline=last in (b"\n", b"\r"),
    )


class _Utf8:
    """Whether bytes are UTF-8, and whether any of it is more than ASCII."""

    _VALID = re.compile("[^\x00-\x7f\udc80-\udcff]")

    def __init__(self) -> None:
        self.valid = True
        self.multibyte = False
        self.lost = False
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        if not self._rest and chunk.isascii():
            return
        data = self._rest + chunk
        try:
            text, used = codecs.utf_8_decode(data, "strict", False)
            found = not text.isascii()
        except UnicodeDecodeError:
            self.valid = False
            text, used = codecs.utf_8_decode(data, "surrogateescape", False)
            found = self.multibyte or bool(self._VALID.search(text))
        self.multibyte = self.multibyte or found
        self.lost = self.lost or LOST in text
        self._rest = data[used:]

    def close(self) -> None:
        if self._rest:
            self.valid = False


class _Lines:
    """Looks for lines on which two CSV readers could differ, and counts what separates fields.

    A blank line is one with nothing in it but delimiters, quotes and white space. DuckDB takes a record with
    one blank field too many, which the count of delimiters betrays.
    """

    def __init__(self, delimiter: str) -> None:
        self.odd = False
        self.delimiters = 0
        self._delimiter = delimiter.encode()
        d = re.escape(self._delimiter)
        # Single bytes of white space: they also make up a few other letters, which costs only a closer look.
        blank = re.escape(WHITE_SPACE.replace("\r", "").replace("\n", "").encode())
        self._blank = re.compile(rb"\n[\"" + blank + d + rb"]*(?=[\r\n])")
        # The quote stands before its look-behind, so that the search can jump from quote to quote.
        self._quoted = re.compile(
            rb'"(?<![^\r\n' + d + rb']")[^"\n]*(?:""[^"\n]*)*"(?![^\r\n' + d + rb"])"
        )
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        if self.odd:
            return
        end = chunk.rfind(b"\n") + 1
        if end:
            self._look(b"\n" + self._rest + chunk[:end])
            self._rest = chunk[end:]
        else:
            self._rest += chunk
            self.odd = len(self._rest) > _CHUNK

    def close(self) -> None:
        if self._rest and not self.odd:
            self._look(b"\n" + self._rest + b"\n")

    def _look(self, lines: bytes) -> None:
        """Whole lines, with a line end before the first."""
        if self._blank.search(lines):
            self.odd = True
        elif b'"' in lines:
            lines = self._quoted.sub(b"", lines)
            self.odd = b'"' in lines
        self.delimiters += lines.count(self._delimiter)


_WINDOWS_1252 = "".join(
    bytes([b]).decode("cp1252", "ignore") or chr(b)  # the five unassigned bytes: as browsers do
    for b in range(256)
)


def windows_1252(data: bytes) -> str:
    """Text of Windows-1252 bytes; every byte has a character."""
    return codecs.charmap_decode(data, "strict", _WINDOWS_1252)[0]


def to_utf8(source: str | Path, target: str | Path, encoding: str) -> None:
    """Copy ``source`` as UTF-8. ``encoding``: utf-16 (with byte order mark) or windows-1252.

    Raises UnicodeDecodeError when the bytes are not what the byte order mark says.
    """
    decoder = codecs.getincrementaldecoder("utf-16")() if encoding == "utf-16" else None
    with Path(source).open("rb") as f, Path(target).open("wb") as out:
        if not decoder and f.read(3) != codecs.BOM_UTF8:
            f.seek(0)
        while chunk := f.read(_CHUNK):
            text = decoder.decode(chunk) if decoder else windows_1252(chunk)
            out.write(text.encode())
        if decoder:
            decoder.decode(b"", final=True)


_SIGNATURES: tuple[tuple[bytes, str, str, str], ...] = (
    (b"PK\x03\x04", "zip", "a ZIP archive", "unpack it and upload the CSV file inside"),
    (b"PK\x05\x06", "zip", "an empty ZIP archive", "upload the CSV file itself"),
    (b"Rar!", "rar", "a RAR archive", "unpack it and upload the CSV file inside"),
    (b"\xfd7zXZ", "xz", "an xz file", "unpack it and upload the CSV file inside"),
    (b"{\\rtf", "rtf", "a rich text document", "export the data as CSV"),
    (b"\x1f\x8b", "gzip", "a gzip file", "unpack it and upload the CSV file inside"),
    (b"BZh", "bzip2", "a bzip2 file", "unpack it and upload the CSV file inside"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "a 7-Zip archive", "unpack it and upload the CSV file inside"),
    (b"\xd0\xcf\x11\xe0", "excel", "an Excel workbook (.xls)", "save it as CSV UTF-8"),
    (b"%PDF", "pdf", "a PDF document", "export the data as CSV"),
    (b"PAR1", "parquet", "a Parquet file", "export the data as CSV"),
    (b"SQLite format 3", "sqlite", "an SQLite database", "export the data as CSV"),
)


def foreign_format(start: bytes) -> tuple[str, str, str] | None:
    """(short name, what it looks like, what to do) of a file that is no CSV, judged by its first bytes."""
    for signature, name, looks, remedy in _SIGNATURES:
        if start.startswith(signature):
            if name == "zip" and (b"[Content_Types].xml" in start or b"xl/" in start):
                return "excel", "an Excel workbook (.xlsx)", "save it as CSV UTF-8"
            return name, looks, remedy
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith(b"<"):
        looks = "an HTML page" if b"<html" in text or b"<!doctype html" in text else "XML or HTML"
        return "html", looks, "export the data as CSV"
    if text.startswith((b"{", b"[")):
        return "json", "JSON", "export the data as CSV"
    return None
