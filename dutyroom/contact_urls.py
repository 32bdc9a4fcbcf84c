"""Addresses of the duty room: the directory, tests of contacts, the contact sheet and cards."""

from django.urls import URLPattern, path

from dutyroom.views import contacts, sheet

urlpatterns: list[URLPattern] = [
    path("contacts/", contacts.page, name="contacts"),
    path("contacts/people/<int:person_id>/reveal/", contacts.reveal, name="contact-reveal"),
    path("contacts/tests/", contacts.tests, name="contact-tests"),
    path("contacts/test/", contacts.test, name="contact-test"),
    path("contacts/checks/<int:check_id>/", contacts.check, name="contact-check"),
    path("contacts/sheet/", sheet.page, name="contact-sheet"),
    path("contacts/sheet/file/", sheet.file, name="contact-sheet-file"),
    path("contacts/people/<int:person_id>/card/", sheet.card, name="contact-card"),
    path("contacts/cards/", sheet.all_cards, name="contact-cards"),
]
