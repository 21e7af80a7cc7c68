import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import { sha256Hex } from '#kernel';
import { UsageError } from './exit-status.js';

/** A folder with this file in it was made by `redress demo`, and may be made anew by it. */
const DEMO_MARK_FILE = 'demo.json';
/** All that a demonstration writes; nothing else is ever deleted. */
const DEMO_FILES = [
  'log.sqlite',
  'log.sqlite-wal',
  'log.sqlite-shm',
  'read-models.sqlite',
  'read-models.sqlite-wal',
  'read-models.sqlite-shm',
  'tokens.json',
  'ledger',
  'ledger.key',
];

/**
 * Makes the folder ready for a new demonstration: a new one, or one that an earlier demonstration
 * left. @throws UsageError when the folder holds anything else; StoreLocked when it is in use.
 */
export async function prepareDemoFolder(directory: string): Promise<void> {
  const mark = join(directory, DEMO_MARK_FILE);
  if (existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(mark)) {
    throw new UsageError('demo.not-a-demo-store', `${directory} was not made by a demonstration`);
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(mark, `${JSON.stringify({ madeBy: 'redress demo' })}\n`);
  if (existsSync(join(directory, 'log.sqlite'))) {
    // Whoever serves the old demonstration holds its lock: its files may not vanish under it.
    const old = await SqliteEventStore.open({ directory, mode: 'write' });
    await old.close();
  }
  for (const name of DEMO_FILES) rmSync(join(directory, name), { force: true, recursive: true });
}

export type SignIn = { readonly role: string; readonly actorId: string; readonly token: string };

const USERS = [
  { role: 'complainant', actorId: 'demo-complainant' },
  { role: 'case-handler', actorId: 'handler-01' },
  { role: 'team-lead', actorId: 'demo-lead' },
  { role: 'compliance-officer', actorId: 'demo-compliance' },
  { role: 'analyst', actorId: 'demo-analyst' },
  { role: 'auditor', actorId: 'demo-auditor' },
  { role: 'administrator', actorId: 'demo-administrator' },
] as const;

/** One token for each kind of user; only their SHA-256 is stored. New ones each time. */
export function writeDemoTokens(directory: string): readonly SignIn[] {
  const signIns = USERS.map((user) => ({ ...user, token: randomBytes(18).toString('base64url') }));
  const tokens = Object.fromEntries(
    signIns.map(({ token, actorId, role }) => [sha256Hex(token), { actorId, role }]),
  );
  writeFileSync(join(directory, 'tokens.json'), `${JSON.stringify(tokens, null, 2)}\n`, {
    mode: 0o600,
  });
  return signIns;
}
