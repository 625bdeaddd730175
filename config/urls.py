"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path

from web.views import health

urlpatterns = [
    path("healthz", health.process),
    path("readyz", health.readiness),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
