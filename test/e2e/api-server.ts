import { expect } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '#event-store/memory';
import { sha256Hex, type Clock } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { readConfiguration, SystemClock, SystemRandomness } from '#wiring';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandalone } from '../../apps/standalone/index.js';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // What came over the wire; the tests say what it must be.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
};

export type Api = {
  readonly address: string;
  readonly eventStore: MemoryEventStore;
  /** What the server told of its faults. */
  readonly log: readonly string[];
  readonly accessLog: readonly string[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
};

/** A sign-in of each kind; the server knows their SHA-256 only. */
export const TOKENS = {
  handler: 'token-of-a-handler',
  analyst: 'token-of-an-analyst',
  complainant: 'token-of-a-complainant',
} as const;

const TOKEN_FILE = {
  [sha256Hex(TOKENS.handler)]: { actorId: 'handler-1', role: 'case-handler' },
  [sha256Hex(TOKENS.analyst)]: { actorId: 'analyst-1', role: 'analyst' },
  [sha256Hex(TOKENS.complainant)]: { actorId: 'complainant-1', role: 'complainant' },
};

/** The whole server on memory stores, over real HTTP, its projector in the same thread. */
export async function startApi(
  options: {
    readonly auth?: 'open' | 'tokens';
    readonly clock?: Clock;
    readonly environment?: Readonly<Record<string, string>>;
    /** What was logged before. */
    readonly memoryLog?: MemoryLog;
  } = {},
): Promise<Api> {
  const dataDir = mkdtempSync(join(tmpdir(), 'redress-api-'));
  writeFileSync(join(dataDir, 'tokens.json'), JSON.stringify(TOKEN_FILE));
  const eventStore = new MemoryEventStore({ log: options.memoryLog ?? new MemoryLog() });
  const readModels = new MemoryReadModels();
  const log: string[] = [];
  const accessLog: string[] = [];
  const standalone = await startStandalone(
    readConfiguration(options.environment ?? {}, {
      dataDir,
      port: 0,
      auth: options.auth ?? 'open',
    }),
    {
      projector: 'same-thread',
      positionWaitMs: 500,
      writeLog: (text) => log.push(text),
      writeAccessLog: (text) => accessLog.push(text),
      stores: {
        eventStore,
        readModels,
        clock: options.clock ?? new SystemClock(),
        randomness: new SystemRandomness(),
      },
    },
  );
  const { address } = standalone;
  return {
    address,
    eventStore,
    log,
    accessLog,
    get: (path, headers = {}) => answerOf(fetch(`${address}${path}`, { headers })),
    post: (path, body, headers = {}) =>
      answerOf(
        fetch(`${address}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          ...(body === undefined ? {} : { body: textOf(body) }),
        }),
      ),
    close: async () => {
      await standalone.close();
      await readModels.close();
      await eventStore.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function answerOf(fetched: Promise<Response>): Promise<Answer> {
  const response = await fetched;
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

export const LODGING = {
  channel: 'web',
  product: 'Current account',
  narrative: 'A fee was charged twice.',
  allegations: [{ issue: 'Fees', subIssue: 'Charged twice' }],
  complainant: { email: 'complainant@example.org' },
} as const;

export const CRITERIA = {
  severity: { level: 'low' },
  safety: { level: 'none' },
  complexity: { level: 'low', reason: 'one fee' },
  impact: { level: 'medium' },
  immediateAction: { level: 'none' },
} as const;

/** The answer is this refusal, in the form of RFC 9457. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ status, type: `/problems/${code}` });
  expect(typeof answer.body.title).toBe('string');
  expect(typeof answer.body.detail).toBe('string');
}
