import { posix } from 'node:path';
import type { TidyRule } from '../tidy/rule.js';
import { composeFile } from './compose-shape.js';
import { composeFiles, composeContainers, readYaml, yamlFiles } from './deploy-files.js';
import { at, listOf, membersOf, textOf, textsOf } from './shape.js';

const yamlIsStrict: TidyRule = {
  name: 'YAML is read without a doubt',
  why: 'A key written twice, or an unknown escape, is read differently by every engine.',
  faults: (tree) => yamlFiles(tree).flatMap(([path, source]) => readYaml(path, source).faults),
};

const composeHasItsShape: TidyRule = {
  name: 'Compose files have the shape of the specification',
  why: 'A key that is misspelt is a protection that is not there.',
  faults: (tree) => composeFiles(tree).flatMap(([path, value]) => composeFile(value, path)),
};

/** Made by make-secrets.sh on the machine, and never part of the repository. */
const SECRETS_FOLDER = 'deploy/compose/secrets/';
const SECRETS_SCRIPT = 'deploy/compose/make-secrets.sh';

const composeFilesExist: TidyRule = {
  name: 'files that Compose mounts exist',
  why: 'An engine makes a folder in the place of a file that is missing, and starts all the same.',
  faults: (tree) => {
    const script = tree.get(SECRETS_SCRIPT) ?? '';
    return composeFiles(tree).flatMap(([path, compose]) =>
      ['secrets', 'configs'].flatMap((section) =>
        Object.entries(membersOf(at(compose, section))).flatMap(([name, value]) => {
          const file = posix.join(posix.dirname(path), textOf(at(value, 'file')));
          const made = file.startsWith(SECRETS_FOLDER) && isMade(script, posix.basename(file));
          return made || tree.has(file) ? [] : [`${path}: ${section}.${name}: no ${file}`];
        }),
      ),
    );
  },
};

/** The script writes a file by its name, or a pair of certificate and key by a common stem. */
function isMade(script: string, file: string): boolean {
  const stem = file.replace(/\.(?:crt|key)$/, '');
  return (
    new RegExp(`(?:>| -out | -keyout )${file.replaceAll('.', '\\.')}(?:\\s|$)`, 'm').test(script) ||
    (stem !== file && new RegExp(`^make_certificate ${stem} `, 'm').test(script))
  );
}

const composeReferencesAreDeclared: TidyRule = {
  name: 'what a Compose service names is declared',
  why: 'A secret that is declared and not used is stale; one that is used and not declared fails late.',
  faults: (tree) =>
    composeFiles(tree).flatMap(([path, compose]) => {
      const services = Object.entries(membersOf(at(compose, 'services')));
      return (['secrets', 'configs', 'volumes', 'networks'] as const).flatMap((section) => {
        const declared = Object.keys(membersOf(at(compose, section)));
        const used = services.flatMap(([, service]) => namesUsed(section, at(service, section)));
        return [
          ...used
            .filter((name) => !declared.includes(name))
            .map((name) => `${path}: ${section}.${name} is not declared`),
          ...declared
            .filter((name) => !used.includes(name))
            .map((name) => `${path}: ${section}.${name} is not used`),
        ];
      });
    }),
};

function namesUsed(section: string, value: unknown): readonly string[] {
  if (section === 'configs') return listOf(value).map((one) => textOf(at(one, 'source')));
  if (section === 'volumes') return textsOf(value).map((mount) => mount.split(':', 1)[0] ?? '');
  return textsOf(value);
}

const composeSecretsAreMounted: TidyRule = {
  name: 'paths of secrets lead to secrets of the service',
  why: 'A variable that points to a secret which this service does not get fails at the start.',
  faults: (tree) =>
    composeContainers(tree).flatMap(({ file, name, service }) => {
      const mounted = textsOf(at(service, 'secrets'));
      const scripts = listOf(at(service, 'configs')).map((one) => textOf(at(one, 'source')));
      const sources = [
        JSON.stringify(service),
        ...scripts.map((one) => configText(tree, file, one)),
      ];
      const named = sources.flatMap((source) => [...source.matchAll(/\/run\/secrets\/(\w+)/g)]);
      const used = new Set(named.map(([, secret = '']) => secret));
      return [...used]
        .filter((secret) => !mounted.includes(secret))
        .map((secret) => `${file}: ${name} reads the secret ${secret} and does not get it`);
    }),
};

function configText(tree: ReadonlyMap<string, string>, file: string, config: string): string {
  const compose = composeFiles(tree).find(([path]) => path === file)?.[1];
  const path = textOf(at(compose, 'configs', config, 'file'));
  return tree.get(posix.join(posix.dirname(file), path)) ?? '';
}

const composeDependsOnWhatIsThere: TidyRule = {
  name: 'Compose waits for what can be waited for',
  why: 'A service without a healthcheck never becomes healthy, and one that waits for it never starts.',
  faults: (tree) =>
    composeContainers(tree).flatMap(({ file, name, service }) =>
      Object.entries(membersOf(at(service, 'depends_on'))).flatMap(([needed, value]) => {
        const other = composeContainers(tree).find(
          (one) => one.file === file && one.name === needed,
        );
        if (!other) return [`${file}: ${name} waits for ${needed}, which is not there`];
        const healthy = textOf(at(value, 'condition')) === 'service_healthy';
        const hasCheck = at(other.service, 'healthcheck') !== undefined;
        return healthy && !hasCheck ? [`${file}: ${name} waits for ${needed} to be healthy`] : [];
      }),
    ),
};

const composeIsContained: TidyRule = {
  name: 'Compose services are contained',
  why: 'What a guest could do in a container must not depend on which of them it got into.',
  faults: (tree) =>
    composeContainers(tree).flatMap(({ file, name, service }) => {
      const isOnce = at(service, 'restart') === 'on-failure';
      const wanted: readonly (readonly [string, boolean])[] = [
        ['read_only', at(service, 'read_only') === true],
        ['cap_drop: [ALL]', textsOf(at(service, 'cap_drop')).includes('ALL')],
        [
          'no-new-privileges',
          textsOf(at(service, 'security_opt')).includes('no-new-privileges:true'),
        ],
        ['mem_limit', at(service, 'mem_limit') !== undefined],
        ['restart', at(service, 'restart') !== undefined],
        ['healthcheck', isOnce || at(service, 'healthcheck') !== undefined],
        ['limits of its log', at(service, 'logging', 'options', 'max-size') !== undefined],
      ];
      return wanted
        .filter(([, isSo]) => !isSo)
        .map(([what]) => `${file}: ${name} is without ${what}`);
    }),
};

/** Only the proxy of servers.yaml, which ends TLS, may be reached from other machines. */
const OPEN_PORTS: Readonly<Record<string, string>> = { proxy: '443:8443' };

const composePortsAreClosed: TidyRule = {
  name: 'Compose opens no port but that of the proxy',
  why: 'A published port of a container is open to the world, past the firewall of the machine.',
  faults: (tree) =>
    composeContainers(tree).flatMap(({ file, name, service }) =>
      textsOf(at(service, 'ports'))
        .filter((port) => !port.startsWith('127.0.0.1:') && OPEN_PORTS[name] !== port)
        .map((port) => `${file}: ${name} opens ${port}`),
    ),
};

export const COMPOSE_RULES: readonly TidyRule[] = [
  yamlIsStrict,
  composeHasItsShape,
  composeFilesExist,
  composeReferencesAreDeclared,
  composeSecretsAreMounted,
  composeDependsOnWhatIsThere,
  composeIsContained,
  composePortsAreClosed,
];
