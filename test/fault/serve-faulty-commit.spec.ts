import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteEventStore } from '#event-store/sqlite';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { readAfter } from '#testing/event-store';
import { ENDING_STATUS } from '../../apps/process/index.js';

const SCRIPT = new URL('./serve-faulty-commit.child.ts', import.meta.url);
const TIMEOUT_MS = 60_000;
const LODGING = {
  channel: 'web',
  product: 'Current account',
  allegations: [{ issue: 'Fees' }],
};
/** Requests that wait together when the commit errs. */
const TOGETHER = 16;

let directory: string;
let children: TypescriptChild[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redress-commit-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

async function startServer(
  ...args: readonly string[]
): Promise<{ readonly child: TypescriptChild; readonly address: string }> {
  const child = spawnTypescript({ script: SCRIPT, args: [directory, ...args] });
  children.push(child);
  for await (const address of child.lines) return { child, address };
  throw new Error(`no address: ${(await child.ended).errorText}`);
}

type Answer = {
  readonly status: number;
  readonly body: { readonly code?: string; readonly receipt?: string };
};

async function lodge(address: string, key: string): Promise<Answer> {
  const response = await fetch(`${address}/v1/complaints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(LODGING),
  }).catch(() => undefined);
  if (!response) return { status: 0, body: { code: 'no-answer' } };
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

function lodgeTogether(address: string): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: TOGETHER }, (_, key) => lodge(address, `key-${key}`)));
}

describe('a commit that errs under the server', () => {
  it.each(['before', 'after'] as const)(
    'ends it with a status of its own when it errs %s it is on disk; started again, each key counts once',
    async (when) => {
      const { child, address } = await startServer('2', when);
      expect((await lodge(address, 'first')).status).toBe(201);
      const together = await lodgeTogether(address);
      const codes = new Set(together.map(({ body }) => body.code ?? 'lodged'));
      expect(codes).toContain('store.append-unknown');
      // None may hear that all is well, or that nothing was written, when that is not so.
      expect(codes).not.toContain('lodged');
      const { status, errorText } = await child.ended;
      expect(status).toBe(ENDING_STATUS.appendUnknown);
      expect(errorText).toContain('disk I/O error');

      const again = await startServer('0');
      expect((await lodge(again.address, 'first')).status).toBe(201);
      const lodged = await lodgeTogether(again.address);
      expect(lodged.map((answer) => answer.status)).toEqual(lodged.map(() => 201));
      again.child.process.kill('SIGTERM');
      expect((await again.child.ended).status).toBe(0);

      const store = await SqliteEventStore.open({ directory, mode: 'read' });
      const events = await readAfter(store, undefined);
      await store.close();
      expect(events).toHaveLength(TOGETHER + 1);
      expect(new Set(events.map(({ stream }) => stream)).size).toBe(TOGETHER + 1);
    },
    TIMEOUT_MS,
  );

  it(
    'ends it too when it is the commit of what was signed; started again, signing goes on',
    async () => {
      const child = spawnTypescript({ script: SCRIPT, args: [directory, '1', 'after', 'on'] });
      children.push(child);
      const { status, errorText } = await child.ended;
      expect(status).toBe(ENDING_STATUS.appendUnknown);
      expect(errorText).toContain('disk I/O error');

      const again = await startServer('0', 'before', 'on');
      const { body } = await lodge(again.address, 'first');
      // Answered only when a checkpoint covers it.
      const proof = await fetch(`${again.address}${body.receipt}`);
      expect(proof.status).toBe(200);
      expect(await proof.text()).toContain('\nredress.local/default\n1\n');
    },
    TIMEOUT_MS,
  );
});
