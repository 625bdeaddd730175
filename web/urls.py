"""The pages for people."""

from django.urls import path

from web.views import (
    comprehension,
    door,
    home,
    judge,
    me,
    queue,
    release_files,
    studies,
    study,
    survey,
)

urlpatterns = [
    path("", home.page, name="home"),
    path("s/<slug:slug>/", door.page, name="door"),
    path("s/<slug:slug>/survey/", survey.page, name="survey"),
    path("s/<slug:slug>/comprehension/", comprehension.page, name="comprehension"),
    path("judge/", queue.page, name="queue"),
    path("judge/<slug:slug>/<slug:stage>/", judge.page, name="judge"),
    path("me/", me.page, name="me"),
    path("me/<slug:slug>/withdraw/", me.withdraw, name="withdraw"),
    path("studies/", studies.page, name="studies"),
    path("studies/new/", studies.new, name="new_study"),
    path("studies/<slug:slug>/", study.page, name="study"),
    path("studies/<slug:slug>/agreement/<slug:stage>/", study.stage_agreement, name="agreement"),
    path("studies/<slug:slug>/runs/", study.runs, name="runs"),
    path("studies/<slug:slug>/generate/", study.generate, name="generate"),
    path("studies/<slug:slug>/judge/", study.judge, name="start_judging"),
    path("studies/<slug:slug>/revive/", study.revive, name="revive"),
    path("studies/<slug:slug>/release/", study.release, name="start_release"),
    path("studies/<slug:slug>/releases/<int:version>/", study.one_release, name="one_release"),
    path(
        "studies/<slug:slug>/releases/<int:version>/<path:name>",
        release_files.download,
        name="release_file",
    ),
]
