# One image for every Airflow component: rostersync, what it needs to run from a lock of its own, byte-code compiled.
# The Python is the one that the lock is made for and the tests run with.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /opt/rostersync
COPY requirements-image.lock ./
RUN /opt/venv/bin/pip install --no-deps --require-hashes -r requirements-image.lock
COPY pyproject.toml README.md ./
COPY plugins ./plugins
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation . \
    && /opt/venv/bin/python -m compileall -q /opt/venv plugins

FROM python:3.11-slim-bookworm AS airflow
# tini ends what a killed task leaves behind; a new volume belongs to who owns the folder it is mounted on (logs)
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --create-home --home-dir /home/airflow airflow \
    && install -d -o airflow -g airflow /opt/airflow /opt/airflow/logs
COPY --from=build /opt/venv /opt/venv
COPY docker/airflow /usr/local/bin/
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
COPY docker/sftp/accounts docker/sftp/log docker/sftp/quota docker/sftp/start /usr/local/bin/
EXPOSE 2222
CMD ["/usr/local/bin/start"]
