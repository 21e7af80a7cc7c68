import { either, flag, list, mapping, matching, oneOf, record, text, whole } from './shape.js';

// The parts of the Compose Specification (github.com/compose-spec/compose-spec, spec.md) that our
// files use. Compose itself refuses an unknown key; so does this.

const duration = matching('a duration', /^(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/);
const size = matching('a size', /^\d+[bkmg]$/);
const port = matching('a port mapping', /^(?:(?:\d{1,3}\.){3}\d{1,3}:)?\d{1,5}:\d{1,5}$/);
/** `volume:/folder` or `./file:/folder`, read-only or not. */
const mount = matching('a mount', /^(?:[a-z][a-z0-9-]*|\.[\w./-]+):\/[\w./-]+(?::ro)?$/);
const tmpfs = matching('a tmpfs mount', /^\/[\w/]+(?::(?:size=\d+[kmg]|mode=[0-7]{3,4}|,)+)?$/);
const name = matching('a name', /^[a-z][a-z0-9_-]*$/);
/** What is no text after parsing would reach the process as something else than was written. */
const environment = record(text);

const healthcheck = mapping(
  {
    test: either(list(text), matching('a command', /./)),
  },
  { interval: duration, timeout: duration, start_period: duration, retries: whole },
);

const condition = oneOf('service_healthy', 'service_completed_successfully', 'service_started');

const service = mapping(
  { image: text },
  {
    build: mapping({ context: text }, { dockerfile: text }),
    cap_drop: list(oneOf('ALL')),
    command: list(text),
    configs: list(mapping({ source: name, target: matching('an absolute path', /^\//) }, {})),
    depends_on: record(mapping({ condition }, {})),
    deploy: mapping({ replicas: whole }, {}),
    entrypoint: list(text),
    environment,
    healthcheck,
    init: flag,
    logging: mapping({ driver: text }, { options: record(text) }),
    mem_limit: size,
    networks: list(name),
    pids_limit: whole,
    ports: list(port),
    read_only: flag,
    restart: oneOf('unless-stopped', 'on-failure', 'always', 'no'),
    secrets: list(name),
    security_opt: list(oneOf('no-new-privileges:true')),
    stop_grace_period: duration,
    tmpfs: list(tmpfs),
    ulimits: record(mapping({ soft: whole, hard: whole }, {})),
    user: matching('user and group by number', /^\d+:\d+$/),
    volumes: list(mount),
  },
);

const file = mapping({ file: matching('a file beside', /^\.\/[\w./-]+$/) }, {});
const nothing = mapping({}, {});

/** A Compose file as we write them; `x-` members are checked where they are merged into. */
export const composeFile = mapping(
  { name: text, services: record(service) },
  {
    configs: record(file),
    networks: record(mapping({}, { internal: flag })),
    secrets: record(file),
    volumes: record(nothing),
  },
);
