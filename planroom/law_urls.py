"""Addresses of versions, drafts and their publication."""

from django.urls import URLPattern, path

from planroom.views import law, law_edit, law_replay, law_steps

VERSIONS = "plans/<slug:plan>/versions/"
ONE = f"{VERSIONS}<int:number>/"

urlpatterns: list[URLPattern] = [
    path(VERSIONS, law.versions, name="plan-versions"),
    path(ONE, law.version, name="plan-version"),
    path(f"{ONE}file/", law.file, name="plan-file"),
    path(f"{ONE}edit/", law_edit.edit, name="plan-edit"),
    path(f"{ONE}replay/", law_replay.page, name="plan-replay"),
    path(f"{ONE}steps/<slug:step>/", law_steps.step, name="plan-step"),
    path("plans/<slug:plan>/drafts/", law_edit.new, name="plan-draft"),
    path("plans/<slug:plan>/drafts/upload/", law_edit.upload, name="plan-upload"),
    path("plans/<slug:plan>/lint/", law_edit.lint, name="plan-lint"),
]
