"""Addresses of the incident room and of answers to notices."""

from django.urls import path

from incident.views import callouts, duties, facts, inbox, levels, log, printout, records, room, steps, summons

urlpatterns = [
    path("incidents/<str:number>/", room.page, name="room"),
    path("incidents/<str:number>/print/", printout.page, name="room-print"),
    path("incidents/<str:number>/menu/", room.menu, name="room-menu"),
    path("incidents/<str:number>/chain/", room.verify, name="room-chain"),
    path("incidents/<str:number>/entries/", room.entries, name="room-entries"),
    path("incidents/<str:number>/entries/<int:entry>/correct/", log.correct, name="room-correct"),
    path("incidents/<str:number>/notes/", log.note, name="room-note"),
    path("incidents/<str:number>/steps/<slug:name>/", steps.step, name="room-step"),
    path("incidents/<str:number>/duties/<int:duty_id>/", duties.duty, name="room-duty"),
    path("incidents/<str:number>/duties/<int:duty_id>/done/", duties.done, name="room-duty-done"),
    path("incidents/<str:number>/duties/<int:duty_id>/waive/", duties.waive, name="room-duty-waive"),
    path("incidents/<str:number>/records/<str:form>/", records.record, name="room-record"),
    path("incidents/<str:number>/facts/", facts.record, name="room-facts"),
    path("incidents/<str:number>/occurred/", facts.occurred, name="room-occurred"),
    path("incidents/<str:number>/level/", levels.change, name="room-level"),
    path("incidents/<str:number>/decisions/<int:decision_id>/confirm/", levels.confirm, name="room-decision-confirm"),
    path("incidents/<str:number>/decisions/<int:decision_id>/reject/", levels.reject, name="room-decision-reject"),
    path("incidents/<str:number>/call-outs/new/", callouts.start, name="room-call-out"),
    path("incidents/<str:number>/call-outs/<int:call_out_id>/quota/", callouts.quota, name="room-call-out-quota"),
    path("incidents/<str:number>/call-outs/<int:call_out_id>/stop/", callouts.stop, name="room-call-out-stop"),
    path("incidents/<str:number>/summons/<int:summons_id>/", callouts.write_down, name="room-summons"),
    path("summons/", summons.mine, name="my-summons"),
    path("summons/<int:summons_id>/", summons.answer, name="summons-answer"),
    path("inbox/", inbox.mine, name="inbox"),
    path("inbox/<int:notice_id>/acknowledge/", inbox.acknowledge, name="inbox-acknowledge"),
    path("a/<str:token>/", inbox.link, name="answer-link"),
]
