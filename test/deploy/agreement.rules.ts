import type { Tree } from '../tidy/repository.js';
import type { TidyRule } from '../tidy/rule.js';
import { OPERATIONS, variablesDocumentedIn, variablesReadIn } from '../tidy/variables.js';
import {
  composeContainers,
  dockerfile,
  DOCKERFILE,
  imageEnvironment,
  KUSTOMIZATION,
  readYaml,
  workloads,
} from './deploy-files.js';
import { PINNED_IMAGE } from './dockerfile.rules.js';
import { environmentOf } from './kubernetes.rules.js';
import { at, listOf, membersOf, textOf, textsOf } from './shape.js';

// What several files must agree on.

const OURS = 'redress';
const ENTRY = 'deploy/enter.mjs';
const UNIT = 'deploy/redress.service';

type Used = { readonly file: string; readonly image: string };

function imagesUsed(tree: Tree): readonly Used[] {
  const [kustomization] = readYaml(KUSTOMIZATION, tree.get(KUSTOMIZATION) ?? '').values;
  return [
    ...composeContainers(tree).map(({ file, service }) => ({
      file,
      image: textOf(at(service, 'image')),
    })),
    ...workloads(tree).map(({ file, container }) => ({
      file,
      image: textOf(at(container, 'image')),
    })),
    ...listOf(at(kustomization, 'images')).map((one) => ({
      file: KUSTOMIZATION,
      image: `${textOf(at(one, 'newName'))}:${textOf(at(one, 'newTag'))}`,
    })),
  ];
}

const imagesAreOne: TidyRule = {
  name: 'images are pinned, and the same everywhere',
  why: 'Two versions of one server in two files means that one of them was never tried.',
  faults: (tree) => {
    const { version } = JSON.parse(tree.get('package.json') ?? '{}') as { version?: string };
    const tags = new Map<string, string>();
    return imagesUsed(tree).flatMap(({ file, image }) => {
      const [name = '', tag = ''] = image.split(':');
      const first = tags.get(name) ?? tag;
      tags.set(name, first);
      if (!PINNED_IMAGE.test(image)) return [`${file}: ${image} is not pinned`];
      if (name === OURS && tag !== version) return [`${file}: ${image}, but this is ${version}`];
      return first === tag ? [] : [`${file}: ${image}, elsewhere ${first}`];
    });
  },
};

/** Read by Node itself. */
const OF_NODE = new Set(['NODE_ENV', 'NODE_EXTRA_CA_CERTS']);

/** Variables that a process of ours is started with, by the file that says so. */
function variablesSet(tree: Tree): readonly (readonly [file: string, name: string])[] {
  const unit = [...(tree.get(UNIT) ?? '').matchAll(/^Environment=([A-Z][A-Z0-9_]*)=/gm)];
  return [
    ...[...imageEnvironment(tree).keys()].map((name) => [DOCKERFILE, name] as const),
    ...unit.map(([, name = '']) => [UNIT, name] as const),
    ...composeContainers(tree)
      .filter(({ service }) => textOf(at(service, 'image')).startsWith(`${OURS}:`))
      .flatMap(({ file, service }) =>
        Object.keys(membersOf(at(service, 'environment'))).map((name) => [file, name] as const),
      ),
    ...workloads(tree).flatMap((workload) =>
      [...environmentOf(tree, workload).keys()].map((name) => [workload.file, name] as const),
    ),
  ];
}

const variablesAreKnown: TidyRule = {
  name: 'every variable that is set is read and documented',
  why: 'A variable that is misspelt leaves the default in force, and nobody notices.',
  faults: (tree) => {
    const [read, documented] = [variablesReadIn(tree), variablesDocumentedIn(tree)];
    return variablesSet(tree)
      .filter(([, name]) => !OF_NODE.has(name))
      .flatMap(([file, name]) => [
        ...(read.has(name) ? [] : [`${file}: nobody reads ${name}`]),
        ...(documented.has(name) ? [] : [`${file}: ${name} is not in ${OPERATIONS}`]),
      ]);
  },
};

