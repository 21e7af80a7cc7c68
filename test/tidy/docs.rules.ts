import { posix } from 'node:path';
import type { Tree } from './repository.js';
import { isSpec, lineCountOf, sourcesOf, type TidyRule } from './rule.js';
import { OPERATIONS, variablesDocumentedIn, variablesReadIn } from './variables.js';

const README_LINES_MAX = 150;
const DECISION_LINES_MAX = 60;

function pagesOf(tree: Tree): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => path.endsWith('.md'));
}

export const readmeIsShort: TidyRule = {
  name: 'README is short',
  why: 'What, for whom, how to start, where to read on; the rest has its own page.',
  faults: (tree) => {
    const text = tree.get('README.md');
    if (text === undefined) return ['README.md: missing'];
    const lines = lineCountOf(text);
    return lines < README_LINES_MAX ? [] : [`README.md: ${lines} lines, under ${README_LINES_MAX}`];
  },
};

export const everyVariableIsDocumented: TidyRule = {
  name: 'every variable is documented',
  why: 'A setting that is not in the table does not exist for who runs the product.',
  faults: (tree) => {
    const documented = variablesDocumentedIn(tree);
    return [...variablesReadIn(tree)]
      .filter((name) => !documented.has(name))
      .map((name) => `${OPERATIONS}: no row for ${name}`);
  },
};

export const everyDocumentedVariableIsRead: TidyRule = {
  name: 'every documented variable is read',
  why: 'A setting that does nothing is worse than none.',
  faults: (tree) => {
    const read = variablesReadIn(tree);
    return [...variablesDocumentedIn(tree)]
      .filter((name) => !read.has(name))
      .map((name) => `${OPERATIONS}: nobody reads ${name}`);
  },
};

const LINK = /\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g;

export const linksLeadSomewhere: TidyRule = {
  name: 'links lead somewhere',
  why: 'A dead link costs a newcomer the rest of the page.',
  faults: (tree) => {
    const folders = new Set([...tree.keys()].flatMap((path) => foldersOf(path)));
    return pagesOf(tree).flatMap(([path, text]) =>
      [...text.matchAll(LINK)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => posix.join(posix.dirname(path), link).replace(/\/$/, ''))
        .filter((target) => !tree.has(target) && !folders.has(target))
        .map((target) => `${path}: no ${target}`),
    );
  },
};

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

const NAMED_FILE = /`((?:libs|apps|test|deploy|docs)\/[\w./-]+\.(?:ts|mjs|md|js|service))`/g;

export const namedFilesExist: TidyRule = {
  name: 'files that the docs name exist',
  why: 'The map must be of this country: a page that names a file is wrong when the file moves.',
  faults: (tree) =>
    pagesOf(tree)
      // A decision and a changelog speak of their day.
      .filter(([path]) => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/'))
      .flatMap(([path, text]) =>
        [...text.matchAll(NAMED_FILE)]
          .map(([, file = '']) => file)
          .filter((file) => !tree.has(file))
          .map((file) => `${path}: no ${file}`),
      ),
};

const CODE = /^```(?:ts|typescript)\n([\s\S]*?)^```/gm;

export const codeInDocsIsTested: TidyRule = {
  name: 'code in docs is a region of a test',
  why: 'Code that is never compiled is wrong after the second release.',
  faults: (tree) => {
    const specs = sourcesOf(tree)
      .filter(([path]) => isSpec(path))
      .map(([, text]) => squeeze(text));
    return pagesOf(tree).flatMap(([path, text]) =>
      [...text.matchAll(CODE)]
        .map(([, code = '']) => squeeze(code))
        .filter((code) => !specs.some((spec) => spec.includes(code)))
        .map((code) => `${path}: not in any spec: ${code.slice(0, 60)}`),
    );
  },
};

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const DECISION = /^docs\/decisions\/([^/]+)$/;

export const decisionsHaveOneShape: TidyRule = {
  name: 'decisions have one shape',
  why: 'Context, choice, what was refused and why: on one page, numbered, never edited.',
  faults: (tree) =>
    [...tree].flatMap(([path, text]) => {
      const [, name = ''] = DECISION.exec(path) ?? [];
      if (name === '') return [];
      const faults: string[] = [];
      if (!/^\d{4}-[a-z0-9-]+\.md$/.test(name)) faults.push(`${path}: name is not NNNN-title.md`);
      if (lineCountOf(text) > DECISION_LINES_MAX) faults.push(`${path}: longer than a page`);
      const missing = ['Context', 'Choice', 'Refused'].filter(
        (heading) => !text.includes(`\n## ${heading}`),
      );
      return [...faults, ...missing.map((heading) => `${path}: no section ${heading}`)];
    }),
};

export const scriptsInDocsExist: TidyRule = {
  name: 'scripts that the docs name exist',
  why: 'The first command that a reader copies must work.',
  faults: (tree) => {
    const { scripts = {} } = JSON.parse(tree.get('package.json') ?? '{}') as {
      readonly scripts?: Readonly<Record<string, string>>;
    };
    return pagesOf(tree).flatMap(([path, text]) =>
      [...text.matchAll(/\bnpm run ([a-z][a-z-]*)/g)]
        .map(([, name = '']) => name)
        .filter((name) => !(name in scripts))
        .map((name) => `${path}: no script ${name}`),
    );
  },
};

export const DOCS_RULES: readonly TidyRule[] = [
  readmeIsShort,
  everyVariableIsDocumented,
  everyDocumentedVariableIsRead,
  linksLeadSomewhere,
  namedFilesExist,
  codeInDocsIsTested,
  decisionsHaveOneShape,
  scriptsInDocsExist,
];
