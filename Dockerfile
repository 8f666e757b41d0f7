# Taskstream as a container. Runs as an unprivileged user and keeps its database in /data.
#
#   docker build -t taskstream .
#   docker run -p 8000:8000 -v taskstream:/data taskstream

FROM denoland/deno:2.9.6 AS build
WORKDIR /app
ENV DENO_DIR=/deno-dir
# Dependencies first: this layer is rebuilt only when they change.
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY . .
RUN deno task build && deno cache main.ts
RUN mkdir /data

# Contains Deno and its libraries, without a shell or package manager.
FROM denoland/deno:distroless-2.9.6
WORKDIR /app
COPY --from=build --chown=65532:65532 /deno-dir /deno-dir
COPY --from=build --chown=65532:65532 /app /app
# A new volume takes its owner from this folder. Without it the owner is root, and only root can write.
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV DENO_DIR=/deno-dir HOST=0.0.0.0 PORT=8000 KV_PATH=/data/taskstream.db LOG_FORMAT=json
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["deno", "eval", "(await fetch(`http://127.0.0.1:${Deno.env.get('PORT')}/healthz`)).ok || Deno.exit(1)"]
# docs/operate/deploy.md says what the flag of V8 is for.
ENTRYPOINT ["deno", "run", "--cached-only", "--no-prompt", "--v8-flags=--max-semi-space-size=8", \
  "--allow-net", "--allow-env", "--allow-read", "--allow-write=/data", "--allow-sys", "main.ts"]
