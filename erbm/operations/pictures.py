"""Photographs without what their camera says of them: where, when, with what."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import ExifTags, Image, PngImagePlugin

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
MOST_PIXELS = 80_000_000
UPRIGHT = 1
GOOD = 92


class Unreadable(Exception):
    """A picture cannot be opened; the message is for the person."""


def bare(file: "UploadedFile[Any]", content_type: str) -> "UploadedFile[Any]":
    """
    Return a picture that holds its pixels, its colours and which way is up, no more.

    A JPEG is written anew with its own tables: nothing that one sees is lost.

    :raises Unreadable: if it is no such picture, is truncated, or larger than any is
    """
    file.seek(0)
    kept = io.BytesIO()
    try:
        with Image.open(file, formats=[FORMATS[content_type]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unreadable("Cette image a trop de points.")
            picture.load()
            said = _written(picture)
            picture.save(kept, FORMATS[content_type], **said)
    except (
        *(Image.DecompressionBombError, Image.DecompressionBombWarning),
        *(OSError, SyntaxError, ValueError),
    ):
        raise Unreadable("Cette image ne s’ouvre pas.") from None
    return SimpleUploadedFile(file.name or "", kept.getvalue(), content_type)


def _written(picture: Image.Image) -> dict[str, Any]:
    """Say how to write a picture; whatever is not said here is left out."""
    up = picture.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = up
    said: dict[str, Any] = {
        "exif": exif.tobytes() if up != UPRIGHT else b"",
        "icc_profile": picture.info.get("icc_profile"),
    }
    if picture.format == "PNG":
        return said | {"pnginfo": PngImagePlugin.PngInfo()}
    # What holds several pictures is written as one, the first.
    quality: int | str = "keep" if picture.format == "JPEG" else GOOD
    return said | {"quality": quality, "comment": b"", "xmp": b""}
