# The Django project: web, worker, beat, consumers and the one-shot jobs, one image.
FROM python:3.11-slim-bookworm AS construccion
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        default-libmysqlclient-dev gcc pkg-config \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/
# The tests' tools stay out: everything from this heading on.
RUN sed '/^# Its tests and checks/,$d' /tmp/requirements.txt >/tmp/producto.txt \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-compile --requirement /tmp/producto.txt \
    # Of the libraries' texts, our two languages; no sources in C, and no symbols but those it needs.
    && find /venv/lib -type d -regex '.*/locales?/[^/]+' ! -name 'e[ns]*' ! -name __pycache__ \
        -prune -exec rm -r {} + \
    && find /venv/lib -path '*/pyphen/dictionaries/*' ! -name 'hyph_e[ns]*' -delete \
    && find /venv/lib -name '*.c' -delete \
    && find /venv/lib \( -name '*.cpython-*.so' -o -name '*.abi3.so' \) \
        -exec strip --strip-unneeded {} +
COPY . /app
WORKDIR /app
# The key is for these commands only; none stays in the image. Bytecode is kept of what is imported.
RUN export SECRET_KEY=0123456789abcdef0123456789abcdef ALPES_DATOS=/tmp/datos \
    && /venv/bin/python scripts/compilar_textos.py \
    # Not those of pages that are not there: another reader of the document, the API as pages.
    && /venv/bin/python manage.py collectstatic --noinput --ignore redoc --ignore rest_framework \
    && /venv/bin/python manage.py check \
    && /venv/bin/python -c 'import celery.bin.celery, gunicorn.app.wsgiapp, gunicorn.workers.gthread, \
MySQLdb, PIL.Image, brotli, fontTools.misc.bezierTools, fontTools.ttLib, pulsar, redis, alpespartner.wsgi' \
    # The files of pages are served from where they were collected.
    && rm -r /venv/lib/python3*/site-packages/django/contrib/admin/static \
        /venv/lib/python3*/site-packages/drf_spectacular_sidecar/static \
        /venv/lib/python3*/site-packages/rest_framework/static \
        /venv/lib/python3*/site-packages/unfold/static \
    && /venv/bin/python -m pip uninstall --yes --quiet pip setuptools

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-dejavu-core fonts-symbola fonts-unifont fonts-wqy-microhei \
        libharfbuzz-subset0 libmariadb3 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home alpes \
    && install -d -o alpes /datos
COPY --from=construccion /venv /venv
COPY --from=construccion /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ALPES_DATOS=/datos \
    XDG_CACHE_HOME=/tmp
USER alpes
WORKDIR /app
EXPOSE 8000
CMD ["gunicorn", "alpespartner.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", \
    "--threads=4", "--no-control-socket"]
