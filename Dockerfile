# bindhssd, bindhssctl and bindhss-emu on Debian 12, with PostgreSQL for the private database.
#
#   docker build -t bindhss .
#   docker run -v bindhss:/var/lib/bindhss -v ./bindhssd.yaml:/etc/bindhss/bindhssd.yaml:ro -p 3868:3868 bindhss
FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
COPY scripts/lib.sh /src/scripts/lib.sh
RUN bash -c '. /src/scripts/lib.sh && apt-get update -qq && \
    apt-get install -y -qq --no-install-recommends $packages_build'
COPY . /src
RUN cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBINDHSS_TESTS=OFF \
        -DCMAKE_INSTALL_PREFIX=/usr && \
    cmake --build /build && DESTDIR=/install cmake --install /build --strip && \
    install -D -m 644 /install/usr/share/bindhss/bindhssd.yaml /install/etc/bindhss/bindhssd.yaml

FROM debian:bookworm-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        libfdproto6 libfdcore6 freediameter-extensions libpqxx-6.4 libspdlog1.10 libfmt9 libyaml-cpp0.7 \
        libboost-json1.81.0 libssl3 libsystemd0 postgresql-15 && \
    rm -rf /var/lib/apt/lists/* /var/lib/postgresql && \
    useradd --system --home-dir /var/lib/bindhss --create-home bindhss
COPY --from=build /install/ /
USER bindhss
VOLUME /var/lib/bindhss
EXPOSE 3868 5868
# Peers are refused until diameter.peers names them: mount a configuration over this one.
ENTRYPOINT ["/usr/bin/bindhssd"]
