import { posix } from 'node:path';
import type { Tree } from '../tidy/repository.js';
import type { TidyRule } from '../tidy/rule.js';
import {
  KUSTOMIZATION,
  manifests,
  readYaml,
  SECRETS_EXAMPLE,
  workloads,
  type Workload,
} from './deploy-files.js';
import { at, listOf, membersOf, textOf, textsOf } from './shape.js';
import { typeFaultsOf } from './typed-manifests.js';

const manifestsAreTyped: TidyRule = {
  name: 'Kubernetes manifests have the types of its API',
  why: 'The API server drops what it does not know, and the protection is not there.',
  faults: (tree) => typeFaultsOf(manifests(tree)),
};

function nameOf(value: unknown): string {
  return textOf(at(value, 'metadata', 'name'));
}

const kustomizationIsWhole: TidyRule = {
  name: 'the kustomization lists every manifest, and no invented secret',
  why: 'A manifest that is not listed is not applied, and nobody is told.',
  faults: (tree) => {
    const [kustomization] = readYaml(KUSTOMIZATION, tree.get(KUSTOMIZATION) ?? '').values;
    const folder = posix.dirname(KUSTOMIZATION);
    const listed = textsOf(at(kustomization, 'resources')).map((one) => `${folder}/${one}`);
    const files = new Set(manifests(tree).map(({ file }) => file));
    files.delete(SECRETS_EXAMPLE);
    return [
      ...[...files].filter((file) => !listed.includes(file)).map((file) => `${file}: not listed`),
      ...listed.filter((file) => !files.has(file)).map((file) => `${KUSTOMIZATION}: no ${file}`),
    ];
  },
};

/** The keys of a Secret or ConfigMap of this name. */
function keysOf(tree: Tree, kind: string, name: string): readonly string[] | undefined {
  const found = manifests(tree).find((one) => one.kind === kind && nameOf(one.value) === name);
  if (!found) return undefined;
  return Object.keys({
    ...membersOf(at(found.value, 'data')),
    ...membersOf(at(found.value, 'stringData')),
  });
}

/** Files that a workload finds under its mounts, as `/folder/file`. */
function mountedFiles(tree: Tree, { pod, container }: Workload): readonly string[] {
  return listOf(at(container, 'volumeMounts')).flatMap((mount) => {
    const volume = volumesOf(pod).find((one) => at(one, 'name') === at(mount, 'name'));
    const secret = textOf(at(volume, 'secret', 'secretName'));
    const items = at(volume, 'secret', 'items');
    const files = Array.isArray(items)
      ? items.map((item) => textOf(at(item, 'path')))
      : (keysOf(tree, 'Secret', secret) ?? []);
    return files.map((file) => `${textOf(at(mount, 'mountPath'))}/${file}`);
  });
}

function volumesOf(pod: unknown): readonly unknown[] {
  return listOf(at(pod, 'volumes'));
}

/** Variables that a workload is started with, from its ConfigMaps and its own list. */
export function environmentOf(tree: Tree, { container }: Workload): ReadonlyMap<string, string> {
  const maps = listOf(at(container, 'envFrom')).map((one) =>
    textOf(at(one, 'configMapRef', 'name')),
  );
  const fromMaps = manifests(tree)
    .filter(({ kind, value }) => kind === 'ConfigMap' && maps.includes(nameOf(value)))
    .flatMap(({ value }) => Object.entries(membersOf(at(value, 'data'))));
  const own = listOf(at(container, 'env')).map((one) => [
    textOf(at(one, 'name')),
    at(one, 'value'),
  ]);
  return new Map(
    [...fromMaps, ...own].map(([name, value]) => [String(name), textOf(value)] as const),
  );
}

