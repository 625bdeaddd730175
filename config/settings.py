"""Every setting of the site, and the only place that reads the environment.

Each variable is listed with a comment in `.env.example`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from environs import Env

from config import environment as allowed
from config.databases import ON_POSTGRESQL, ON_SQLITE
from config.logs import logging_at
from config.places import broker_socket, secret_key_in

env = Env()
env.read_env(".env")

BASE_DIR = Path(__file__).resolve().parent.parent

# -- Where things are ----------------------------------------------------------

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
# Other users of the machine have no business in the database and the logs.
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
REAL_DATA_DIR = Path(env.str("REAL_DATA_DIR", str(BASE_DIR.parent / "shared" / "data")))
RELEASES_DIR = DATA_DIR / "releases"
# Files of past conversations, until their owners have chosen from them.
DONATIONS_DIR = DATA_DIR / "donations"
# Best on another disk: after a restored backup it tells who was erased since.
ERASURES_DIR = Path(env.str("ERASURES_DIR", "") or DATA_DIR / "erasures").resolve()
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000, validate=allowed.is_port)
WEB_PROCESSES = env.int("WEB_PROCESSES", 1, validate=allowed.is_count)
WORKER_PROCESSES = env.int("WORKER_PROCESSES", 1, validate=allowed.is_count)
SITE_URL = env.str("SITE_URL", f"http://{HOST}:{PORT}")
SITE_CONTACT = env.str("SITE_CONTACT", "")

# -- Secrets -------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", "") or secret_key_in(DATA_DIR)
# Earlier ones, under which sessions and second factors may still be sealed.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Keys of panel ids, newest first; see studies/recruitment/sealing.py.
SEALING_KEYS = env.list("SEALING_KEYS", [], validate=allowed.are_secrets) or [SECRET_KEY]
LLM_BASE_URL = env.str("LLM_BASE_URL", "", validate=allowed.is_web_address)
LLM_MODEL = env.str("LLM_MODEL", "")
allowed.check_model(LLM_BASE_URL, LLM_MODEL)
# Hosts that may be asked, and whether addresses of this machine and network are among them.
LLM_HOSTS = allowed.hosts_to_ask(env.list("LLM_HOSTS", []), LLM_BASE_URL, HOST, SITE_URL)
LLM_ALLOW_PRIVATE = env.bool("LLM_ALLOW_PRIVATE", allowed.is_own(HOST) and allowed.is_own(SITE_URL))
# Endpoints name the variable that holds their key; the value never enters the database.
LLM_KEYS = {name: env.str(name, "") for name in ["LLM_API_KEY", *env.list("LLM_KEY_NAMES", [])]}

# Who reads /metrics from another machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", "", validate=allowed.is_secret)

# -- Limits --------------------------------------------------------------------

# How often one person may do what is costly or can be guessed at; off only to measure the load.
RATE_LIMITS = env.bool("RATE_LIMITS", True)

# -- Django --------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [HOST, "localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "config.urls"
AUTH_USER_MODEL = "studies.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "web",
    "api",
    "releases",
    "annotation",
    "generation",
    "collection",
    "studies",
    "llm",
    "work",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "csp",
    "knox",
]

MIDDLEWARE = [
    "web.request_ids.RequestIds",
    "web.middleware.OnlyForYou",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "web.too_much.TooMuch",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.middleware.SessionEnds",
    "web.middleware.SecondFactor",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.accounts.offered",
            ],
        },
    }
]

# -- Database ------------------------------------------------------------------

OWN_DATABASE = f"sqlite:///{DATA_DIR / 'firsthand.sqlite3'}"
IS_ELSEWHERE = env.str("DATABASE_URL", "", validate=allowed.is_database) != ""
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL")
    if IS_ELSEWHERE
    else dj_database_url.parse(OWN_DATABASE)
}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DATABASES["default"] |= ON_SQLITE if IS_SQLITE else ON_POSTGRESQL

# -- Broker and cache: doorbells and limits, never the truth -------------------

BROKER_SOCKET = broker_socket(DATA_DIR)
REDIS_URL = env.str("REDIS_URL", "", validate=allowed.is_redis)
CELERY_BROKER_URL = allowed.for_celery(REDIS_URL) or f"redis+socket://{BROKER_SOCKET}"
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.cache.SteadyCache",
        "LOCATION": allowed.for_redis(REDIS_URL) or f"unix://{BROKER_SOCKET}",
        "OPTIONS": {"socket_connect_timeout": 0.1, "socket_timeout": 0.15},
    },
    # Stands in while Redis does not answer; sign-in must not lose count of failures.
    "database": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "TIMEOUT": 86_400,
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
# Loaded by who rings; no other process needs Celery.
BELL = "config.celery"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a lost doorbell is repaired by the sweeper
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": "fh:",
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", 150, validate=allowed.is_duration)
JOB_SWEEP_SECONDS = env.float("JOB_SWEEP_SECONDS", 1.0, validate=allowed.is_duration)
# Jobs at once in one worker process.
JOB_THREADS = env.int("JOB_THREADS", 4, validate=allowed.is_count)
# How often a worker looks unasked.
JOB_POLL_SECONDS = env.float("JOB_POLL_SECONDS", 15.0, validate=allowed.is_duration)
# Claims of one ring; see TIME_LIMIT.
JOB_DRAIN_SECONDS = env.float("JOB_DRAIN_SECONDS", 10.0, validate=allowed.is_duration)

# -- Languages and time --------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ko", "한국어"),
    ("ja", "日本語"),
    ("zh-hans", "简体中文"),
    ("es", "Español"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SITE_URL.startswith("https://")
TIME_ZONE = "UTC"
USE_TZ = True

# -- Static files --------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- Cookies and headers -------------------------------------------------------

IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Sessions of those who run studies end sooner: so long after they began, and after the last page.
CAREFUL_SESSION_SECONDS = 12 * 3600
CAREFUL_IDLE_SECONDS = 30 * 60
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
# Programs are refused there, not redirected: what they sent in the clear should be noticed. The
# health check's own visit is plain.
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^readyz$"]
# The site itself speaks plain HTTP, so an https:// address means that a proxy stands before it.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", int(IS_HTTPS), validate=allowed.is_number)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
# With "no-referrer" browsers send `Origin: null` with every form, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# -- E-mail --------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", "", validate=allowed.is_mail_address)
HAS_MAIL = EMAIL_URL != ""
# Without an address nothing that needs e-mail is offered, and nothing is sent or written anywhere.
_mail = dj_email_url.parse(EMAIL_URL or "dummy:")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "localhost", _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = (
    env.str("MAIL_FROM", "") or f"firsthand@{urlsplit(SITE_URL).hostname}"
)

# -- Sign-in -------------------------------------------------------------------

# One only: several take another number of hashes for unknown addresses than for known ones.
AUTHENTICATION_BACKENDS = ["web.backends.OneHash"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Whether people may make accounts themselves; participants need none.
OPEN_SIGNUP = env.bool("OPEN_SIGNUP", False)
ACCOUNT_ADAPTER = "web.adapters.Accounts"
ACCOUNT_FORMS = {"login": "web.sign_in.SignIn"}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if OPEN_SIGNUP else "optional" if HAS_MAIL else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Firsthand: "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_LOGIN_BY_CODE_ENABLED = HAS_MAIL
ACCOUNT_PREVENT_ENUMERATION = True
# Mail to unknown addresses would let a stranger have us write to whom they please.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True  # how long is ours to say
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = (
    {
        "login_failed": "10/m/ip,5/5m/key",
        "signup": "20/m/ip",
        "reset_password": "20/m/ip,5/m/key",
        "request_login_code": "20/m/ip,3/m/key",
    }
    if RATE_LIMITS
    else False
)
MFA_ADAPTER = "web.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Firsthand"
MFA_ALLOW_UNVERIFIED_EMAIL = not OPEN_SIGNUP
# Browsers take http://localhost for safe, the library does not.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_RATE_LIMITS = {"webauthn_login": "10/m/ip"} if RATE_LIMITS else False
# Who runs studies needs a second factor; see docs/decisions/0017.
REQUIRE_MFA = env.bool("REQUIRE_MFA", not (allowed.is_own(HOST) and allowed.is_own(SITE_URL)))

# -- API -----------------------------------------------------------------------

KNOX_TOKEN_MODEL = "studies.ApiToken"
MIGRATION_MODULES = {"knox": None}  # its own table is replaced by ours
REST_KNOX = {
    "TOKEN_MODEL": KNOX_TOKEN_MODEL,
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "fh_",
    "TOKEN_TTL": timedelta(days=90),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.as_json",
    "DEFAULT_METADATA_CLASS": None,  # the schema describes the API; OPTIONS is refused
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Firsthand API",
    "DESCRIPTION": "Judgments from the person an assistant is meant for.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

# -- Logs ----------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", "WARNING", validate=allowed.is_log_level)
LOG_FORMAT = env.str("LOG_FORMAT", "", validate=allowed.is_log_format)
LOGGING = logging_at(LOG_LEVEL, LOG_FORMAT)
