import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import type { Offer } from '../offered.js';
import { standInFiles } from './stand-in-files.js';

/** Set to run the suites against a real server; each test then has a database of its own there. */
const SERVER_URL = 'MONGODB_URL';
const HEAP_MB_DEFAULT = 512;
const ASK_TIMEOUT_MS = 10_000;

/** A MongoDB to test with: the stand-in, or the one that `MONGODB_URL` names. */
export type TestMongo = {
  /** Without a database: see {@link urlOf}. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

export type StandIn = TestMongo & {
  readonly port: number;
  readonly pid: number;
  /** Ends it at once, as a crash would; its data is gone. */
  readonly kill: () => Promise<void>;
};

/** Whether there is a MongoDB to test with; fetches and builds the stand-in when it has to. */
export async function mongoOffer(): Promise<Offer> {
  return process.env[SERVER_URL] ? { offered: true } : standInOffer();
}

/** For tests that stop, kill or refill their server: those never touch the one of `MONGODB_URL`. */
export async function standInOffer(): Promise<Offer> {
  const files = await standInFiles();
  return 'missing' in files ? files : { offered: true };
}

/** Product and version, for the names of suites: a summary must say what was tested against. */
export async function mongoName(): Promise<string> {
  const url = process.env[SERVER_URL];
  if (!url) return 'stand-in mongo-java-server 1.47.0';
  const client = new MongoClient(url, { serverSelectionTimeoutMS: ASK_TIMEOUT_MS });
  try {
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    return `MongoDB ${String(version)}`;
  } finally {
    await client.close();
  }
}

/** The server that `MONGODB_URL` names, else a stand-in of the caller's own. */
export async function startMongo(): Promise<TestMongo> {
  const url = process.env[SERVER_URL];
  return url ? { url, stop: () => Promise.resolve() } : startStandIn();
}

/**
 * Starts a stand-in in a process of its own on 127.0.0.1; it ends with `stop`, and with its parent.
 * @throws when Java or the libraries are missing: ask {@link mongoOffer} first.
 */
export async function startStandIn(
  options: { readonly port?: number; readonly heapMb?: number } = {},
): Promise<StandIn> {
  const { port: wanted = 0, heapMb = HEAP_MB_DEFAULT } = options;
  const files = await standInFiles();
  if ('missing' in files) throw new Error(files.missing);
  const flags = [`-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-cp', files.classPath];
  const child = spawn('java', [...flags, 'Launcher', String(wanted)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const started = once(createInterface({ input: child.stdout }), 'line');
  const [line] = (await Promise.race([started, ended.then(() => [])])) as readonly unknown[];
  const { pid } = child;
  if (typeof line !== 'string' || pid === undefined) throw new Error('the stand-in did not start');
  const port = Number(line);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async () => {
    // As when its parent is gone. A process that a test has stopped would not see it.
    child.stdin.end();
    child.kill('SIGCONT');
    await ended;
  };
  return {
    url: `mongodb://127.0.0.1:${port}/?directConnection=true&retryWrites=false`,
    port,
    pid,
    kill,
    stop,
  };
}

/** The URL with a database in its path. */
export function urlOf({ url }: Pick<TestMongo, 'url'>, database: string): string {
  const [, server = '', query = ''] =
    /^(mongodb(?:\+srv)?:\/\/[^/?]+)[^?]*(\?.*)?$/.exec(url) ?? [];
  return `${server}/${database}${query}`;
}