const programsAreThere: TidyRule = {
  name: 'every process that is started is a program of the image',
  why: 'A name that the entry does not know ends the container at once, again and again.',
  faults: (tree) => {
    const [, list = ''] = /const PROGRAMS = \[([^\]]*)\]/.exec(tree.get(ENTRY) ?? '') ?? [];
    const programs = [...list.matchAll(/'([a-z]+)'/g)].map(([, name = '']) => name);
    const started = [
      ...composeContainers(tree)
        .filter(({ service }) => textOf(at(service, 'image')).startsWith(`${OURS}:`))
        .map(({ file, service }) => [file, textsOf(at(service, 'command'))[0] ?? ''] as const),
      ...workloads(tree).map(
        ({ file, container }) => [file, textsOf(at(container, 'args'))[0] ?? ''] as const,
      ),
      ...dockerfile(tree)
        .filter(({ name }) => name === 'CMD')
        .map(({ rest }) => [DOCKERFILE, /^\["([a-z]+)"/.exec(rest)?.[1] ?? rest] as const),
    ];
    return [
      ...programs
        .filter((name) => !tree.has(`apps/${name}/main.ts`))
        .map((name) => `${ENTRY}: no apps/${name}/main.ts`),
      ...started
        .filter(([, name]) => !programs.includes(name))
        .map(([file, name]) => `${file}: starts ${name || 'nothing'}, not one of ${ENTRY}`),
    ];
  },
};

const ROUTES = 'libs/http/operations.controller.ts';

/** `[file, path]` of everything that asks a process how it is. */
function pathsAsked(tree: Tree): readonly (readonly [file: string, path: string])[] {
  const probed = (text: string) => /probe\.mjs["', ]+(\/[a-z/]+)/.exec(text)?.[1] ?? '';
  return [
    ...dockerfile(tree)
      .filter(({ name }) => name === 'HEALTHCHECK')
      .map(({ rest }) => [DOCKERFILE, probed(rest)] as const),
    ...composeContainers(tree)
      .filter(({ service }) => textOf(at(service, 'image')).startsWith(`${OURS}:`))
      .map(({ file, service }) => {
        const test = textsOf(at(service, 'healthcheck', 'test')).join(' ');
        return [file, probed(test)] as const;
      }),
    ...workloads(tree).flatMap(({ file, container }) =>
      ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
        (probe) => [file, textOf(at(container, probe, 'httpGet', 'path'))] as const,
      ),
    ),
  ];
}

const probesAskRoutes: TidyRule = {
  name: 'probes ask routes that are there',
  why: 'A probe that asks for nothing finds every process dead, and has it started again for ever.',
  faults: (tree) => {
    const routes = [...(tree.get(ROUTES) ?? '').matchAll(/@Get\('([^':]+)'\)/g)];
    const known = new Set(routes.map(([, route = '']) => `/${route}`));
    return pathsAsked(tree)
      .filter(([, path]) => !known.has(path))
      .map(([file, path]) => `${file}: asks for ${path || 'nothing'}`);
  },
};

export const PROXY = 'deploy/compose/proxy.conf';

/** `[file, port]` of everything that speaks to a process of ours. */
function portsAsked(tree: Tree): readonly (readonly [file: string, port: string])[] {
  const proxied = [...(tree.get(PROXY) ?? '').matchAll(/^\s*server ([a-z]+):(\d+)/gm)];
  return [
    ...dockerfile(tree)
      .filter(({ name }) => name === 'EXPOSE')
      .map(({ rest }) => [DOCKERFILE, rest] as const),
    ...proxied.map(([, , port = '']) => [PROXY, port] as const),
    ...composeContainers(tree)
      .filter(({ service }) => textOf(at(service, 'image')).startsWith(`${OURS}:`))
      .flatMap(({ file, service }) =>
        textsOf(at(service, 'ports')).map((port) => [file, port.split(':').at(-1) ?? ''] as const),
      ),
    ...workloads(tree).flatMap(({ file, container }) =>
      listOf(at(container, 'ports')).map(
        (port) => [file, String(at(port, 'containerPort'))] as const,
      ),
    ),
  ];
}

const portsAreOne: TidyRule = {
  name: 'everybody asks at the port where the image listens',
  why: 'The port is said in five places, and a process listens at one.',
  faults: (tree) => {
    const port = imageEnvironment(tree).get('PORT');
    const upstreams = [...(tree.get(PROXY) ?? '').matchAll(/^\s*server ([a-z]+):\d+/gm)];
    const services = composeContainers(tree).map(({ name }) => name);
    return [
      ...portsAsked(tree)
        .filter(([, asked]) => asked !== port)
        .map(([file, asked]) => `${file}: port ${asked}, but the image listens on ${port}`),
      ...upstreams
        .filter(([, name = '']) => !services.includes(name))
        .map(([, name]) => `${PROXY}: no service ${name}`),
    ];
  },
};

export const AGREEMENT_RULES: readonly TidyRule[] = [
  imagesAreOne,
  variablesAreKnown,
  programsAreThere,
  probesAskRoutes,
  portsAreOne,
];
