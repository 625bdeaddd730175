# The production image: dependencies are built in one stage, and only the result is kept.
FROM python:3.11-slim AS dependencies
WORKDIR /site
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
# The models' client trusts the system's certificates.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin firsthand \
    && install -d -o firsthand -g firsthand /data
COPY --from=dependencies /venv /venv
WORKDIR /site
COPY . .
# Who runs the site can't write here, so each process would compile it again.
RUN python -m compileall -q .
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0
USER firsthand
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "config.server"]
