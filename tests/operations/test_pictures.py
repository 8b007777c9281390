"""A photograph keeps what one sees, and nothing of where it was taken."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, PngImagePlugin

from erbm.operations import pictures

LENS = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (50.0, 25.0, 42.0),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (2.0, 49.0, 51.0),
}
SECRET = b"Appareil de M. Dupont"
ON_ITS_SIDE = 6


def exif(*, up=ON_ITS_SIDE):
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = up
    found[ExifTags.Base.Model] = SECRET.decode()
    found[ExifTags.Base.DateTime] = "2026:02:10 09:00:00"
    found.get_ifd(ExifTags.IFD.GPSInfo).update(LENS)
    return found


def drawn(colour=(200, 90, 40)):
    picture = Image.new("RGB", (32, 24), colour)
    picture.putpixel((1, 1), (0, 0, 255))
    return picture


def taken(kind, **said):
    """Take a picture that says where, by each of the ways that formats know."""
    kept = io.BytesIO()
    if kind == "JPEG":
        drawn().save(kept, kind, exif=exif(**said), comment=SECRET, xmp=SECRET)
    elif kind == "MPO":
        other = drawn((9, 9, 9))
        drawn().save(
            kept, kind, exif=exif(**said), save_all=True, append_images=[other]
        )
    else:
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", SECRET.decode())
        notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        drawn().save(kept, kind, exif=exif(**said), pnginfo=notes)
    return kept.getvalue()


def bared(content, content_type="image/jpeg", name="mur.jpg"):
    file = SimpleUploadedFile(name, content, content_type)
    return pictures.bare(file, content_type).read()


KINDS = [
    ("JPEG", "image/jpeg"),
    ("MPO", "image/jpeg"),
    ("PNG", "image/png"),
]


@pytest.mark.parametrize(("kind", "content_type"), KINDS)
def test_no_position_and_no_camera_survive(kind, content_type):
    content = taken(kind)
    assert b"Dupont" in content
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(ExifTags.IFD.GPSInfo)

    kept = bared(content, content_type)

    assert b"Dupont" not in kept
    assert b"2026:02:10" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif()) == {ExifTags.Base.Orientation: ON_ITS_SIDE}
        assert not picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        assert not {"comment", "xmp", "XML:com.adobe.xmp"} & set(picture.info)
        assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize(("kind", "content_type"), KINDS)
def test_what_one_sees_stays(kind, content_type):
    content = taken(kind)

    before = Image.open(io.BytesIO(content)).convert("RGB")
    after = Image.open(io.BytesIO(bared(content, content_type))).convert("RGB")

    assert after.size == before.size
    for point in ((0, 0), (1, 1), (31, 23)):
        pairs = zip(before.getpixel(point), after.getpixel(point), strict=True)
        assert all(abs(was - now) <= (0 if kind == "PNG" else 6) for was, now in pairs)


def test_a_picture_that_is_upright_has_no_note_at_all():
    kept = bared(taken("JPEG", up=1))

    assert b"Exif" not in kept


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\xff\xd8\xff" + bytes(40), "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png"),
        (taken("JPEG")[:-120], "image/jpeg"),
        (taken("PNG"), "image/jpeg"),
    ],
)
def test_what_does_not_open_is_refused_in_words(content, content_type):
    with pytest.raises(pictures.Unreadable, match="ne s’ouvre pas"):
        bared(content, content_type)


def test_a_picture_larger_than_any_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 32 * 24 - 1)

    with pytest.raises(pictures.Unreadable, match="trop de points"):
        bared(taken("JPEG"))
