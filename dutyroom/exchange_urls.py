"""Addresses of the duty room: tables in and out, calendar feeds."""

from django.urls import URLPattern, path

from dutyroom.views import exchange, feeds

urlpatterns: list[URLPattern] = [
    path("roster/import/", exchange.bring, name="import"),
    path("roster/import/<int:upload_id>/", exchange.preview, name="import-preview"),
    path("roster/import/<slug:kind>.<slug:form>", exchange.template, name="import-template"),
    path("roster/export/", exchange.export, name="export"),
    path("roster/export/<slug:kind>.<slug:form>", exchange.export_file, name="export-file"),
    path("roster/feeds/", feeds.page, name="feeds"),
    path("feeds/<str:token>.ics", feeds.feed, name="feed"),
]
