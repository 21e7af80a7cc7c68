/** A change to one file that breaks a rule, and what the rule must then say, and nothing else. */
export type DeployProof = {
  readonly rule: string;
  readonly file: string;
  /** Each first occurrence is replaced; all must be there. */
  readonly changes: readonly (readonly [from: string, to: string])[];
  readonly says: readonly RegExp[];
};

const SERVERS = 'deploy/compose/servers.yaml';
const EMBEDDED = 'deploy/compose/embedded.yaml';
const DOCKERFILE = 'deploy/Dockerfile';
const API = 'deploy/kubernetes/api.yaml';
const SEQUENCER = 'deploy/kubernetes/sequencer.yaml';
const WORKER = 'deploy/kubernetes/worker.yaml';

export function proof(
  rule: string,
  file: string,
  change: readonly [from: string, to: string],
  ...says: readonly RegExp[]
): DeployProof {
  return { rule, file, changes: [change], says };
}

const COMPOSE_PROOFS: readonly DeployProof[] = [
  proof(
    'YAML is read without a doubt',
    EMBEDDED,
    ['init: true', 'init: true\n    init: true'],
    /unique/,
  ),
  proof('YAML is read without a doubt', EMBEDDED, ['[tokens]', '[tokens'], /must/, /./),
  proof(
    'Compose files have the shape of the specification',
    EMBEDDED,
    ['read_only: true', 'readonly: true'],
    /services\.standalone\.readonly: unknown key/,
  ),
  proof(
    'Compose files have the shape of the specification',
    SERVERS,
    ['interval: 10s', 'interval: 10 seconds'],
    /api\.healthcheck\.interval: "10 seconds" is not a duration/,
    /projector\.healthcheck/,
    /worker\.healthcheck/,
    /sequencer\.healthcheck/,
  ),
  proof(
    'Compose files have the shape of the specification',
    SERVERS,
    ["EVENTSTORE_CLUSTER_SIZE: '1'", 'EVENTSTORE_CLUSTER_SIZE: 1'],
    /EVENTSTORE_CLUSTER_SIZE: 1 is not a text/,
  ),
  proof(
    'Compose files have the shape of the specification',
    SERVERS,
    ['condition: service_completed_successfully', 'condition: service_ended'],
    /api\.depends_on\.mongodb-set\.condition/,
    /projector\.depends_on/,
    /worker\.depends_on/,
    /sequencer\.depends_on/,
  ),
  proof(
    'files that Compose mounts exist',
    SERVERS,
    ['./redis.conf', './reddis.conf'],
    /no deploy\/compose\/reddis\.conf/,
  ),
  proof(
    'files that Compose mounts exist',
    SERVERS,
    ['./secrets/redis-url', './secrets/redis-uri'],
    /no deploy\/compose\/secrets\/redis-uri/,
  ),
  proof(
    'what a Compose service names is declared',
    SERVERS,
    ['networks: [inside, outside]', 'networks: [inside, world]'],
    /networks\.world is not declared/,
    /networks\.outside is not used/,
  ),
  proof(
    'what a Compose service names is declared',
    EMBEDDED,
    ['data:/data', 'store:/data'],
    /volumes\.store is not declared/,
    /volumes\.data is not used/,
  ),
  proof(
    'paths of secrets lead to secrets of the service',
    SERVERS,
    ['secrets: [ca, eventstore_url, mongodb_url, tokens]', 'secrets: [ca, mongodb_url, tokens]'],
    /api reads the secret eventstore_url and does not get it/,
  ),
  proof(
    'paths of secrets lead to secrets of the service',
    'deploy/compose/redis.conf',
    ['/run/secrets/redis_key', '/run/secrets/redis_private'],
    /redis reads the secret redis_private/,
  ),
  proof(
    'Compose waits for what can be waited for',
    SERVERS,
    ['redis: { condition: service_healthy }', 'valkey: { condition: service_healthy }'],
    /worker waits for valkey, which is not there/,
  ),
  proof(
    'Compose services are contained',
    EMBEDDED,
    ['cap_drop: [ALL]', 'cap_drop: []'],
    /standalone is without cap_drop/,
  ),
  proof(
    'Compose services are contained',
    EMBEDDED,
    ['    mem_limit: 1g\n', ''],
    /without mem_limit/,
  ),
  proof(
    'Compose opens no port but that of the proxy',
    EMBEDDED,
    ['127.0.0.1:3000:3000', '3000:3000'],
    /standalone opens 3000:3000/,
  ),
];

