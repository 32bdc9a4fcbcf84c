"""Addresses of the duty room: rosters."""

from django.urls import path

from dutyroom.views import roster, roster_people, roster_shifts, roster_weeks

urlpatterns = [
    path("roster/", roster.page, name="roster"),
    path("roster/board/", roster.board, name="roster-board"),
    path("roster/print/", roster.paper, name="roster-print"),
    path("roster/cell/", roster.cell, name="roster-cell"),
    path("roster/publish/", roster_weeks.publish, name="roster-publish"),
    path("roster/copy/", roster_weeks.copy, name="roster-copy"),
    path("roster/rota/", roster_weeks.rota, name="roster-rota"),
    path("roster/leave/", roster_people.away, name="roster-leave"),
    path("roster/leave/<int:absence_id>/end/", roster_people.back, name="roster-leave-end"),
    path("roster/shifts/new/", roster_shifts.add, name="roster-add"),
    path("roster/shifts/<int:shift_id>/", roster.shift, name="roster-shift"),
    path("roster/shifts/<int:shift_id>/move/", roster_shifts.move, name="roster-move"),
    path("roster/shifts/<int:shift_id>/remove/", roster_shifts.remove, name="roster-remove"),
    path("roster/shifts/<int:shift_id>/stand-in/", roster_shifts.stand_in, name="roster-stand-in"),
    path("roster/shifts/<int:shift_id>/swap/", roster_people.ask, name="roster-swap"),
    path("roster/swaps/<int:swap_id>/<str:name>/", roster_people.decide, name="roster-swap-decide"),
]
