import { setTimeout as delay } from 'node:timers/promises';
import type { Measured, Metrics, WriteText } from '#http';
import type { Probe } from '#wiring';
import { GrowingInterval } from './fault-log.js';
import { writeLine } from './log-line.js';

/** What was seen of a server when it was asked last. */
export type ServerState = {
  readonly ok: boolean;
  /** Why it is not: the code of the fault. */
  readonly code?: string;
  /** Since when it has been so, by this machine's clock. */
  readonly since: string;
};

export type ServerStates = { readonly [name: string]: ServerState };

/** Between two looks at a server that answers. */
const LOOK_EVERY_MS = 1_000;
/** Between looks at one that does not, doubled each time up to the second figure. */
const LOOK_AGAIN_FIRST_MS = 250;
const LOOK_AGAIN_MAX_MS = 2_000;
/** An adapter gives up earlier; one that does not must not make a dead server look alive. */
const ANSWER_WITHIN_MS = 3_000;

/** For tests: the time that the watch goes by. */
export type WatchTime = {
  readonly monotonicMs: () => number;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
};

const REAL_TIME: WatchTime = {
  monotonicMs: () => performance.now(),
  wait: (delayMs, signal) =>
    delay(delayMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
};

/**
 * Asks each server again and again whether it is there, tells of every change once and of lasting
 * absence at growing intervals. Readiness and metrics are answered from what it saw last, so that a
 * probe costs the servers nothing.
 */
export class ServerWatch {
  readonly #stopping = new AbortController();
  readonly #states = new Map<string, ServerState>();
  readonly #watched: readonly Watched[];
  #firstLooks: Promise<unknown> | undefined;
  #ended: Promise<unknown> | undefined;

  constructor(
    probes: readonly Probe[],
    private readonly writeLog: WriteText,
    private readonly time: WatchTime = REAL_TIME,
  ) {
    this.#watched = probes.map((probe) => new Watched(probe));
  }

  /**
   * Begins to ask. Not before the process has loaded what it is made of: a thread that is busy takes
   * every server for slow.
   */
  start(): void {
    if (this.#firstLooks) return;
    this.#firstLooks = Promise.all(this.#watched.map((one) => this.look(one)));
    const keepAll = () => Promise.all(this.#watched.map((one) => this.keep(one)));
    this.#ended = this.#firstLooks.then(keepAll);
  }

  /** As of the last look; waits for the first one, at most {@link ANSWER_WITHIN_MS}. */
  async states(): Promise<ServerStates> {
    this.start();
    await this.#firstLooks;
    return Object.fromEntries(this.#states);
  }

  /** Resolves when nothing is asked any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  private async keep(watched: Watched): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.time.wait(watched.pauseMs(), signal);
      if (!signal.aborted) await this.look(watched);
    }
  }

  private async look(watched: Watched): Promise<void> {
    const { name } = watched.probe;
    const fault = await faultOf(watched.probe);
    const code = fault?.code;
    const before = this.#states.get(name);
    const changed = before === undefined || before.code !== code || watched.seesAnother(fault);
    if (before === undefined || before.code !== code) {
      const since = new Date().toISOString();
      this.#states.set(name, code === undefined ? { ok: true, since } : { ok: false, code, since });
    }
    watched.count(fault);
    this.tell(watched, fault, { changed, first: before === undefined });
  }

  private tell(
    watched: Watched,
    fault: Fault | undefined,
    { changed, first }: { readonly changed: boolean; readonly first: boolean },
  ): void {
    const { name: what, address, signIn } = watched.probe;
    if (fault === undefined) {
      if (changed && !first) writeLine(this.writeLog, { level: 'info', what, address, back: true });
      return;
    }
    if (changed) watched.absence = new GrowingInterval(this.time.monotonicMs);
    else if (!watched.absence?.isTimeToTell()) return;
    const level = changed ? 'error' : 'warn';
    const { code, isSignInRefused } = fault;
    // The variable, and never its value: it is the one place where user and password are said.
    const refused = isSignInRefused ? { problem: SIGN_IN_REFUSED, lookAt: signIn?.variable } : {};
    writeLine(this.writeLog, { level, what, code, ...refused, address, retrying: true });
  }
}

/** What is remembered of one server between looks. */
class Watched {
  /** There from the first time that it did not answer. */
  absence: GrowingInterval | undefined;
  #faults = 0;
  #last: Fault | undefined;

  constructor(readonly probe: Probe) {}

  /** The same code may stand for a server that is away, and for one that does not let us in. */
  seesAnother(fault: Fault | undefined): boolean {
    return this.#last?.isSignInRefused !== fault?.isSignInRefused;
  }

  count(fault: Fault | undefined): void {
    this.#last = fault;
    this.#faults = fault === undefined ? 0 : this.#faults + 1;
  }

  pauseMs(): number {
    if (this.#faults === 0) return LOOK_EVERY_MS;
    const doublings = Math.min(this.#faults - 1, 10);
    return Math.min(LOOK_AGAIN_FIRST_MS * 2 ** doublings, LOOK_AGAIN_MAX_MS);
  }
}

const SIGN_IN_REFUSED = 'the server does not take this user or password';

type Fault = { readonly code: string; readonly isSignInRefused: boolean };

/** What is wrong with a server; undefined when it answers. */
async function faultOf(probe: Probe): Promise<Fault | undefined> {
  const silence = new AbortController();
  const silent = delay<Fault>(
    ANSWER_WITHIN_MS,
    { code: 'server.silent', isSignInRefused: false },
    { signal: silence.signal },
  ).catch(() => undefined);
  try {
    return await Promise.race([probe.ping().then(() => undefined), silent]);
  } catch (error) {
    const coded = error instanceof Error && 'code' in error && typeof error.code === 'string';
    const code = coded ? String(error.code) : 'server.unavailable';
    return { code, isSignInRefused: probe.signIn?.isRefused(error) ?? false };
  } finally {
    silence.abort();
  }
}

/** Adds whether each server answers to the numbers of the process. */
export function measureServers(metrics: Metrics, watch: ServerWatch): void {
  metrics.gauge('redress_server_up', 'Whether the server answered last: 1 or 0.', async () => {
    const states = await watch.states();
    return Object.entries(states).map(([server, { ok }]): Measured[number] => ({
      labels: { server },
      value: ok ? 1 : 0,
    }));
  });
}
