import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit-status.js';

/** What is to be verified. */
export type VerifyTarget =
  | { readonly kind: 'store'; readonly dataDir?: string }
  | { readonly kind: 'folder'; readonly directory: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'pack'; readonly file: string };

/** @throws UsageError `usage.bad-target` */
export function targetOf(text: string | undefined): VerifyTarget {
  if (text === undefined) return { kind: 'store' };
  if (/^https?:\/\//.test(text)) {
    if (URL.canParse(text)) return { kind: 'url', url: text };
    throw new UsageError('usage.bad-target', 'this is no URL');
  }
  const found = statSync(text, { throwIfNoEntry: false });
  if (found?.isFile()) return { kind: 'pack', file: text };
  if (!found?.isDirectory()) throw new UsageError('usage.bad-target', `there is no ${text}`);
  if (existsSync(join(text, 'log.sqlite'))) return { kind: 'store', dataDir: text };
  // A folder without a checkpoint is a ledger from which it was taken away; that is to be found.
  return { kind: 'folder', directory: text };
}
