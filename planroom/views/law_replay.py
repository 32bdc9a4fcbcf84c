"""What a draft would have made of past incidents and exercises."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from incident.views.answers import Request, refuses
from planroom.screens import law as screen
from planroom.screens import law_replay
from planroom.views import law


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request, plan: str, number: int) -> HttpResponse:
    """A page of incidents, newest first, run by the law in force and by the draft."""
    room = screen.room(request.user, plan)
    law.check_may_manage(room)
    shown = law_replay.build(room, law.find(room, number), request.GET.get("page", ""))
    return render(request, "planroom/law/replay.html", {**law.context(request), "room": room, "shown": shown})
