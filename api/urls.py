"""The addresses of the API, version 1."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from api import errors
from api.views import exports, imports, judges, raters, releases, root, runs, studies, tasks

schema = SpectacularAPIView.as_view(permission_classes=[AllowAny], authentication_classes=[])
docs = SpectacularSwaggerSplitView.as_view(
    url_name="api-schema", permission_classes=[AllowAny], authentication_classes=[]
)

urlpatterns = [
    path("schema/", schema, name="api-schema"),
    path("docs/", docs, name="api-docs"),
    path("v1/", root.Root.as_view(), name="api-root"),
    path("v1/studies/", studies.Studies.as_view()),
    path("v1/studies/<slug:slug>/", studies.StudyDetail.as_view()),
    path("v1/studies/<slug:slug>/import/", imports.Import.as_view()),
    path("v1/studies/<slug:slug>/runs/", runs.Runs.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/", runs.RunDetail.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/start/", runs.StartRun.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/pause/", runs.PauseRun.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/resume/", runs.ResumeRun.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/cancel/", runs.CancelRun.as_view()),
    path("v1/studies/<slug:slug>/runs/<uuid:run_id>/retry/", runs.RetryRun.as_view()),
    path("v1/studies/<slug:slug>/tasks/next/", tasks.NextTask.as_view()),
    path("v1/studies/<slug:slug>/close/", studies.CloseStudy.as_view()),
    path("v1/studies/<slug:slug>/open/", studies.OpenStudy.as_view()),
    path("v1/studies/<slug:slug>/agreement/", studies.Agreement.as_view()),
    path("v1/studies/<slug:slug>/judges/", judges.Judges.as_view()),
    path("v1/studies/<slug:slug>/labels/", raters.Labels.as_view()),
    path("v1/studies/<slug:slug>/raters/", raters.Raters.as_view()),
    path("v1/studies/<slug:slug>/raters/<path:rater>/exclusion/", raters.RaterExclusion.as_view()),
    path("v1/studies/<slug:slug>/raters/<path:rater>/others/", raters.RaterOthers.as_view()),
    path("v1/studies/<slug:slug>/raters/<path:rater>/", raters.RaterDetail.as_view()),
    path(
        "v1/studies/<slug:slug>/export/<slug:table>.<slug:format_name>",
        exports.TableExport.as_view(),
    ),
    path("v1/studies/<slug:slug>/releases/", releases.Releases.as_view()),
    path("v1/assignments/<uuid:assignment_id>/submit/", tasks.Submit.as_view()),
    path("v1/assignments/<uuid:assignment_id>/release/", tasks.Release.as_view()),
    path("v1/releases/<uuid:release_id>/", releases.ReleaseDetail.as_view()),
    path(
        "v1/releases/<uuid:release_id>/tombstones/",
        releases.Tombstones.as_view(),
        name="api-tombstones",
    ),
    path("v1/releases/<uuid:release_id>/files/<path:name>", releases.ReleaseFile.as_view()),
    re_path(r"^.*$", errors.not_found),
]
