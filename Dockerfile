# One image for every Airflow component: rostersync, its dependencies from the lock, byte-code compiled.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /opt/rostersync
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY plugins ./plugins
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation . \
    && /opt/venv/bin/python -m compileall -q /opt/venv plugins

FROM python:3.12-slim-bookworm AS airflow
# tini ends what a killed task leaves behind
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --create-home --home-dir /home/airflow airflow \
    && install -d -o airflow -g airflow /opt/airflow
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/rostersync
COPY --from=build /opt/rostersync/plugins ./plugins
COPY dags ./dags
COPY include ./include
COPY expectations ./expectations
ENV PATH=/opt/venv/bin:$PATH TZ=UTC LANG=C.UTF-8 AIRFLOW_HOME=/opt/airflow ROSTERSYNC_HOME=/opt/rostersync \
    GX_ANALYTICS_ENABLED=false
USER 50000
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]

# The districts' accounts: OpenSSH's own SFTP, each in a folder of its own. sshd needs root to change into it.
FROM debian:bookworm-slim AS sftp
RUN apt-get update && apt-get install -y --no-install-recommends openssh-server netcat-openbsd \
    && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* && install -d -m 0755 /run/sshd
COPY docker/sftp/sshd_config /etc/ssh/sshd_config
COPY docker/sftp/start /usr/local/bin/start
EXPOSE 2222
CMD ["/usr/local/bin/start"]