const referencesLeadSomewhere: TidyRule = {
  name: 'what a manifest refers to is declared',
  why: 'A pod that waits for a Secret nobody was told to make waits for ever.',
  faults: (tree) =>
    workloads(tree).flatMap((workload) => {
      const { file, name, pod, container } = workload;
      const missing = (kind: string, wanted: string) =>
        manifests(tree).some((one) => one.kind === kind && nameOf(one.value) === wanted)
          ? []
          : [`${file}: ${name}: no ${kind} ${wanted}`];
      const files = mountedFiles(tree, workload);
      return [
        ...missing('ServiceAccount', textOf(at(pod, 'serviceAccountName'))),
        ...listOf(at(container, 'envFrom')).flatMap((one) =>
          missing('ConfigMap', textOf(at(one, 'configMapRef', 'name'))),
        ),
        ...volumesOf(pod).flatMap((volume) => secretFaults(tree, workload, volume)),
        ...mountFaults(workload),
        ...[...environmentOf(tree, workload)]
          .filter(([, value]) => value.startsWith('/') && !files.includes(value))
          .map(([variable, value]) => `${file}: ${name}: ${variable} names ${value}, not mounted`),
      ];
    }),
};

function secretFaults(tree: Tree, { file, name }: Workload, volume: unknown): readonly string[] {
  if (at(volume, 'secret') === undefined) return [];
  const secret = textOf(at(volume, 'secret', 'secretName'));
  const keys = keysOf(tree, 'Secret', secret);
  if (!keys) return [`${file}: ${name}: ${SECRETS_EXAMPLE} has no ${secret}`];
  return listOf(at(volume, 'secret', 'items'))
    .map((item) => textOf(at(item, 'key')))
    .filter((key) => !keys.includes(key))
    .map((key) => `${file}: ${name}: ${secret} has no ${key}`);
}

function mountFaults({ file, name, pod, container }: Workload): readonly string[] {
  const declared = volumesOf(pod).map((volume) => textOf(at(volume, 'name')));
  const mounts = listOf(at(container, 'volumeMounts'));
  const mounted = mounts.map((mount) => textOf(at(mount, 'name')));
  return [
    ...mounted
      .filter((one) => !declared.includes(one))
      .map((one) => `${file}: ${name}: no volume ${one}`),
    ...declared
      .filter((one) => !mounted.includes(one))
      .map((one) => `${file}: ${name}: volume ${one} is not mounted`),
  ];
}

type Labels = Readonly<Record<string, unknown>>;

function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

const SELECTORS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'selector', 'matchLabels'],
  PodDisruptionBudget: ['spec', 'selector', 'matchLabels'],
  Service: ['spec', 'selector'],
  NetworkPolicy: ['spec', 'podSelector', 'matchLabels'],
};

const selectorsSelect: TidyRule = {
  name: 'every selector selects',
  why: 'A budget or policy that selects nothing protects nothing, in silence.',
  faults: (tree) => {
    const pods = workloads(tree).map(({ value }) =>
      membersOf(at(value, 'spec', 'template', 'metadata', 'labels')),
    );
    return manifests(tree).flatMap(({ file, kind, value }) => {
      const path = SELECTORS[kind];
      if (!path) return [];
      const selector = membersOf(at(value, ...path));
      const found = pods.filter((labels) => selects(selector, labels)).length;
      // One component each; a policy may be for all of them.
      const wanted = kind === 'NetworkPolicy' ? found > 0 : found === 1;
      return wanted ? [] : [`${file}: ${kind} ${nameOf(value)} selects ${found} workloads`];
    });
  },
};

