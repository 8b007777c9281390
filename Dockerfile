# The application's image: web, worker and beat are three commands of it.

FROM python:3.11-slim-bookworm AS libraries
ENV UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.production.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes -r requirements.production.lock \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=erbm.settings.production \
    STATIC_ROOT=/srv/static \
    MEDIA_ROOT=/srv/media \
    VAR_DIR=/srv/var
RUN groupadd --gid 1000 erbm \
    && useradd --uid 1000 --gid erbm --no-create-home --shell /usr/sbin/nologin erbm \
    && install --directory --owner erbm --group erbm /srv/static /srv/media /srv/var
WORKDIR /srv/erbm
COPY --from=libraries /opt/venv /opt/venv
COPY . .
USER 1000:1000
# Collecting asks for no database and no secret: the development's settings do.
RUN DJANGO_SETTINGS_MODULE=erbm.settings.dev DEBUG=0 \
    python manage.py collectstatic --no-input --verbosity 0
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
