"""Where the icon sheet lies; asked for on every icon of every page, so looked up once."""

from functools import cache

from django.templatetags.static import static


@cache
def address() -> str:
    """URL path of the icon sheet."""
    return static("icons.svg")
