# The Django project: web, worker, beat, consumers and the one-shot jobs, one image.
FROM python:3.11-slim AS construccion
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        default-libmysqlclient-dev gcc gettext pkg-config \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/
# The tests' tools stay out: everything from this heading on.
RUN sed '/^# Its tests and checks/,$d' /tmp/requirements.txt >/tmp/producto.txt \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --requirement /tmp/producto.txt
COPY . /app
WORKDIR /app
# The key is for these two commands only; none stays in the image.
RUN export SECRET_KEY=construccion ALPES_DATOS=/tmp/datos \
    && if [ -d locale ]; then /venv/bin/python manage.py compilemessages; fi \
    && /venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-dejavu-core fonts-symbola fonts-unifont fonts-wqy-microhei \
        libharfbuzz-subset0 libmariadb3 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home alpes \
    && install -d -o alpes /datos
COPY --from=construccion /venv /venv
COPY --from=construccion /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ALPES_DATOS=/datos
USER alpes
WORKDIR /app
EXPOSE 8000
CMD ["gunicorn", "alpespartner.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", \
    "--threads=4", "--no-control-socket"]
