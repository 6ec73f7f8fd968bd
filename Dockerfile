# SPDX-License-Identifier: Apache-2.0
# bindhssd and bindhssctl on nothing but the libraries that they need, for a PostgreSQL of yours: docs/containers.md.
#
#   docker build -t bindhss .                        compiles; a few minutes to a quarter of an hour
#   docker build -t bindhss --build-arg PACKAGE=build/image/bindhss_0.1.0-1_amd64.deb .
#                                                    takes a package that scripts/package made
#   docker build -t bindhss-emu --target emulator .  the emulator, with a shell
ARG DEBIAN=docker.io/library/debian:bookworm-slim

# --- package: the Debian package, made here or given ---
FROM ${DEBIAN} AS package
ARG PACKAGE=
ENV DEBIAN_FRONTEND=noninteractive
COPY scripts/lib.sh /src/scripts/lib.sh
RUN [ -n "$PACKAGE" ] || bash -c '. /src/scripts/lib.sh && need $packages_build $packages_package'
COPY . /src
RUN mkdir /package && cd /src && \
    if [ -n "$PACKAGE" ]; then cp "$PACKAGE" /package/; else scripts/package && cp build/package/*.deb /package/; fi

# --- emulator: everything of the package, to play with ---
FROM ${DEBIAN} AS emulator
ENV DEBIAN_FRONTEND=noninteractive
COPY --from=package /package /package
# The user has the same number in every image, so that volumes can be shared.
RUN groupadd --system --gid 868 bindhss && \
    useradd --system --uid 868 --gid bindhss --home-dir /var/lib/bindhss --shell /usr/sbin/nologin bindhss && \
    apt-get update -qq && apt-get install -y -qq --no-install-recommends /package/*.deb ca-certificates && \
    rm -rf /package /var/lib/apt/lists/*
USER 868:868
ENTRYPOINT ["/usr/bin/bindhss-emu"]

# --- root: what of it a daemon needs ---
FROM emulator AS root
USER root
COPY packaging/container/collect /usr/local/bin/collect
RUN collect /root-of-image

# --- the daemon ---
FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="BindHSS" \
      org.opencontainers.image.description="Home Subscriber Server that ties SIM cards to devices" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
COPY --from=root /root-of-image/ /
USER 868:868
VOLUME /var/lib/bindhss
# Diameter by TCP and by TLS, provisioning by HTTPS, metrics and health.
EXPOSE 3868 5868 8443 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/bin/bindhssctl", "status"]
# Peers are refused until diameter.peers names them, and there is no PostgreSQL in here: mount a configuration over
# /etc/bindhss/bindhssd.yaml that has both.
ENTRYPOINT ["/usr/bin/bindhssd"]
