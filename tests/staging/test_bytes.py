"""Encodings, and files that are no CSV."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zipfile

import pytest

from rostersync.archive import FileState
from tests.staging.conftest import Stage

H = "school_id,section_id,student_id\n"


def _zip(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "rule", "says"),
    [
        (_zip("rosters.csv"), "file.format.zip", "ZIP archive"),
        (_zip("[Content_Types].xml"), "file.format.excel", "Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.format.excel", "Excel workbook (.xls)"),
        (gzip.compress(H.encode(), mtime=0), "file.format.gzip", "gzip"),
        (b"\n<!DOCTYPE html><html></html>", "file.format.html", "HTML page"),
        (b'\xef\xbb\xbf[{"school_id": 1}]', "file.format.json", "JSON"),
        ('[{"school_id": 1}]'.encode("utf-16"), "file.format.json", "JSON"),
        ("<html>".encode("utf-16"), "file.format.html", "HTML page"),
        (H.replace(",", ";").encode() + b"1;A;a\n", "file.format.delimiter", "semicolon"),
        (b'"school_id";"section_id";"student_id"\n', "file.format.delimiter", "semicolon"),
        (b"Rar!\x1a\x07\x00", "file.format.rar", "RAR"),
        (b"\xfd7zXZ\x00", "file.format.xz", "xz"),
        (b"{\\rtf1 school_id}", "file.format.rtf", "rich text"),
        (b"PK\x05\x06" + b"\0" * 18, "file.format.zip", "empty ZIP"),
        (H.replace(",", "\t").encode() + b"1\tA\ta\n", "file.format.delimiter", "tab"),
        (H.encode() + b"1,A\0,a\n", "file.encoding.nul", "NUL"),
        (H.encode("utf-16-le"), "file.encoding.nul", "UTF-16 without its mark"),
        (codecs.BOM_UTF16_LE + H.encode("utf-16-le") + b"x", "file.encoding.utf_16", "UTF-16"),
        (b'school_id,"section_id\n1,A\n', "file.header.quote", "quoted name"),
    ],
)
def test_rejected_with_what_it_looks_like(stage: Stage, data: bytes, rule: str, says: str) -> None:
    staged = stage(data)
    assert staged.said.state is FileState.REJECTED
    assert staged.rules == {rule}
    assert says in staged.message(rule)
    assert staged.rows is None
    assert staged.said.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_unicode(stage: Stage, encoding: str, end: str) -> None:
    text = (H + '1,"Müsli\n",日本🎒\n1,B,b\n').replace("\n", end)
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    staged = stage(mark + text.encode(encoding))
    assert staged.column("student_id") == ["日本🎒", "b"]
    assert staged.column("section_id__raw") == [f"Müsli{end}", "B"]
    assert staged.lines == [2, 4]
    assert staged.said.findings == ()


def test_windows_1252_whole(stage: Stage) -> None:
    staged = stage((H + "1,caf\xe9,a\n").encode("latin-1") + b"1,\x93B\x94\x9d,b\n")
    assert staged.column("section_id") == ["café", "\u201cB\u201d\x9d"]
    assert staged.said.encoding == "windows-1252"
    assert staged.rules == {"file.encoding.windows_1252"}


def test_windows_1252_in_one_record_of_a_utf_8_file(stage: Stage) -> None:
    staged = stage((H + "1,café,a\n1,").encode() + "né,b\n1,C,é".encode("cp1252") + b"\n1,D,d\n")
    assert staged.column("section_id") == ["café", "né", "C", "D"]
    assert staged.column("student_id") == ["a", "b", "é", "d"]
    assert staged.said.encoding == "utf-8"
    [finding] = staged.said.findings
    assert (finding.rule, finding.count) == ("file.encoding.windows_1252", 2)


def test_the_whole_record_is_decoded_alike(stage: Stage) -> None:
    staged = stage((H + "1,é,a\n").encode() + b"1,\xc3\xa9,\xe9\n")
    assert staged.column("section_id") == ["é", "Ã©"]


def test_a_byte_order_mark_is_no_sign_of_utf_8_accents(stage: Stage) -> None:
    staged = stage(codecs.BOM_UTF8 + (H + "1,\xe9\xe8,a\n").encode("latin-1"))
    assert staged.said.encoding == "windows-1252"
    assert staged.column("school_id") == ["1"]
    assert staged.column("section_id") == ["éè"]


def test_multi_byte_characters_and_line_ends_across_chunks(stage: Stage) -> None:
    """The survey reads 1 MiB at a time; what straddles the border must not count twice or look broken."""
    for pad in range(5):
        head = (H + "1,A,a\r\n").encode()
        filler = b"1," + b"x" * 400_000 + b",y\r\n"
        body = head + filler * 2
        body += b"1," + b"z" * ((1 << 20) - len(body) - 4 - pad) + "é".encode() + b",q\r\n1,B,b\r\n"
        staged = stage(body)
        assert staged.said.encoding == "utf-8"
        assert staged.lines == [2, 3, 4, 5, 6]


def test_another_delimiter_by_configuration(stage: Stage) -> None:
    for delimiter in (";", "\t", "|", "§", " "):
        text = (H + '1,"A",a\n1,,b\n').replace(",", delimiter)
        staged = stage(text, files={"rosters": {"delimiter": delimiter}})
        assert staged.column("section_id") == ["A", None], delimiter
    staged = stage(H + "1,A,a\n", files={"rosters": {"delimiter": ";"}})
    assert "comma" in staged.message("file.format.delimiter")
