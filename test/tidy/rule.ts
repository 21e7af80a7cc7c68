import type { Tree } from './repository.js';

/** A rule of the house over a set of files. Pure: it sees paths and texts, never the disk. */
export type TidyRule = {
  readonly name: string;
  /** Why it is a rule, in a sentence. */
  readonly why: string;
  /** One line a fault, `path: what is wrong`; none when the rule is kept. */
  readonly faults: (tree: Tree) => readonly string[];
};

/** A small tree that breaks the rule, and the files that it must name. */
export type TidyProof = {
  readonly rule: string;
  readonly breaks: Readonly<Record<string, string>>;
  /** What the faults must say, each at least once; anything more is a fault of the rule. */
  readonly says: readonly RegExp[];
};

/** Sources of the product and its tests, without declarations. */
export function sourcesOf(tree: Tree): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
}

export function isSpec(path: string): boolean {
  return path.endsWith('.spec.ts');
}

/** Sources that are shipped: neither specs nor what only specs use. */
export function shippedSourcesOf(tree: Tree): readonly (readonly [string, string])[] {
  return sourcesOf(tree).filter(
    ([path]) => /^(?:libs|apps)\//.test(path) && !isSpec(path) && !path.startsWith('libs/testing/'),
  );
}

export function lineCountOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
