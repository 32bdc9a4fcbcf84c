"""Addresses of the incident app."""

from django.urls import include, path

from incident.views import dashboard, desk, history, live, seats

urlpatterns = [
    path("", desk.home, name="home"),
    path("desk/", desk.page, name="desk"),
    path("desk/playbooks/", desk.playbooks, name="desk_playbooks"),
    path("desk/facts/", desk.facts, name="desk_facts"),
    path("desk/outcome/", desk.outcome, name="desk_outcome"),
    path("desk/mine/", desk.mine, name="desk_mine"),
    path("dashboard/", dashboard.page, name="dashboard"),
    path("dashboard/sweep/", dashboard.sweep, name="dashboard_sweep"),
    path("live/", live.live, name="live"),
    path("api/seats/", seats.push, name="seats-push"),
    path("incidents/", history.page, name="incidents"),
    path("", include("incident.room_urls")),
]
