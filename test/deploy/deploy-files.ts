import { parseAllDocuments } from 'yaml';
import type { Tree } from '../tidy/repository.js';
import { at, listOf, membersOf, textOf } from './shape.js';

export const DOCKERFILE = 'deploy/Dockerfile';
export const KUSTOMIZATION = 'deploy/kubernetes/kustomization.yaml';
export const SECRETS_EXAMPLE = 'deploy/kubernetes/secrets.example.yaml';

type Read = { readonly faults: readonly string[]; readonly values: readonly unknown[] };

/** Each rule asks for the same files again; few texts differ, those of the proofs. */
const alreadyRead = new Map<string, Read>();

/** Documents of a YAML file, and what a strict reader says against it. */
export function readYaml(path: string, source: string): Read {
  const key = `${path}\n${source}`;
  const known = alreadyRead.get(key);
  if (known) return known;
  const read = parseStrictly(path, source);
  alreadyRead.set(key, read);
  return read;
}

function parseStrictly(path: string, source: string): Read {
  // Merge keys (`<<`) are what Compose reads beyond YAML 1.2.
  const documents = parseAllDocuments(source, { strict: true, uniqueKeys: true, merge: true });
  const parsed = Array.isArray(documents) ? documents : [];
  return {
    faults: parsed.flatMap(({ errors, warnings }) =>
      [...errors, ...warnings].map(({ message }) => `${path}: ${message.split('\n', 1)[0]}`),
    ),
    values: parsed.map((document): unknown => document.toJS({ maxAliasCount: 100 })),
  };
}

function filesIn(tree: Tree, folder: string): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => path.startsWith(folder) && path.endsWith('.yaml'));
}

export function yamlFiles(tree: Tree): readonly (readonly [string, string])[] {
  return filesIn(tree, 'deploy/');
}

/** Compose files by path; `x-` members are left out, as Compose leaves them out. */
export function composeFiles(tree: Tree): readonly (readonly [string, unknown])[] {
  return filesIn(tree, 'deploy/compose/').map(([path, source]) => {
    const members = Object.entries(membersOf(readYaml(path, source).values[0]));
    return [path, Object.fromEntries(members.filter(([name]) => !name.startsWith('x-')))];
  });
}

export type ComposeContainer = {
  readonly file: string;
  readonly name: string;
  readonly service: unknown;
};

export function composeContainers(tree: Tree): readonly ComposeContainer[] {
  return composeFiles(tree).flatMap(([file, compose]) =>
    Object.entries(membersOf(at(compose, 'services'))).map(([name, service]) => ({
      file,
      name,
      service,
    })),
  );
}

export type Manifest = { readonly file: string; readonly kind: string; readonly value: unknown };

/** Kubernetes objects of every file but the kustomization itself. */
export function manifests(tree: Tree): readonly Manifest[] {
  return filesIn(tree, 'deploy/kubernetes/')
    .filter(([path]) => path !== KUSTOMIZATION)
    .flatMap(([file, source]) =>
      readYaml(file, source).values.map((value) => ({
        file,
        kind: textOf(at(value, 'kind')),
        value,
      })),
    );
}

export type Workload = {
  readonly file: string;
  readonly name: string;
  readonly pod: unknown;
  readonly container: unknown;
  readonly value: unknown;
};

/** Deployments with their one container. */
export function workloads(tree: Tree): readonly Workload[] {
  return manifests(tree)
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ file, value }) => {
      const pod = at(value, 'spec', 'template', 'spec');
      const [container] = listOf(at(pod, 'containers'));
      return { file, name: textOf(at(value, 'metadata', 'name')), pod, container, value };
    });
}

export type Instruction = { readonly name: string; readonly rest: string; readonly line: number };

/** The instructions of the Dockerfile, continued lines joined, comments left out. */
export function dockerfile(tree: Tree): readonly Instruction[] {
  const instructions: Instruction[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of (tree.get(DOCKERFILE) ?? '').split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(raw)) continue;
    const { text, line } = open ?? { text: '', line: index + 1 };
    const joined = `${text} ${raw.replace(/\\$/, '').trim()}`.trim();
    open = raw.endsWith('\\') ? { text: joined, line } : undefined;
    if (open) continue;
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(joined) ?? [];
    instructions.push({ name: name.toUpperCase(), rest, line });
  }
  return instructions;
}

/** What ENV sets in the image. */
export function imageEnvironment(tree: Tree): ReadonlyMap<string, string> {
  const pairs = dockerfile(tree)
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) => [...rest.matchAll(/([A-Z][A-Z0-9_]*)=(\S+)/g)]);
  return new Map(pairs.map(([, name = '', value = '']) => [name, value]));
}
