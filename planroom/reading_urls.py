"""Addresses of the library, the playbook pages and what is printed from them."""

from django.urls import URLPattern, path, register_converter

from planroom import converters
from planroom.views import library, paper, playbook

register_converter(converters.PlaybookKey, "playbook")

BOOK = "playbooks/<slug:plan>/<playbook:key>/"

urlpatterns: list[URLPattern] = [
    path("playbooks/", library.page, name="playbooks"),
    path("playbooks/<slug:plan>/", library.plan, name="plan"),
    path(BOOK, playbook.page, name="playbook"),
    path(f"{BOOK}card/", paper.card, name="playbook-card"),
    path(f"{BOOK}card/<str:post>/", paper.card, name="playbook-card-post"),
    path(f"{BOOK}forms/<str:form>/", paper.form, name="playbook-form"),
]
