import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit-status.js';
import { TLOG_PROOF_START } from './trusted-keys.js';

/** What is to be verified. */
export type VerifyTarget =
  | { readonly kind: 'store'; readonly dataDir?: string }
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'pack'; readonly file: string }
  | { readonly kind: 'receipt'; readonly file: string };

const ZIP_START = Buffer.from('PK\u0003\u0004', 'latin1');

/** @throws UsageError `usage.bad-target` */
export function targetOf(text: string | undefined): VerifyTarget {
  if (text === undefined) return { kind: 'store' };
  if (/^https?:\/\//.test(text)) {
    if (URL.canParse(text)) return { kind: 'url', url: text };
    throw new UsageError('usage.bad-target', 'this is no URL');
  }
  const found = statSync(text, { throwIfNoEntry: false });
  if (found?.isFile()) return { kind: kindOfFile(text), file: text };
  if (!found?.isDirectory()) throw new UsageError('usage.bad-target', `there is no ${text}`);
  if (existsSync(join(text, 'log.sqlite'))) return { kind: 'store', dataDir: text };
  // A folder without a checkpoint is a ledger from which it was taken away; that is to be found.
  return { kind: 'folder', directory: text };
}

/** By how it begins, or by its name: one whose first bytes were changed is to be judged as well. */
function kindOfFile(file: string): 'pack' | 'receipt' {
  const start = startOf(file);
  if (start.subarray(0, ZIP_START.length).equals(ZIP_START)) return 'pack';
  if (start.toString('latin1') === TLOG_PROOF_START) return 'receipt';
  if (file.endsWith('.zip')) return 'pack';
  if (file.endsWith('.tlog-proof')) return 'receipt';
  throw new UsageError(
    'usage.bad-target',
    `${file} is neither a pack (.zip) nor a receipt (.tlog-proof); a checkpoint goes with --kept`,
  );
}

function startOf(file: string): Buffer {
  const start = Buffer.alloc(TLOG_PROOF_START.length);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    return start.subarray(0, readSync(descriptor, start));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new UsageError('usage.unreadable', `${file} cannot be read: ${code}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