const DOCKERFILE_PROOFS: readonly DeployProof[] = [
  proof(
    'the Dockerfile holds known instructions only',
    DOCKERFILE,
    ['COPY package.json LICENSE', 'ADD package.json LICENSE'],
    /ADD$/,
  ),
  proof(
    'the image stands on a pinned one',
    DOCKERFILE,
    ['node:20.20.2-bookworm-slim', 'node:latest'],
    /node:latest is not pinned/,
  ),
  proof(
    'the image runs as nobody in particular',
    DOCKERFILE,
    ['USER 10001:10001', 'USER root'],
    /runs as root/,
  ),
  proof(
    'the image runs as nobody in particular',
    DOCKERFILE,
    ['USER 10001:10001\n', ''],
    /runs as root/,
  ),
  proof(
    'the image says how it runs',
    DOCKERFILE,
    ['CMD ["standalone"]', 'CMD standalone'],
    /goes through a shell/,
  ),
  proof('the image says how it runs', DOCKERFILE, ['STOPSIGNAL SIGTERM\n', ''], /no STOPSIGNAL/),
  proof(
    'the image installs what is locked, and runs no script of it',
    DOCKERFILE,
    ['npm ci --ignore-scripts', 'npm ci'],
    /not npm ci --ignore-scripts/,
  ),
  proof(
    'the image installs what is locked, and runs no script of it',
    DOCKERFILE,
    ['npm ci --ignore-scripts', 'npm install --ignore-scripts'],
    /not npm ci --ignore-scripts/,
  ),
  proof(
    'the image holds production packages and the build only',
    DOCKERFILE,
    ['npm ci --omit=dev', 'npm ci'],
    /node_modules with development packages/,
  ),
  proof(
    'the image holds production packages and the build only',
    DOCKERFILE,
    ['COPY package.json LICENSE NOTICE ./', 'COPY . ./'],
    /copies sources into the image/,
  ),
  proof(
    'what the Dockerfile copies is there and not ignored',
    DOCKERFILE,
    ['COPY apps ./apps', 'COPY app ./apps'],
    /no app$/,
  ),
  proof(
    'what the Dockerfile copies is there and not ignored',
    '.dockerignore',
    ['!libs\n', ''],
    /libs is ignored by \.dockerignore/,
  ),
  proof(
    'no secret, store or history is sent to the build',
    '.dockerignore',
    ['*\n!package.json', '!package.json'],
    /lets \.git in/,
    /lets/,
  ),
  proof(
    'the image is told no secret',
    DOCKERFILE,
    ['PORT=3000', 'REDIS_URL=redis://a'],
    /ENV of a secret/,
  ),
];

