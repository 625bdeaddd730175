"""Where each address leads."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from web.views import account, health

admin.site.site_header = admin.site.site_title = "Firsthand"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "api.errors.server_error"
handler429 = "web.limits.too_many"  # asked for by allauth

urlpatterns = [
    path("healthz", health.process),
    path("readyz", health.readiness),
    path("metrics", health.metrics),
    path("api/", include("api.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", account.page, name="account"),
    path("accounts/", include("allauth.urls")),
    path("", include("web.urls")),
]
