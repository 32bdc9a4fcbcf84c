"""Settings of the console; everything that differs between machines comes from the environment."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from celery.schedules import crontab

from console import names, secrets
from console.look import UNFOLD  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("CONSOLE_HOME", BASE_DIR / ".console"))

_secrets = secrets.load(HOME)
SECRET_KEY = _secrets.secret_key
LINK_KEY = _secrets.link_key
HOST = names.host()
# A name that many shells set; its error pages show source and settings, so it counts on this machine alone.
DEBUG = os.environ.get("DEBUG") == "1" and HOST in ("127.0.0.1", "localhost", "::1")
PORT = names.port("PORT", 8000)
ALLOWED_HOSTS = names.allowed()
CSRF_FAILURE_VIEW = "staffing.sessions.csrf_failure"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("TRUSTED_ORIGINS", "").split(",") if origin]
BASE_URL = names.base_url()
BEHIND_TLS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "console",
    "unfold",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "channels",
    "django_htmx",
    "auditlog",
    "playbooks",
    "staffing",
    "notices",
    "incident",
    "planroom",
    "dutyroom",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.middleware.SecurityHeaders",
    "console.middleware.RefuseChunkedBodies",
    "console.middleware.RefuseNullCharacters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staffing.middleware.UserLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "staffing.sessions.SignInAgain",
    "console.middleware.DatabaseGone",
]

ROOT_URLCONF = "console.urls"
ASGI_APPLICATION = "console.asgi.application"
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
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """Django's words for a postgresql:// URL; the host may be a folder with a unix socket (?host=/path)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "console",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Only WSGI threads and Celery workers hold connections, a fixed number of each.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, **query},
        # The suite may run in several processes, each with a database of its own.
        "TEST": {"NAME": os.environ.get("TEST_DATABASE", f"test_{unquote(parts.path.lstrip('/')) or 'console'}")},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///console"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
AMI_URL = os.environ.get("AMI_URL", "")  # ami://user:secret@host:5038; empty: no Asterisk is listened to


def broker(url: str) -> str:
    """Kombu's words for the same server: it wants redis+socket:// where redis-py wants unix://."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1}], "prefix": "console"},
    }
}

CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # beat asks again within a second; a poison message must not loop
CELERY_TASK_DEFAULT_QUEUE = "timers"
CELERY_TASK_ROUTES = {"incident.tasks.deliver": {"queue": "notify"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_LOST_WAIT = 0.5  # a child killed at work blocks its place for so long; no result is waited for
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away for an hour; the worker waits
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # tasks are short, and safe to run twice
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_policy": {"timeout": 2.0},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.05}
CELERY_DB_REUSE_MAX = 1000
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    # A tick not taken within two seconds is worth nothing: the next one does the same work.
    "sweep": {"task": "incident.tasks.sweep", "schedule": 1.0, "options": {"expires": 2.0, "queue": "timers"}},
    "deliver": {"task": "incident.tasks.deliver", "schedule": 1.0, "options": {"expires": 2.0, "queue": "notify"}},
    "purge": {"task": "incident.tasks.purge", "schedule": crontab(hour=19, minute=20), "options": {"queue": "timers"}},
}

AUTH_USER_MODEL = "staffing.User"
AUTHENTICATION_BACKENDS = ["staffing.rights.MembershipBackend"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = 14 * 3600  # one shift and its handover
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BEHIND_TLS else 0

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served straight from the source folders and packages: no collect step, on a laptop as on a server.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0

EMAIL_HOST = os.environ.get("SMTP_HOST", "")  # empty: no mail leaves, and every try says so
EMAIL_PORT = names.port("SMTP_PORT", 25)
EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("SMTP_TLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("SMTP_FROM", "console@example.invalid")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
LARGEST_REQUEST = 2 * 1024 * 1024 + 128 * 1024  # a roster file of 2 MB with its form around it
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    # A traceback a second while the broker is away; the hub says it once, and goes on without.
    "loggers": {"channels_redis.pubsub": {"level": "CRITICAL"}},
}

# The library would believe any X-Forwarded-For; who and when are enough.
AUDITLOG_DISABLE_REMOTE_ADDR = True
AUDITLOG_USE_FK_STRING_REPRESENTATION = True  # a name says more than a number, and stays when the row is gone
