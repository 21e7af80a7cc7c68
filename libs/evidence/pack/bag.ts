import { sha256 } from '#merkle';
import { hexOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import { PACK_PATHS, topFolderOf } from './pack-format.js';
import type { PackFile } from './stored-zip.js';

/** RFC 8493 §2.1.1. */
export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** A line of `bag-info.txt` (RFC 8493 §2.2.2); `Payload-Oxum` is added by {@link bagOf}. */
export type BagInfoLine = { readonly label: string; readonly value: string };

export type BagParts = {
  /** The bag's name without `redress-`. */
  readonly subject: string;
  /** In the order they are to stand. */
  readonly info: readonly BagInfoLine[];
  /** Text of README.txt. */
  readonly readme: string;
  /** Files under `data/`, in any order. */
  readonly payload: readonly PackFile[];
};

/**
 * The files of a BagIt 1.0 bag (RFC 8493) in one top folder, in the order that a pack has them; for
 * `storedZip`.
 * @throws EvidenceError `pack.malformed` for a payload file outside `data/` or a label of several lines
 */
export function bagOf({ subject, info, readme, payload }: BagParts): readonly PackFile[] {
  const outside = payload.find(({ path }) => !path.startsWith('data/'));
  if (outside) throw malformed(`${outside.path} does not lie under data/`);
  const data = payload.toSorted(byPath);
  const tags: readonly PackFile[] = [
    { path: PACK_PATHS.bagit, bytes: utf8(BAGIT_TXT) },
    { path: PACK_PATHS.bagInfo, bytes: utf8(bagInfoText(info, data)) },
    { path: PACK_PATHS.manifest, bytes: utf8(manifestText(data)) },
  ];
  const readmeFile = { path: PACK_PATHS.readme, bytes: utf8(readme) };
  const tagManifest = {
    path: PACK_PATHS.tagManifest,
    bytes: utf8(manifestText([...tags, readmeFile].toSorted(byPath))),
  };
  const top = topFolderOf(subject);
  return [...tags, tagManifest, readmeFile, ...data].map(({ path, bytes }) => ({
    path: `${top}/${path}`,
    bytes,
  }));
}

/** By code units, as `sort` without arguments and Python's sort of such names both have it. */
function byPath(a: PackFile, b: PackFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** A line a file: hash, two spaces, path; what `sha256sum -c` reads. */
export function manifestText(files: readonly PackFile[]): string {
  return files.map(({ path, bytes }) => `${hexOf(sha256(bytes))}  ${path}\n`).join('');
}

function bagInfoText(info: readonly BagInfoLine[], data: readonly PackFile[]): string {
  const lines = [...info, { label: 'Payload-Oxum', value: payloadOxum(data) }];
  return lines
    .map(({ label, value }) => {
      if (!/^[A-Za-z0-9-]+$/.test(label) || /[\r\n]/.test(value)) {
        throw malformed(`bag-info.txt cannot hold the line ${JSON.stringify(label)}`);
      }
      return `${label}: ${value}\n`;
    })
    .join('');
}

/** RFC 8493 §2.2.2: octets and files of the payload. */
export function payloadOxum(data: readonly PackFile[]): string {
  return `${data.reduce((sum, { bytes }) => sum + bytes.length, 0)}.${data.length}`;
}

function malformed(problem: string): EvidenceError {
  return new EvidenceError('pack.malformed', `a pack cannot be made: ${problem}`);
}
