import { posix } from 'node:path';
import ts from 'typescript';
import type { Tree } from './repository.js';
import { isSpec, sourcesOf, type TidyRule } from './rule.js';
import { nodesOf, parse, specifiersOf } from './syntax.js';

const NEEDS_SPEC = /^(.+\/)([^/]+)\.(decide|policy|projection|lifecycle|state|upcast)\.ts$/;

export const everyRuleHasASpec: TidyRule = {
  name: 'every rule has a spec beside it',
  why: 'What decides, folds or projects is the product; the proof lies where the rule lies.',
  faults: (tree) =>
    [...tree.keys()].flatMap((path) => {
      const [, folder = '', name = '', kind = ''] = NEEDS_SPEC.exec(path) ?? [];
      if (name === '') return [];
      const isNamed = [`${folder}${name}.spec.ts`, `${folder}${name}.${kind}.spec.ts`].some(
        (spec) => tree.has(spec),
      );
      const isTested = isNamed || isImportedBySpecIn(tree, folder, `./${name}.${kind}.js`);
      return isTested ? [] : [`${path}: no ${name}.spec.ts, and no spec beside it imports it`];
    }),
};

/** Several small rules of one folder may share a spec that names each of them. */
function isImportedBySpecIn(tree: Tree, folder: string, specifier: string): boolean {
  return [...tree].some(
    ([path, text]) =>
      isSpec(path) &&
      posix.dirname(path) === posix.dirname(`${folder}x`) &&
      specifiersOf(parse(path, text)).includes(specifier),
  );
}

const EVENT_LIST = 'docs/events.md';

export const everyEventIsDocumented: TidyRule = {
  name: 'every event is documented',
  why: 'Stored names live for ever; who reads the log in ten years starts from this list.',
  faults: (tree) => {
    const lines = (tree.get(EVENT_LIST) ?? '').split('\n').filter((line) => /^(?:#|\|)/.test(line));
    return [...tree]
      .filter(([path]) => path.endsWith('.events.ts'))
      .flatMap(([path, text]) => eventTypesOf(path, text))
      .filter((type) => !lines.some((line) => new RegExp(`\\b${type}\\b`).test(line)))
      .map((type) => `${EVENT_LIST}: no line for ${type}`);
  },
};

/** Event types as `type Name = { readonly type: 'Name'; … }` declares them. */
function eventTypesOf(path: string, text: string): readonly string[] {
  return nodesOf(parse(path, text)).flatMap((node) => {
    if (!ts.isPropertySignature(node) || node.name.getText() !== 'type') return [];
    const literal = node.type && ts.isLiteralTypeNode(node.type) ? node.type.literal : undefined;
    return literal && ts.isStringLiteral(literal) ? [literal.text] : [];
  });
}

export const everyRefusalIsTested: TidyRule = {
  name: 'every refusal is tested',
  why: 'Refusals are part of the interface: as carefully tested as what is accepted.',
  faults: (tree) => {
    // A model under test/ is a test as much as the spec that runs it.
    const specs = sourcesOf(tree)
      .filter(([path]) => isSpec(path) || path.startsWith('test/'))
      .map(([, text]) => text)
      .join('\n');
    return [...tree]
      .filter(([path]) => path.endsWith('.refusals.ts'))
      .flatMap(([path, text]) =>
        refusalCodesOf(path, text)
          .filter((code) => !specs.includes(`'${code}'`))
          .map((code) => `${path}: no spec names ${code}`),
      );
  },
};

function refusalCodesOf(path: string, text: string): readonly string[] {
  return nodesOf(parse(path, text)).flatMap((node) =>
    ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name) && node.name.text.includes('.')
      ? [node.name.text]
      : [],
  );
}

const ADAPTER_FILE =
  /^libs\/((?:event-store|read-models|deadlines|vault)\/(?!port\/|projector\/)[^/]+)\//;

export const everyAdapterRunsItsContract: TidyRule = {
  name: "every adapter runs its port's contract suite",
  why: 'A promise of the port that one adapter never had to keep is no promise.',
  faults: (tree) => {
    const adapters = new Set(
      [...tree.keys()].flatMap((path) => ADAPTER_FILE.exec(path)?.[1] ?? []),
    );
    return [...adapters]
      .filter((adapter) => !runsContract(tree, adapter))
      .map((adapter) => `libs/${adapter}: no spec runs the contract suite of its port`);
  },
};

/**
 * A spec calls a function `…Contract` that comes from the testing room: in the adapter's folder, or,
 * where it takes a server, in the folder of that name under test/servers.
 */
function runsContract(tree: Tree, adapter: string): boolean {
  const folders = [`libs/${adapter}/`, `test/servers/${adapter.split('/').at(-1) ?? ''}/`];
  return sourcesOf(tree).some(([path, text]) => {
    if (!isSpec(path) || !folders.some((folder) => path.startsWith(folder))) return false;
    const source = parse(path, text);
    const fromTesting = specifiersOf(source).some((specifier) =>
      /^#testing(?:\/|$)/.test(specifier),
    );
    return fromTesting && nodesOf(source).some((node) => isContractCall(node));
  });
}

function isContractCall(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node) &&
    ts.isIdentifier(node.expression) &&
    /contract/i.test(node.expression.text)
  );
}

const SPEC_FOLDERS_IN_TEST = new Set([
  'test/e2e',
  'test/fault',
  'test/ledger',
  'test/model',
  'test/servers',
  'test/bench',
  'test/deploy',
  'test/boundaries',
  'test/purity',
  'test/tidy',
]);

export const testsLieWhereTheyBelong: TidyRule = {
  name: 'tests lie where they belong',
  why: 'What runs in which job is told by the folder.',
  faults: (tree) =>
    [...tree.keys()]
      .filter((path) => path.startsWith('test/') && path !== 'test/tidy.spec.ts')
      .filter((path) => !SPEC_FOLDERS_IN_TEST.has(posix.dirname(path).split('/', 2).join('/')))
      .map((path) => `${path}: not in a known folder of test/`),
};

export const COMPANY_RULES: readonly TidyRule[] = [
  everyRuleHasASpec,
  everyEventIsDocumented,
  everyRefusalIsTested,
  everyAdapterRunsItsContract,
  testsLieWhereTheyBelong,
];