const KUBERNETES_PROOFS: readonly DeployProof[] = [
  proof(
    'Kubernetes manifests have the types of its API',
    API,
    ['readOnlyRootFilesystem', 'readOnlyRootFileSystem'],
    /Deployment api: .*readOnlyRootFileSystem/,
  ),
  proof(
    'Kubernetes manifests have the types of its API',
    API,
    ['replicas: 2', "replicas: '2'"],
    /Deployment api: Type 'string' is not assignable to type 'number'/,
  ),
  proof(
    'Kubernetes manifests have the types of its API',
    WORKER,
    ['apiVersion: policy/v1', 'apiVersion: policy/v1beta1'],
    /PodDisruptionBudget of an unknown version/,
  ),
  proof(
    'the kustomization lists every manifest, and no invented secret',
    'deploy/kubernetes/kustomization.yaml',
    ['  - worker.yaml\n', '  - secrets.example.yaml\n'],
    /worker\.yaml: not listed/,
    /no deploy\/kubernetes\/secrets\.example\.yaml/,
  ),
  proof(
    'what a manifest refers to is declared',
    WORKER,
    ['value: /etc/redress/urls/redis', 'value: /etc/redress/urls/valkey'],
    /worker: REDIS_URL_FILE names \/etc\/redress\/urls\/valkey, not mounted/,
  ),
  proof(
    'what a manifest refers to is declared',
    'deploy/kubernetes/secrets.example.yaml',
    ['name: redress-tokens', 'name: redress-token'],
    /has no redress-tokens/,
    /REDRESS_TOKENS_FILE names/,
  ),
  proof(
    'what a manifest refers to is declared',
    WORKER,
    ['{ name: authority, mountPath', '{ name: autority, mountPath'],
    /no volume autority/,
    /volume authority is not mounted/,
    /NODE_EXTRA_CA_CERTS names/,
  ),
  proof(
    'what a manifest refers to is declared',
    WORKER,
    ['serviceAccountName: redress', 'serviceAccountName: redres'],
    /no ServiceAccount redres$/,
  ),
  proof(
    'every selector selects',
    'deploy/kubernetes/network-policies.yaml',
    [
      'app.kubernetes.io/name: redress\n      app.kubernetes.io/component: api',
      'app.kubernetes.io/name: redress\n      app.kubernetes.io/component: web',
    ],
    /NetworkPolicy entrance-to-api selects 0 workloads/,
  ),
  proof(
    'pods are contained, limited and asked how they are',
    API,
    ['runAsNonRoot: true', 'runAsNonRoot: false'],
    /api is without runAsNonRoot/,
  ),
  proof(
    'pods are contained, limited and asked how they are',
    API,
    ['livenessProbe:', 'lifeProbe:'],
    /api is without livenessProbe/,
  ),
  proof(
    "a key on a volume stays its owner's alone",
    SEQUENCER,
    ['fsGroupChangePolicy: OnRootMismatch', 'fsGroupChangePolicy: Always'],
    /sequencer is without fsGroupChangePolicy/,
  ),
  proof(
    "a key on a volume stays its owner's alone",
    SEQUENCER,
    ['chmod 600 /data/ledger.key', 'true'],
    /sequencer is without an init container/,
  ),
  proof(
    "a key on a volume stays its owner's alone",
    SEQUENCER,
    ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
    /sequencer is without the image and the rights/,
  ),
  proof(
    'every workload has a disruption budget',
    API,
    ['kind: PodDisruptionBudget', 'kind: PodBudget'],
    /no budget for api/,
  ),
  proof(
    'every manifest says in which step of an update it is',
    'deploy/kubernetes/configuration.yaml',
    ['app.kubernetes.io/component: configuration', 'app.kubernetes.io/component: settings'],
    /Namespace redress has no step/,
  ),
];

const AGREEMENT_PROOFS: readonly DeployProof[] = [
  proof(
    'images are pinned, and the same everywhere',
    SERVERS,
    ['image: mongo:7.0.28-jammy', 'image: mongo:7.0.27-jammy'],
    /mongo:7\.0\.28-jammy, elsewhere 7\.0\.27/,
  ),
  proof(
    'images are pinned, and the same everywhere',
    SERVERS,
    ['redis:7.4.2-alpine', 'redis:alpine'],
    /redis:alpine is not pinned/,
  ),
  proof(
    'images are pinned, and the same everywhere',
    API,
    ['redress:0.1.0', 'redress:0.0.9'],
    /redress:0\.0\.9, but this is/,
  ),
  proof(
    'every variable that is set is read and documented',
    EMBEDDED,
    ['REDRESS_TOKENS_FILE', 'REDRESS_TOKEN_FILE'],
    /nobody reads REDRESS_TOKEN_FILE/,
    /REDRESS_TOKEN_FILE is not in/,
  ),
  proof(
    'every variable that is set is read and documented',
    'docs/operations.md',
    ['`REDRESS_ORIGIN` ', '`REDRESS_NAME` '],
    /REDRESS_ORIGIN is not in/,
  ),
  proof(
    'every process that is started is a program of the image',
    SERVERS,
    ["command: ['worker']", "command: ['workers']"],
    /starts workers/,
  ),
  proof(
    'every process that is started is a program of the image',
    'deploy/enter.mjs',
    ["'projector'", "'project'"],
    /no apps\/project\/main\.ts/,
    /starts projector/,
  ),
  proof(
    'probes ask routes that are there',
    API,
    ['path: /health/ready', 'path: /ready'],
    /asks for \/ready/,
  ),
  proof(
    'probes ask routes that are there',
    EMBEDDED,
    ["'/health/ready'", "'/healthy'"],
    /asks for \/healthy/,
  ),
  proof(
    'everybody asks at the port where the image listens',
    API,
    ['containerPort: 3000', 'containerPort: 8080'],
    /port 8080, but the image listens on 3000/,
  ),
  proof(
    'everybody asks at the port where the image listens',
    'deploy/compose/proxy.conf',
    ['server api:3000', 'server apis:3000'],
    /no service apis/,
  ),
];

export const DEPLOY_PROOFS: readonly DeployProof[] = [
  ...COMPOSE_PROOFS,
  ...DOCKERFILE_PROOFS,
  ...KUBERNETES_PROOFS,
  ...AGREEMENT_PROOFS,
];