const podsAreContained: TidyRule = {
  name: 'pods are contained, limited and asked how they are',
  why: 'The restricted standard of Kubernetes, and what keeps one pod from taking a node with it.',
  faults: (tree) =>
    workloads(tree).flatMap(({ file, name, pod, container, value }) => {
      const [podRules, rules] = [at(pod, 'securityContext'), at(container, 'securityContext')];
      const wanted: readonly (readonly [string, boolean])[] = [
        ['one container', listOf(at(pod, 'containers')).length === 1],
        ['runAsNonRoot', at(podRules, 'runAsNonRoot') === true],
        ['a user by number', Number(at(podRules, 'runAsUser')) >= 1_000],
        ['seccompProfile', at(podRules, 'seccompProfile', 'type') === 'RuntimeDefault'],
        ['readOnlyRootFilesystem', at(rules, 'readOnlyRootFilesystem') === true],
        ['allowPrivilegeEscalation: false', at(rules, 'allowPrivilegeEscalation') === false],
        ['drop: [ALL]', textsOf(at(rules, 'capabilities', 'drop')).includes('ALL')],
        ['no token', at(pod, 'automountServiceAccountToken') === false],
        ['requests', Object.keys(membersOf(at(container, 'resources', 'requests'))).length === 2],
        ['a limit of memory', at(container, 'resources', 'limits', 'memory') !== undefined],
        ['an update one by one', at(value, 'spec', 'strategy', 'type') === updateOf(pod)],
        ...['startupProbe', 'livenessProbe', 'readinessProbe'].map(
          (probe) => [probe, at(container, probe, 'httpGet', 'path') !== undefined] as const,
        ),
      ];
      return wanted
        .filter(([, isSo]) => !isSo)
        .map(([what]) => `${file}: ${name} is without ${what}`);
    }),
};

const keysAreTheirOwners: TidyRule = {
  name: "a key on a volume stays its owner's alone",
  why: 'Kubernetes lets a group read and write what a volume with fsGroup holds, and such a key signs nothing.',
  faults: (tree) =>
    workloads(tree)
      .filter(({ pod }) => volumesOf(pod).some((one) => at(one, 'persistentVolumeClaim')))
      .flatMap(({ file, name, pod, container }) => {
        const before = listOf(at(pod, 'initContainers'));
        const mends = before.some((one) => textsOf(at(one, 'command')).join(' ').includes('chmod'));
        const contained = before.every((one) =>
          ['image', 'securityContext'].every(
            (part) => JSON.stringify(at(one, part)) === JSON.stringify(at(container, part)),
          ),
        );
        const policy = at(pod, 'securityContext', 'fsGroupChangePolicy');
        const wanted: readonly (readonly [string, boolean])[] = [
          ['fsGroupChangePolicy: OnRootMismatch', policy === 'OnRootMismatch'],
          ['an init container that takes the key back', mends],
          ['the image and the rights of its container in what runs before it', contained],
        ];
        return wanted
          .filter(([, isSo]) => !isSo)
          .map(([what]) => `${file}: ${name} is without ${what}`);
      }),
};

const workloadsHaveBudgets: TidyRule = {
  name: 'every workload has a disruption budget',
  why: 'Without one, emptying a node may end all pods of a kind at once.',
  faults: (tree) =>
    workloads(tree)
      .filter(
        ({ name }) =>
          !manifests(tree).some(
            ({ kind, value }) => kind === 'PodDisruptionBudget' && nameOf(value) === name,
          ),
      )
      .map(({ file, name }) => `${file}: no budget for ${name}`),
};

/** A volume that one pod may hold at a time must be let go before the next one can start. */
function updateOf(pod: unknown): 'Recreate' | 'RollingUpdate' {
  const holds = volumesOf(pod).some((one) => at(one, 'persistentVolumeClaim') !== undefined);
  return holds ? 'Recreate' : 'RollingUpdate';
}

const COMPONENTS = new Set(['configuration', 'projector', 'worker', 'sequencer', 'api']);

const updatesAreOrdered: TidyRule = {
  name: 'every manifest says in which step of an update it is',
  why: 'The documented update applies by this label; what has none would never be applied.',
  faults: (tree) =>
    manifests(tree)
      .filter(({ file }) => file !== SECRETS_EXAMPLE)
      .filter(
        ({ value }) =>
          !COMPONENTS.has(
            textOf(membersOf(at(value, 'metadata', 'labels'))['app.kubernetes.io/component']),
          ),
      )
      .map(({ file, kind, value }) => `${file}: ${kind} ${nameOf(value)} has no step`),
};

export const KUBERNETES_RULES: readonly TidyRule[] = [
  manifestsAreTyped,
  kustomizationIsWhole,
  referencesLeadSomewhere,
  selectorsSelect,
  podsAreContained,
  keysAreTheirOwners,
  workloadsHaveBudgets,
  updatesAreOrdered,
];
