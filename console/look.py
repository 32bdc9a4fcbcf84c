"""How the admin looks: the neutral ink of the console instead of the library's violet."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

INK = {
    "50": "249 250 250",
    "100": "238 240 242",
    "200": "223 228 231",
    "300": "185 194 201",
    "400": "125 135 143",
    "500": "89 99 107",
    "600": "32 38 43",
    "700": "20 24 28",
    "800": "20 24 28",
    "900": "14 17 20",
    "950": "7 9 10",
}
UNFOLD = {
    "SITE_TITLE": _("应急指挥台"),
    "SITE_HEADER": _("应急指挥台"),
    "SITE_URL": "/desk/",
    "SITE_ICON": lambda request: static("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}],
    "SHOW_HISTORY": True,
    "BORDER_RADIUS": "3px",
    "COLORS": {"primary": INK},
    "SIDEBAR": {"show_search": False, "show_all_applications": False},
}
