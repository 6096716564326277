# The dashboard, built by `python -m deploy dashboard` from a folder with requirements.txt and the rooms it needs.
ARG BASE
ARG SERVICE
FROM ${SERVICE} AS service

FROM ${BASE} AS packages
RUN python -m venv /opt/octroi
COPY requirements.txt /tmp/
WORKDIR /opt/octroi
# Wheels alone, each held against its hash. A read-only root keeps no bytecode later on.
RUN bin/pip install --require-hashes --no-deps --only-binary :all: --no-compile --no-cache-dir \
        --disable-pip-version-check --requirement /tmp/requirements.txt && \
    bin/pip uninstall --yes setuptools pip && \
    find lib -type d -name tests -prune -exec rm -r {} + && \
    python -m compileall -q -j 0 --invalidation-mode unchecked-hash lib

FROM ${BASE}
RUN echo 'octroi:x:1000:1000::/home/octroi:/usr/sbin/nologin' >> /etc/passwd && \
    echo 'octroi:x:1000:' >> /etc/group && \
    install --directory --owner 1000 --group 1000 /var/lib/octroi
COPY --from=packages /opt/octroi /opt/octroi
# What decisions are made again with: the model of the service's image.
COPY --from=service /opt/bento/models /opt/bentoml/models
COPY rooms /opt/dashboard
ENV PATH=/opt/octroi/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    BENTOML_DO_NOT_TRACK=True \
    WHYLOGS_NO_ANALYTICS=True \
    BENTOML_HOME=/opt/bentoml \
    OCTROI_DATA=/var/lib/octroi
# BentoML makes its folders the first time it is asked for a model; later the root is read-only.
RUN python -c "import bentoml; bentoml.models.list()" && \
    python -m compileall -q --invalidation-mode unchecked-hash /opt/dashboard && \
    chmod -R a+rX /opt/bentoml /opt/dashboard
VOLUME /var/lib/octroi
USER 1000:1000
WORKDIR /opt/dashboard
EXPOSE 8501
ENTRYPOINT ["python", "-m", "dashboard", "serve", "--host", "0.0.0.0"]
