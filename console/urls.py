"""Every address of the console; the rooms keep their own lists."""

from django.contrib import admin
from django.urls import include, path

from console import health

handler500 = "console.middleware.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("staffing.urls")),
    path("", include("incident.urls")),
    path("", include("planroom.urls")),
    path("", include("dutyroom.urls")),
]
