import { posix } from 'node:path';
import { PURE_SUFFIXES } from '../purity/purity-rules.js';
import { sourcesOf, type TidyRule } from './rule.js';
import { declaredNamesOf, parse, specifiersOf } from './syntax.js';

/** Kinds of files beyond the pure ones; what a kind is for stands in CONTRIBUTING.md. */
const OTHER_SUFFIXES = [
  'bench',
  'browser',
  'child',
  'contract',
  'controller',
  'dates',
  'diff',
  'filter',
  'generator',
  'header',
  'http',
  'import',
  'main',
  'module',
  'queries',
  'query',
  'reader',
  'record',
  'row',
  'rules',
  'steps',
  'worker',
] as const;
const KNOWN_SUFFIXES = new Set<string>([...PURE_SUFFIXES, ...OTHER_SUFFIXES]);
const KEBAB_CASE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Rooms of the domain, where a newcomer must see from a file's name what kind of file it is. */
const KIND_NEEDED =
  /^libs\/(?:complaints|correspondence)\/(?:complaint|notice|features|projections|policies)\//;
/** The one file of the domain that is named by its subject alone: the words on the phone. */
const KIND_NOT_NEEDED = new Set(['reference']);

export const everySourceHasAKnownKind: TidyRule = {
  name: 'every source has a known kind',
  why: 'A newcomer finds a rule by its file name; a new kind of file is a decision, not an accident.',
  faults: (tree) => sourcesOf(tree).flatMap(([path]) => kindFaultsOf(path)),
};

function kindFaultsOf(path: string): readonly string[] {
  const stem = posix.basename(path, '.ts').replace(/\.spec$/, '');
  const [name = '', ...kinds] = stem.split('.');
  const faults: string[] = [];
  if (!KEBAB_CASE.test(name)) faults.push(`${path}: name is not in kebab-case`);
  if (kinds.length > 1) faults.push(`${path}: more than one kind`);
  for (const kind of kinds) {
    if (!KNOWN_SUFFIXES.has(kind)) faults.push(`${path}: unknown kind .${kind}`);
  }
  const isSpec = path.endsWith('.spec.ts');
  if (KIND_NEEDED.test(path) && kinds.length === 0 && !isSpec && !KIND_NOT_NEEDED.has(name)) {
    faults.push(`${path}: a file of the domain names its kind`);
  }
  return faults;
}

const FORBIDDEN_WORDS = new Set([
  'manager',
  'managers',
  'helper',
  'helpers',
  'util',
  'utils',
  'utility',
  'utilities',
  'service',
  'services',
  'base',
  'impl',
  'misc',
]);

export const noEmptyWordsInNames: TidyRule = {
  name: 'no empty words in names',
  why: 'Manager, Helper, Util, Service and Base say nothing about what a thing does.',
  faults: (tree) =>
    sourcesOf(tree).flatMap(([path, text]) => {
      const fileFaults = wordsOf(posix.basename(path, '.ts'))
        .filter((word) => FORBIDDEN_WORDS.has(word))
        .map((word) => `${path}: "${word}" in the file's name`);
      const nameFaults = declaredNamesOf(parse(path, text))
        .filter(
          (name) =>
            wordsOf(name).some((word) => FORBIDDEN_WORDS.has(word)) || /^I[A-Z][a-z]/.test(name),
        )
        .map((name) => `${path}: name ${name}`);
      return [...fileFaults, ...nameFaults];
    }),
};

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
}

const FORBIDDEN_ROOMS = new Set(['common', 'shared', 'utils', 'util', 'core', 'helpers', 'misc']);

export const noRoomForEverything: TidyRule = {
  name: 'no room for everything',
  why: 'A room called common, shared, utils or core ends as the place where code gets lost.',
  faults: (tree) =>
    [...tree.keys()].flatMap((path) =>
      posix
        .dirname(path)
        .split('/')
        .filter((folder) => FORBIDDEN_ROOMS.has(folder))
        .map((folder) => `${path}: lies in a folder called ${folder}`),
    ),
};

const TOP_LEVEL = new Set([
  'apps',
  'libs',
  'deploy',
  'docs',
  'test',
  'nest-cli.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
  'tsconfig.json',
  'jest.config.mjs',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'LICENSE',
  'NOTICE',
]);
const TOP_LEVEL_DOTTED = new Set([
  '.ci',
  '.github',
  '.gitignore',
  '.gitattributes',
  '.npmrc',
  '.prettierrc.json',
  '.prettierignore',
  '.oxlintrc.json',
  '.dependency-cruiser.cjs',
  '.editorconfig',
  '.dockerignore',
]);

export const topLevelIsFixed: TidyRule = {
  name: 'top level is fixed',
  why: 'The first page that a newcomer sees shows the map and nothing else.',
  faults: (tree) => {
    const entries = new Set([...tree.keys()].map((path) => path.split('/', 1)[0] ?? path));
    return [...entries]
      .filter((entry) => !TOP_LEVEL.has(entry) && !TOP_LEVEL_DOTTED.has(entry))
      .map((entry) => `${entry}: not part of the top level`);
  },
};

const ROOM = /^libs\/(?:(?:event-store|read-models|notices|deadlines|vault)\/[^/]+|[^/]+)\//;

export const importsAreWrittenOneWay: TidyRule = {
  name: 'imports are written one way',
  why: 'Inside a room relative and ending in .js, as Node reads it; between rooms by alias.',
  faults: (tree) =>
    sourcesOf(tree).flatMap(([path, text]) =>
      specifiersOf(parse(path, text)).flatMap((specifier) => importFaultsOf(path, specifier)),
    ),
};

function importFaultsOf(path: string, specifier: string): readonly string[] {
  if (!specifier.startsWith('.')) return [];
  const faults: string[] = [];
  if (!/\.(?:js|json)$/.test(specifier)) faults.push(`${path}: ${specifier} does not end in .js`);
  const target = posix.join(posix.dirname(path), specifier);
  const room = ROOM.exec(target)?.[0];
  if (room && !path.startsWith(room)) {
    faults.push(`${path}: ${specifier} leads into another room; use its alias`);
  }
  return faults;
}

export const NAME_RULES: readonly TidyRule[] = [
  everySourceHasAKnownKind,
  noEmptyWordsInNames,
  noRoomForEverything,
  topLevelIsFixed,
  importsAreWrittenOneWay,
];
