# The published image: the package as npm has it, on a Node image. .github/workflows/image.yml builds it for amd64 and arm64,
# docs/containers.md says how to run it, and test/container/run.sh builds and runs it without a container engine.

# Any image with npm, Node 20 or newer, and glibc: workerd does not run on musl (Alpine).
ARG BASE=node:24-bookworm-slim

# Runs on the machine that builds, whatever architecture the image is for: npm only fetches workerd for the other one.
FROM --platform=$BUILDPLATFORM ${BASE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
COPY tools tools
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm pack
ARG TARGETARCH
RUN npm install --global --prefix /installed --ignore-scripts --no-audit --no-fund --os=linux --libc=glibc \
      --cpu="$(echo "$TARGETARCH" | sed s/amd64/x64/)" ./identity-edge-*.tgz \
 && mkdir /data

FROM ${BASE}
COPY --from=build /installed /usr/local
# By number: not every base has a user of that id, and Kubernetes' runAsNonRoot takes no names.
COPY --from=build --chown=1000:1000 /data /data
USER 1000:1000
WORKDIR /data
ENV STATE_DIR=/data
VOLUME /data
EXPOSE 8787
# Not `fetch`: under HTTPS=true the certificate is the server's own.
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s CMD ["node", "-e", "\
const { HTTPS, PORT = 8787 } = process.env; \
const options = { host: '127.0.0.1', port: PORT, path: '/health', rejectUnauthorized: false }; \
require(HTTPS === 'true' ? 'https' : 'http').get(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)) \
  .on('error', () => process.exit(1))"]
ENTRYPOINT ["identity-edge"]
CMD ["--host", "0.0.0.0"]
