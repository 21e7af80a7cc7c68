import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const DEPTH_MAX = 16;
const READ_AT_ONCE_MAX = 64;

/**
 * Paths of the repository's files, relative, with forward slashes, sorted; what .gitignore names
 * is left out. Git itself is not asked: the tests run from a downloaded archive as well.
 */
export async function repositoryFiles(): Promise<readonly string[]> {
  const ignored = (await readFile(join(ROOT, '.gitignore'), 'utf8')).split('\n').filter(Boolean);
  return (await walk('', 0, ['.git', ...ignored])).toSorted();
}

async function walk(
  folder: string,
  depth: number,
  ignored: readonly string[],
): Promise<readonly string[]> {
  if (depth > DEPTH_MAX) throw new Error(`${folder}: deeper than ${DEPTH_MAX} folders`);
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isIgnored(entry.name, path, ignored)) continue;
    if (entry.isDirectory()) paths.push(...(await walk(path, depth + 1, ignored)));
    else paths.push(path);
  }
  return paths;
}

/** The three shapes .gitignore uses here: `name/`, `/path` and `*.suffix`. */
function isIgnored(name: string, path: string, ignored: readonly string[]): boolean {
  return ignored.some((pattern) => {
    if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
    const plain = pattern.replace(/\/$/, '');
    return plain.startsWith('/') ? path === plain.slice(1) : name === plain;
  });
}

/** A set of files with their texts: the repository, or a small one that a rule is proved on. */
export type Tree = ReadonlyMap<string, string>;

export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

/** The repository with its texts. */
export async function readRepository(): Promise<Tree> {
  const paths = await repositoryFiles();
  const tree = new Map<string, string>();
  for (let start = 0; start < paths.length; start += READ_AT_ONCE_MAX) {
    const page = paths.slice(start, start + READ_AT_ONCE_MAX);
    const texts = await Promise.all(page.map((path) => readFile(join(ROOT, path), 'utf8')));
    page.forEach((path, index) => tree.set(path, texts[index] ?? ''));
  }
  return tree;
}
