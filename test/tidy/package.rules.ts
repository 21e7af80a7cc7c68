import type { Tree } from './repository.js';
import { sourcesOf, type TidyRule } from './rule.js';
import { parse, specifiersOf } from './syntax.js';

type Package = {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

function packageOf(tree: Tree): Package {
  return JSON.parse(tree.get('package.json') ?? '{}') as Package;
}

/** Programs that scripts may start, and the package that brings each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  nest: '@nestjs/cli',
  tsc: 'typescript',
  oxlint: 'oxlint',
  prettier: 'prettier',
  depcruise: 'dependency-cruiser',
};

export const scriptsStartWhatIsThere: TidyRule = {
  name: 'scripts start what is there',
  why: 'A script that fails on the first call teaches a newcomer to distrust the others.',
  faults: (tree) => {
    const { scripts = {}, devDependencies = {}, dependencies = {} } = packageOf(tree);
    const installed = { ...dependencies, ...devDependencies };
    return Object.entries(scripts).flatMap(([name, line]) =>
      line
        .split('&&')
        .map((part) => missingFrom(part.trim(), tree, installed))
        .flatMap((missing) => (missing ? [`package.json: script ${name}: ${missing}`] : [])),
    );
  },
};

function missingFrom(
  line: string,
  tree: Tree,
  installed: Readonly<Record<string, string>>,
): string | undefined {
  const [program = '', ...words] = line.split(/\s+/);
  if (program === 'node') return missingFile(words, tree, installed);
  const owner = PROGRAMS[program];
  if (!owner) return `unknown program ${program}`;
  return installed[owner] ? undefined : `${program} needs ${owner}`;
}

function missingFile(
  words: readonly string[],
  tree: Tree,
  installed: Readonly<Record<string, string>>,
): string | undefined {
  const file = words.find((word) => !word.startsWith('-')) ?? '';
  const [, owner] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  const isThere = owner ? owner in installed : tree.has(file);
  return isThere ? undefined : `no ${file}`;
}

/** Packages that no source names, each with who needs it. */
const NEEDED_UNNAMED: Readonly<Record<string, string>> = {
  '@fastify/static': '@nestjs/swagger loads it to serve the readable API page',
  '@nestjs/cli': 'npm run build',
  '@swc/core': '@swc/jest transforms through it',
  '@swc/jest': 'jest.config.mjs',
  '@types/cli-progress': 'types of cli-progress',
  '@types/node': 'types of Node',
  '@types/pdfkit': 'types of pdfkit',
  'class-transformer': 'ValidationPipe of @nestjs/common transforms through it',
  'dejavu-fonts-ttf': 'libs/ledger/packs prints with its files',
  'dependency-cruiser': 'npm run boundaries',
  'kubernetes-types': 'test/deploy/typed-manifests.ts compiles the manifests against it',
  'oxlint-tsgolint': 'oxlint --type-aware',
  'reflect-metadata': 'decorators of Nest',
  jest: 'npm run jest',
  oxlint: 'npm run lint',
  prettier: 'npm run format',
  rxjs: 'peer of @nestjs/common and @nestjs/core',
};

export const everyDependencyIsUsed: TidyRule = {
  name: 'every dependency is used',
  why: 'A package that nobody needs is still updated, audited and attacked.',
  faults: (tree) => {
    const { dependencies = {}, devDependencies = {} } = packageOf(tree);
    const named = new Set(
      sourcesOf(tree).flatMap(([path, text]) =>
        specifiersOf(parse(path, text)).map((specifier) => packageNameOf(specifier)),
      ),
    );
    return Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => !named.has(name) && !(name in NEEDED_UNNAMED))
      .map((name) => `package.json: nobody uses ${name}`);
  },
};

function packageNameOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

export const dependenciesArePinned: TidyRule = {
  name: 'dependencies are pinned',
  why: 'The set was seen working together; a range would make another set of it some day.',
  faults: (tree) => {
    const { dependencies = {}, devDependencies = {} } = packageOf(tree);
    return Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `package.json: ${name} is ${version}, not one version`);
  },
};

export const PACKAGE_RULES: readonly TidyRule[] = [
  scriptsStartWhatIsThere,
  everyDependencyIsUsed,
  dependenciesArePinned,
];
