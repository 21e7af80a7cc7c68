import { sha256 } from '#merkle';
import { firstDifference, hexOf, maybeTextOf, utf8 } from '../bytes.js';
import type { FaultList } from '../verdict.js';
import { BAGIT_TXT, payloadOxum } from './bag.js';
import { PACK_PATHS, parsePackPath } from './pack-format.js';
import { inspectStoredZip, type PackFile } from './stored-zip.js';

/** A pack's files by their path within the bag's folder. */
export type OpenedBag = {
  /** Name of the folder at the top; undefined when there is none, or more than one. */
  readonly top: string | undefined;
  readonly files: ReadonlyMap<string, Uint8Array>;
};

/** Reads a pack's zip and bag; whatever of them is not as it must be becomes a fault. */
export function openBag(bytes: Uint8Array, faults: FaultList): OpenedBag {
  const { files, faults: zipFaults } = inspectStoredZip(bytes);
  for (const { offset, path, reason } of zipFaults) {
    faults.add({ what: 'file', index: offset, reason, ...(path === undefined ? {} : { path }) });
  }
  const tops = new Set(files.map(({ path }) => path.split('/', 1)[0] ?? ''));
  const [top] = tops;
  if (tops.size !== 1 || top === undefined) {
    faults.add({ what: 'file', index: null, reason: 'a pack holds one folder, and nothing else' });
  }
  const inside = files.map(({ path, bytes: content }) => ({
    path: path.slice(path.indexOf('/') + 1),
    bytes: content,
  }));
  checkOrder(inside, faults);
  return {
    top: tops.size === 1 ? top : undefined,
    files: new Map(inside.map((file) => [file.path, file.bytes])),
  };
}

const TAG_FILES: readonly string[] = [
  PACK_PATHS.bagit,
  PACK_PATHS.bagInfo,
  PACK_PATHS.manifest,
  PACK_PATHS.tagManifest,
  PACK_PATHS.readme,
];

function checkOrder(files: readonly PackFile[], faults: FaultList): void {
  const paths = files.map(({ path }) => path);
  const data = paths.filter((path) => !TAG_FILES.includes(path));
  const present = TAG_FILES.filter((path) => paths.includes(path));
  for (const path of TAG_FILES) {
    if (!present.includes(path)) faults.add(fileFault(path, 'it is missing'));
  }
  const order = [...present, ...data.toSorted()];
  const wrong = order.findIndex((path, at) => path !== paths[at]);
  if (wrong >= 0) faults.add(fileFault(paths[wrong] ?? '', 'it does not stand where it belongs'));
  for (const path of data) {
    if (!parsePackPath(path)) faults.add(fileFault(path, 'a pack has no such file'));
  }
}

/** Checks what the bag's own files say of the others (RFC 8493 §3). */
export function verifyBag({ files }: OpenedBag, faults: FaultList): void {
  const data = [...files].filter(([path]) => path.startsWith('data/'));
  const tags = [...files].filter(
    ([path]) => TAG_FILES.includes(path) && path !== PACK_PATHS.tagManifest,
  );
  checkText(files, { path: PACK_PATHS.bagit, expected: BAGIT_TXT }, faults);
  checkManifest(files, { path: PACK_PATHS.manifest, named: data }, faults);
  checkManifest(files, { path: PACK_PATHS.tagManifest, named: tags }, faults);
  const info = maybeTextOf(files.get(PACK_PATHS.bagInfo) ?? new Uint8Array());
  const oxum = payloadOxum(data.map(([path, bytes]) => ({ path, bytes })));
  if (info?.endsWith(`\nPayload-Oxum: ${oxum}\n`) !== true) {
    faults.add(fileFault(PACK_PATHS.bagInfo, `it does not end in "Payload-Oxum: ${oxum}"`));
  }
}

type Files = ReadonlyMap<string, Uint8Array>;

function checkText(
  files: Files,
  { path, expected }: { readonly path: string; readonly expected: string },
  faults: FaultList,
): void {
  const found = files.get(path);
  const different = found && firstDifference(found, utf8(expected));
  if (different === undefined) return;
  faults.add(fileFault(path, 'it does not say what it must', different));
}

function checkManifest(
  files: Files,
  manifest: {
    readonly path: string;
    readonly named: readonly (readonly [string, Uint8Array])[];
  },
  faults: FaultList,
): void {
  const bytes = files.get(manifest.path);
  if (!bytes) return;
  const lines = manifest.named
    .map(([path, content]) => ({ path, line: `${hexOf(sha256(content))}  ${path}\n` }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const different = firstDifference(bytes, utf8(lines.map(({ line }) => line).join('')));
  if (different === undefined) return;
  const found = new Set((maybeTextOf(bytes) ?? '').split(/(?<=\n)/));
  const others = lines.filter(({ line }) => !found.has(line));
  for (const { path } of others) {
    faults.add(fileFault(path, `it does not have the hash that ${manifest.path} names`));
  }
  if (others.length !== 1) {
    faults.add(fileFault(manifest.path, 'it is not the manifest of these files', different));
  }
}

function fileFault(path: string, reason: string, offset: number | null = null) {
  return { what: 'file', index: offset, path, reason } as const;
}
