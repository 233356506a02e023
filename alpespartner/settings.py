"""Settings, all from the environment (or ``.env``); a missing or malformed one fails loudly.

The configuration table of docs/operacion.md lists every variable.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from celery.schedules import crontab
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from alpespartner.comun import limites, privado
from alpespartner.pruebas import ajustes as de_pruebas

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env.str("ALPES_ENV_FILE", str(BASE_DIR / ".env")))

# --- Sandbox --------------------------------------------------------------------------------------

# Whether this process is of the sandbox, which has nothing of the live site's.
PRUEBAS = env.bool("ALPES_PRUEBAS", False)
# Signs what the live site orders the sandbox: of both, and of nothing else.
PRUEBAS_LLAVE = de_pruebas.derivar(env.str("SECRET_KEY"), "pruebas.mensajes")
if PRUEBAS:
    try:
        env.ENVIRON = de_pruebas.entorno(env.ENVIRON, BASE_DIR / "data")
    except ValueError as exc:
        raise ImproperlyConfigured(str(exc)) from None
# Where the live site finds it; without it there is none.
PRUEBAS_URL = env.str("ALPES_PRUEBAS_URL", "")
if PRUEBAS_URL and not de_pruebas.es_direccion(PRUEBAS_URL):
    raise ImproperlyConfigured("ALPES_PRUEBAS_URL: como «http://127.0.0.1:8100», sin ruta.")
# After so many the sandbox empties itself.
PRUEBAS_DIAS = env.int("ALPES_PRUEBAS_DIAS", 90)
if PRUEBAS_DIAS < 1:
    raise ImproperlyConfigured("ALPES_PRUEBAS_DIAS: 1 o más.")

# --- Mode -----------------------------------------------------------------------------------------

# Set only by `make run`: allows demo credentials and plain HTTP on localhost.
DEMO = env.bool("ALPES_DEMO", False)
DEMO_ARCHIVO = env.str("ALPES_DEMO_ARCHIVO", str(BASE_DIR / "test_data_ids.json"))
HTTPS = env.bool("ALPES_HTTPS", not DEMO)
DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALPES_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("ALPES_ORIGENES", default=[])
# Sites whose pages may call the API from a browser, with a key of theirs.
CORS_ALLOWED_ORIGINS = env.list("ALPES_CORS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = (
    *default_headers,
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
)
CORS_EXPOSE_HEADERS = (
    "ETag", "Idempotent-Replayed", "Link", "RateLimit", "RateLimit-Policy", "Retry-After",
    "X-Modo", "X-Request-Id",
)  # fmt: skip
DATOS_DIR = Path(env.str("ALPES_DATOS", str(BASE_DIR / "data")))
try:
    privado.preparar(DATOS_DIR)
except OSError as exc:
    raise ImproperlyConfigured(f"ALPES_DATOS: la carpeta de datos no sirve: {exc}.") from None

# Encrypts bank data at rest: change it and what is stored cannot be read any more.
CLAVE_DATOS = env.str("ALPES_CLAVE_DATOS", SECRET_KEY)
# A changed account gets no money for this long, so that its owner can object.
CUENTA_HORAS_ESPERA = env.int("ALPES_CUENTA_HORAS_ESPERA", 72)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "alpespartner.comun",
    "outbox",
    "afiliados",
    "conversiones",
    "comisiones",
    "alpespartner.operacion",
    # Its templates, so that ours may stand in for those of a field.
    "django.forms",
]

MIDDLEWARE = [
    # The first: whatever answers, and whatever is logged, has the id of its request.
    "alpespartner.comun.web.identidad.IdDePeticion",
    "alpespartner.comun.web.cabeza.CabezaSinCuerpo",
    "django.middleware.security.SecurityMiddleware",
    "alpespartner.comun.web.politica.PoliticaDeContenido",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Files have theirs; why pages may be is in docs/seguridad.md.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "alpespartner.comun.acceso.puerta.Puerta",
    "alpespartner.comun.api.cuota.CabecerasDeCuota",
    "afiliados.api.uso.AnotaUsoDeClaves",
    # Before anything that reads a form.
    "alpespartner.comun.web.tamano.TamanoMaximo",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "alpespartner.urls_de_pruebas" if PRUEBAS else "alpespartner.urls"
WSGI_APPLICATION = "alpespartner.wsgi.application"

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
        },
    },
]

# --- Database -------------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": env.db_url(
        "ALPES_DATABASE_URL", default=f"sqlite:///{DATOS_DIR}/alpespartner.sqlite3"
    )
}
DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=False)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers take the lock when they begin, so that no transaction fails half-way with "locked",
    # and wait for each other. FULL: a committed transaction survives a power cut, too.
    DATABASES["default"]["ENGINE"] = "alpespartner.comun.db.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-16000;",
    }
    # On disk: threads of a test need connections of their own to the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATOS_DIR / "pruebas.sqlite3")}
else:
    if DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
        DATABASES["default"]["ENGINE"] = "alpespartner.comun.db.mysql"
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES', time_zone='+00:00'",
    }
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_0900_bin"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# MySQL has no unique index of some rows only: what would need one is written under a lock.
SILENCED_SYSTEM_CHECKS = ["models.W036"]

# --- Security -------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
# The probes of a load balancer come in plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]
# Who reads `/metrics` says it; without one only who asks from this machine does.
METRICAS_CLAVE = env.str("ALPES_METRICAS_CLAVE", "")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
DETRAS_DE_PROXY = env.bool("ALPES_DETRAS_DE_PROXY", False)
if DETRAS_DE_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Pages that take a file, and how large it may come with the rest of its form.
SUBIDAS = {
    "/admin/comisiones/extractobanco/add/": 11_000_000,
    "/admin/conversiones/importacion/add/": 6_000_000,
    "/admin/comisiones/ficherodecisiones/add/": 6_000_000,
}
CSRF_FAILURE_VIEW = "alpespartner.comun.web.paginas.sin_formulario"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["alpespartner.comun.acceso.contrasenas.ContrasenaLimitada"]
LOGIN_URL = reverse_lazy("admin:login")

# Outside the demo nobody of the staff enters without one.
SEGUNDO_FACTOR = env.bool("ALPES_SEGUNDO_FACTOR", not DEMO)
# Who gave proof of being there need not give it again, to move money, for this long.
REAUTENTICACION_MINUTOS = env.int("ALPES_REAUTENTICACION_MINUTOS", 15)
if REAUTENTICACION_MINUTOS < 1:
    raise ImproperlyConfigured("ALPES_REAUTENTICACION_MINUTOS: 1 o más.")
# Where the links of mails lead: never what a request says that the site is called.
URL = env.str(
    "ALPES_URL", f"{'https' if HTTPS else 'http'}://{(ALLOWED_HOSTS or ['localhost'])[0]}"
)
PASSWORD_RESET_TIMEOUT = 60 * 60
# Only the tables and the algorithms of this library are used: no page of its own is served.
MFA_ADAPTER = "alpespartner.comun.acceso.adaptador.Adaptador"
MFA_TOTP_ISSUER = "AlpesPartner"
# A clock that is half a minute off still gives codes that are taken.
MFA_TOTP_TOLERANCE = 1

# --- Language, time, files ------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Español")), ("en", _("Inglés"))]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["alpespartner.comun.formatos"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Nobody asks for a file by the name that has no digest of what it says.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["afiliados.api.autenticacion.AutenticacionClave"],
    "DEFAULT_PERMISSION_CLASSES": [
        # Before the others: what they refuse counts, too.
        "alpespartner.comun.api.cuota.DentroDeSuCuota",
        "alpespartner.comun.api.permisos.RequiereAlcance",
        "alpespartner.comun.api.parametros.ParametrosConocidos",
    ],
    "DEFAULT_PARSER_CLASSES": ["alpespartner.comun.api.parser.JSONDecimalParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "alpespartner.comun.api.paginacion.PaginacionCursor",
    "DEFAULT_FILTER_BACKENDS": ["alpespartner.comun.api.filtros.FiltrosDeLista"],
    "DEFAULT_SCHEMA_CLASS": "alpespartner.comun.api.esquema.EsquemaAPI",
    "DEFAULT_METADATA_CLASS": "alpespartner.comun.api.metadatos.DondeEstaElDocumento",
    "EXCEPTION_HANDLER": "alpespartner.comun.api.problemas.manejar_excepcion",
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 50,
}

# Requests of each key in a minute, all at once or one after another; 0: no limit.
API_POR_MINUTO = env.int("ALPES_API_POR_MINUTO", 6_000)
if not 0 <= API_POR_MINUTO <= 60_000_000:
    raise ImproperlyConfigured("ALPES_API_POR_MINUTO: peticiones por minuto, 0 sin límite.")

# How long an answered Idempotency-Key is remembered.
IDEMPOTENCIA_DIAS = env.int("ALPES_IDEMPOTENCIA_DIAS", 30)

SPECTACULAR_SETTINGS = {
    "TITLE": "AlpesPartner API",
    "DESCRIPTION": (
        "Affiliates, conversions and commissions. Money travels as decimal strings. Every error is "
        "`application/problem+json` with a stable `codigo`. Send `Idempotency-Key` with a POST to "
        "repeat it safely."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Tags say what an operation is about.
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "ENUM_NAME_OVERRIDES": {"EstadoDeUnoEnum": ["hecho", "rechazado"]},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "alpespartner.ejemplos.poner",
    ],
}

# --- Programme ------------------------------------------------------------------------------------

# Currency of amounts that come without one and belong to no campaign.
MONEDA = env.str("ALPES_MONEDA", "USD")


def _limites(
    variable: str, omision: str, leer: Callable[[str], limites.Limites], ejemplo: str
) -> limites.Limites:
    try:
        return leer(env.str(variable, omision).strip())
    except (ValueError, InvalidOperation):
        raise ImproperlyConfigured(f"{variable}: {ejemplo}.") from None


def _aprobacion(variable: str, omision: int) -> limites.Limites:
    propia = "*" if DEMO else f"{MONEDA} {omision}"
    return _limites(variable, propia, limites.por_moneda, "importes como «USD 500, COP 2000000»")


def _cambio_grande() -> limites.Limites:
    return _limites(
        "ALPES_CAMBIO_GRANDE", f"10 %, {MONEDA} 50", limites.por_moneda_y_puntos,
        "puntos e importes como «10 %, USD 50»",
    )  # fmt: skip


# How often it is told that a key was used; None: never.
USO_DE_CLAVES_CADA: timedelta | None = timedelta(minutes=1)
# What the keys of a holder may approve without a person: each commission, and those of a day.
APROBACION_CLAVE_POR_VENTA = _aprobacion("ALPES_APROBACION_CLAVE_POR_VENTA", 500)
APROBACION_CLAVE_POR_DIA = _aprobacion("ALPES_APROBACION_CLAVE_POR_DIA", 5000)
# What a person approves in a session, by currency, before showing again that they are there.
APROBACION_SESION = _aprobacion("ALPES_APROBACION_SESION", 5000)
# Up to how much one person alone says whose a sale is that was nobody's.
ASIGNAR_HASTA = _aprobacion("ALPES_ASIGNAR_HASTA", 500)
# How much one person alone may change of what an affiliate earns by. A currency that is not there
# always takes two, and so does who referred it.
CAMBIO_GRANDE = _cambio_grande()
# How far back a key with the scope for it may register sales that mature from their own date.
VENTAS_ANTIGUAS_DIAS = env.int("ALPES_VENTAS_ANTIGUAS_DIAS", 90)

# --- Events and tasks -----------------------------------------------------------------------------

# "embebido": the relay of this process group delivers the events. "pulsar": Debezium and Pulsar do.
# "manual": `publicar_outbox` takes them to Pulsar.
EVENTOS_TRANSPORTE = env.str("ALPES_EVENTOS_TRANSPORTE", "embebido")
if EVENTOS_TRANSPORTE not in ("embebido", "pulsar", "manual"):
    raise ImproperlyConfigured("ALPES_EVENTOS_TRANSPORTE: embebido, pulsar o manual.")
PULSAR_URL = env.str("ALPES_PULSAR_URL", "pulsar://127.0.0.1:6650")
PULSAR_ADMIN_URL = env.str("ALPES_PULSAR_ADMIN_URL", "http://127.0.0.1:8080")
# Older than this, an event that did not arrive counts as missing.
RECONCILIACION_SEGUNDOS = env.int("ALPES_RECONCILIACION_SEGUNDOS", 60)
EVENTO_MAX_BYTES = 1_000_000
# How often the embedded relay looks for committed events, in seconds.
RELEVO_PAUSA = 0.1
AUDITORIA_ARCHIVO = DATOS_DIR / "events.jsonl"
# What `purgar_outbox` takes out of the database.
ARCHIVO_DIR = DATOS_DIR / "archivo"
# For how long it is known what was sent to whom.
WEBHOOKS_DIAS = env.int("ALPES_WEBHOOKS_DIAS", 30)
if WEBHOOKS_DIAS < 7:
    # An event is tried for some three days.
    raise ImproperlyConfigured("ALPES_WEBHOOKS_DIAS: 7 o más.")
# For whoever develops a receiver: webhooks to this machine, and without TLS.
WEBHOOKS_LOCALES = env.bool("ALPES_WEBHOOKS_LOCALES", False)
if WEBHOOKS_LOCALES and not DEMO:
    raise ImproperlyConfigured("ALPES_WEBHOOKS_LOCALES: solo en la demostración (ALPES_DEMO).")

CELERY_BROKER_URL = env.str("ALPES_REDIS_URL", "memory://localhost/")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.1}
    if CELERY_BROKER_URL.startswith("memory")
    else {"visibility_timeout": 600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# In Redis 0 is first, which is what payments have, and 9 is last.
CELERY_TASK_ROUTES = {
    "notificaciones.enviar": {"priority": 9},
    "notificaciones.resumir": {"priority": 9},
    "simulaciones.avanzar": {"priority": 9},
    "importaciones.avanzar": {"priority": 9},
    "exportaciones.avanzar": {"priority": 9},
    # A worker of its own: it waits for other people's servers.
    "webhooks.enviar": {"queue": "webhooks"},
}

PAGOS_PASARELA = "comisiones.pagos.pasarelas.archivo.PasarelaArchivo"
# Gateways that a batch may name besides the default one.
PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.sepa.PasarelaSepa"]
# Without a key nobody is offered Stripe.
STRIPE_CLAVE = env.str("ALPES_STRIPE_CLAVE", "")
STRIPE_URL = env.str("ALPES_STRIPE_URL", "https://api.stripe.com")
# It signs the notices of Stripe; without it none is taken.
STRIPE_SECRETO_AVISOS = env.str("ALPES_STRIPE_SECRETO_AVISOS", "")
if STRIPE_CLAVE:
    PAGOS_OTRAS_PASARELAS.append("comisiones.pagos.pasarelas.stripe.PasarelaStripe")
# The account that SEPA transfers are paid from.
SEPA_NOMBRE = env.str("ALPES_SEPA_NOMBRE", "AlpesPartner")
SEPA_IBAN = env.str("ALPES_SEPA_IBAN", "")
SEPA_BIC = env.str("ALPES_SEPA_BIC", "")
# Approved commissions are paid as they mature; without it, only batches pay.
# Outside the demo money leaves only in a batch that a second person releases.
PAGOS_AUTOMATICOS = env.bool("ALPES_PAGOS_AUTOMATICOS", DEMO)
# Whether somebody who approved a commission of a batch may release it.
PAGOS_LIBERA_QUIEN_APROBO = env.bool("ALPES_PAGOS_LIBERA_QUIEN_APROBO", False)
PAGOS_DIR = DATOS_DIR / "pagos"
if PRUEBAS:
    PAGOS_PASARELA = "comisiones.pagos.pasarelas.prueba.PasarelaDePrueba"
    PAGOS_OTRAS_PASARELAS = []
# Who pays, as printed on each self-billing document.
EMISOR = {
    "nombre": env.str("ALPES_EMISOR_NOMBRE", "AlpesPartner"),
    "documento": env.str("ALPES_EMISOR_DOCUMENTO", ""),
    "direccion": env.str("ALPES_EMISOR_DIRECCION", ""),
}
# A payment that has been `enviando` for longer is asked about before anything is sent again.
PAGOS_SEGUNDOS_INCIERTO = env.int("ALPES_PAGOS_SEGUNDOS_INCIERTO", 60)
PAGOS_SEGUNDOS_BARRIDO = env.int("ALPES_PAGOS_SEGUNDOS_BARRIDO", 5)
PAGOS_SEGUNDOS_TRABAJOS = 1
# What comes every second is of no use later: a worker that was away does not find a pile of it.
_CADA_SEGUNDO: dict[str, Any] = {"schedule": PAGOS_SEGUNDOS_TRABAJOS, "options": {"expires": 5}}
CELERY_BEAT_SCHEDULE = {
    "barrer-pagos": {"task": "pagos.barrer", "schedule": PAGOS_SEGUNDOS_BARRIDO},
    "barrer-trabajos": {"task": "pagos.barrer_trabajos", **_CADA_SEGUNDO},
    "barrer-decisiones": {"task": "en_masa.barrer", **_CADA_SEGUNDO},
    "aprobar-por-politica": {"task": "aprobacion.barrer", "schedule": 60},
    "aplicar-condiciones": {"task": "afiliados.aplicar_condiciones", "schedule": 60},
    "olvidar-clics": {"task": "rastreo.olvidar", "schedule": 60},
    "tachar": {"task": "comun.tachar", "schedule": 60},
    "revocar-pruebas": {
        "task": "claves.revocar_pruebas",
        "schedule": 15,
        "options": {"expires": 15},
    },
    "reactivar-afiliados": {"task": "afiliados.reactivar", "schedule": 60},
    "finalizar-campanas": {"task": "campanas.finalizar", "schedule": 60},
    "barrer-presupuestos": {"task": "presupuestos.barrer", "schedule": 60},
    "barrer-mudanzas": {"task": "clientes.barrer", "schedule": 60},
    "barrer-devoluciones": {"task": "devoluciones.barrer", "schedule": 60},
    "sellar-libro": {"task": "libro.sellar", "schedule": 3600},
    "enviar-correo": {
        "task": "notificaciones.enviar",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "escribir-resumenes": {
        "task": "notificaciones.resumir",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "enviar-reportes": {"task": "reportes.barrer", "schedule": 60, "options": {"expires": 60}},
    "purgar-correo": {"task": "notificaciones.purgar", "schedule": 300},
    "barrer-importaciones": {"task": "importaciones.barrer", **_CADA_SEGUNDO},
    "barrer-simulaciones": {"task": "simulaciones.barrer", **_CADA_SEGUNDO},
    "barrer-exportaciones": {"task": "exportaciones.barrer", **_CADA_SEGUNDO},
    "purgar-exportaciones": {"task": "exportaciones.purgar", "schedule": 3600},
    "escribir-al-personal": {
        "task": "acceso.enviar_correo",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "purgar-sesiones": {"task": "acceso.purgar_sesiones", "schedule": 3600},
    "caducar-propuestas": {"task": "comun.caducar_propuestas", "schedule": 300},
    "purgar-idempotencia": {"task": "comun.purgar_idempotencia", "schedule": 3600},
    "recoger-clics": {"task": "rastreo.recoger", **_CADA_SEGUNDO},
    "cuidar-clics": {"task": "rastreo.cuidar", "schedule": 3600},
    "canario": {"task": "outbox.canario", "schedule": 60},
    "avanzar-flujo": {"task": "outbox.avanzar_flujo", **_CADA_SEGUNDO},
    "enviar-webhooks": {"task": "webhooks.enviar", **_CADA_SEGUNDO},
    "purgar-webhooks": {"task": "webhooks.purgar", "schedule": 3600},
    "vigilar": {"task": "monitor.vigilar", "schedule": 15, "options": {"expires": 15}},
    # When the office sleeps, and after the day of the ledger was sealed.
    "verificar-de-noche": {
        "task": "monitor.verificar",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"expires": 3600},
    },
}

if PRUEBAS:
    # Nobody is on duty there, and what nobody tries should cost little.
    for _tarea in ("vigilar", "verificar-de-noche", "revocar-pruebas"):
        del CELERY_BEAT_SCHEDULE[_tarea]
    CELERY_BEAT_SCHEDULE["purgar-pruebas"] = {"task": "pruebas.purgar", "schedule": 300}
    for _tarea, _cada in CELERY_BEAT_SCHEDULE.items():
        if _cada["schedule"] == 1:
            CELERY_BEAT_SCHEDULE[_tarea] = {**_cada, "schedule": 3}
    RELEVO_PAUSA = 0.5

# --- Links ----------------------------------------------------------------------------------------

# Clicks that no database has yet, one file of each process.
CLICS_DIR = DATOS_DIR / "clics"
# For how long clicks are kept, besides those of a campaign's window; how many there were, for ever.
CLICS_DIAS = env.int("ALPES_CLICS_DIAS", 180)
if CLICS_DIAS < 1:
    raise ImproperlyConfigured("ALPES_CLICS_DIAS: 1 o más.")

# --- Mail -----------------------------------------------------------------------------------------

# Without a server each mail becomes a file under data/correo/.
vars().update(env.email_url("ALPES_EMAIL_URL", default="filemail://"))
if vars()["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
    EMAIL_BACKEND = "alpespartner.comun.correo.CorreoEnFicheros"
EMAIL_FILE_PATH = str(DATOS_DIR / "correo")
DEFAULT_FROM_EMAIL = env.str("ALPES_REMITENTE", "programa@localhost")
# A server that does not answer must not keep the task that sends.
EMAIL_TIMEOUT = 20
# Whose hours mails tell, and at which of them the digests are due.
ZONA = env.str("ALPES_ZONA", "UTC")
try:
    ZoneInfo(ZONA)
except (ValueError, OSError, ZoneInfoNotFoundError):
    raise ImproperlyConfigured(
        "ALPES_ZONA: el nombre de una zona horaria, como «America/Bogota»."
    ) from None
RESUMEN_HORA = env.int("ALPES_RESUMEN_HORA", 8)
if not 0 <= RESUMEN_HORA <= 23:
    raise ImproperlyConfigured("ALPES_RESUMEN_HORA: una hora de 0 a 23.")
# For how long it is known what was sent.
CORREO_DIAS = env.int("ALPES_CORREO_DIAS", 180)
if CORREO_DIAS < 1:
    raise ImproperlyConfigured("ALPES_CORREO_DIAS: 1 o más.")

# --- Logs -----------------------------------------------------------------------------------------

# A level, or «json» for lines that are documents and follow each request, event and task; or both,
# as «json:WARNING».
_forma, _dos_puntos, _nivel = env.str("ALPES_LOG", "INFO").rpartition(":")
if _nivel.lower() == "json":
    _forma, _nivel = "json", "INFO"
if _forma.lower() not in ("", "json") or _nivel.upper() not in logging.getLevelNamesMapping():
    raise ImproperlyConfigured("ALPES_LOG: un nivel como INFO, «json», o «json:WARNING».")
LOG_JSON = _forma.lower() == "json"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "linea": {
            "format": "{asctime} {levelname} {name} [{peticion}] {message}",
            "style": "{",
        },
        "json": {"()": "alpespartner.comun.web.registro.FormatoJSON"},
    },
    "filters": {
        "sin_traza": {"()": "alpespartner.comun.web.registro.SinTraza"},
        "con_peticion": {"()": "alpespartner.comun.web.registro.ConPeticion"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_JSON else "linea",
            "filters": ["sin_traza", "con_peticion"],
        }
    },
    "root": {"handlers": ["stderr"], "level": _nivel.upper()},
    "loggers": {
        # A line for each request, event and task: only for whoever gathers them.
        "rastro": {"level": _nivel.upper() if LOG_JSON else "ERROR"},
        # Its warnings repeat every refused request; the web server's access log has them already.
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        # It tells each request, and what Stripe says of one may name an account.
        "stripe": {"level": "ERROR"},
        # They tell each step of each document.
        "weasyprint.progress": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}

# --- Admin ----------------------------------------------------------------------------------------

LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

UNFOLD = {
    "ACCOUNT": {"navigation": "alpespartner.panel.enlaces_de_la_cuenta"},
    "LOGIN": {"form": "alpespartner.comun.acceso.formularios.FormularioDeAcceso"},
    "SITE_TITLE": "AlpesPartner",
    "SITE_HEADER": "AlpesPartner",
    "SITE_LOGO": "alpespartner.panel.logo",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "alpespartner.panel.icono"},
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "alpespartner.panel.entorno",
    "DASHBOARD_CALLBACK": "alpespartner.panel.tablero",
    "STYLES": ["alpespartner.panel.hoja_de_estilo"],
    "SCRIPTS": ["alpespartner.panel.guion_de_la_paleta", "alpespartner.panel.guion_de_las_ayudas"],
    "SIDEBAR": {"navigation": "alpespartner.panel.navegacion", "show_search": True},
    "COLORS": {
        "primary": {
            "50": "#f0fdfa", "100": "#ccfbf1", "200": "#99f6e4", "300": "#5eead4",
            "400": "#2dd4bf", "500": "#14b8a6", "600": "#0f766e", "700": "#115e59",
            "800": "#134e4a", "900": "#134e4a", "950": "#042f2e",
        },
    },
}  # fmt: skip
