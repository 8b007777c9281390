"""The kinds of values that addresses carry: importing this module declares them."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """An identifier, no longer than those that the database can hold."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")
