"""Write a small PDF of one page, for documents that only have to exist."""

from collections.abc import Sequence

LINES_APART = 22  # points
FONT = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
)


def pdf(lines: Sequence[str]) -> bytes:
    """Return an A4 page that holds these lines, in Helvetica."""
    text = _content(lines)
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources 5 0 R >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
            b"<< /Font << /F1 6 0 R >> >>",
            FONT,
        ]
    )


def _content(lines: Sequence[str]) -> bytes:
    shown = b" T* ".join(b"(%b) Tj" % _escaped(line) for line in lines)
    return b"BT /F1 12 Tf %d TL 60 770 Td %b ET" % (LINES_APART, shown)


def _escaped(line: str) -> bytes:
    text = line.encode("cp1252", errors="replace")
    for special in (b"\\", b"(", b")"):
        text = text.replace(special, b"\\" + special)
    return text


def _file(objects: Sequence[bytes]) -> bytes:
    """Number the objects and say at the end where each begins."""
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%b"
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    ) % (size, table, size, len(written))
