"""The small PDF that stands for the documents of the demonstration."""

import re

from erbm.demo.pdf import pdf

LINES = ["Pièce (1) de l’opération", "Coût : 1\\2 €", "日本"]


def test_each_object_lies_where_the_table_says():
    content = pdf(LINES)

    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", content)[1])
    assert content[start:].startswith(b"xref\n0 7\n")
    places = re.findall(rb"(\d{10}) 00000 n \n", content[start:])
    assert len(places) == 6
    for number, place in enumerate(places, 1):
        assert content[int(place) :].startswith(b"%d 0 obj\n" % number)


def test_text_is_escaped_and_its_length_is_told():
    content = pdf(LINES)

    length, stream = re.search(
        rb"/Length (\d+) >>\nstream\n(.*)\nendstream", content, re.DOTALL
    ).groups()
    assert int(length) == len(stream)
    assert "(Pièce \\(1\\) de l’opération)".encode("cp1252") in stream
    assert "(Coût : 1\\\\2 €)".encode("cp1252") in stream
    assert b"(??)" in stream
