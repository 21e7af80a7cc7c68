import { MongoServerError, type Db, type MongoClient } from 'mongodb';
import { unavailable } from './faults.js';

/** What was under way when connections broke either errs or is answered within this time, or never. */
const STUCK_AFTER_MS = 2_000;
/** A client that has answered nothing for so long, and errs, is given up for a new one. */
const SILENT_MAX_MS = 2_500;
/** The same while it builds indexes or copies rows: a busy server is slow to answer, and all would be lost. */
const SILENT_WHILE_BUILDING_MAX_MS = 15_000;

/** Nothing came back in the time that was given. */
export class NoAnswer extends Error {}

export type Asked = { readonly timeoutMs: number; readonly mayTakeLong: 'yes' | 'no' };

export type LineWatch = {
  /** Called once, when another line is to be taken from now on. */
  readonly onRetired: () => void;
  /** Called once, after that, when nothing is under way on it any more. */
  readonly onEnded: () => void;
};

type UnderWay = Asked & { readonly giveUp: (error: Error) => void };

/**
 * A driver client until its connections break. Driver 7.9.0 writes to sockets that are destroyed and
 * have not told so yet, and then waits for their `drain` for ever: seen when all connections of a
 * server end in the same moment, as they do when it is stopped. When the one that hangs so is the
 * monitor's, nothing that is asked of the client is ever answered again; otherwise what hangs keeps
 * its connection of the pool. So nothing new is asked after a break: another client finds the server
 * at once, where this one would look for it 0.5 s later at the earliest.
 */
export class DriverLine {
  readonly #underWay = new Set<UnderWay>();
  readonly #watch: LineWatch;
  #answeredAtMs = performance.now();
  #hasAnswered = false;
  #look: NodeJS.Timeout | undefined;
  #greeting: Promise<Db> | undefined;
  #state: 'in-use' | 'retired' | 'ended' = 'in-use';

  constructor(
    private readonly client: MongoClient,
    private readonly greet: (client: MongoClient) => Promise<Db>,
    watch: LineWatch,
  ) {
    this.#watch = watch;
    client.on('connectionPoolCleared', () => this.#retire());
    // Until it has answered once, each step of connecting tells that it is slow and not stuck.
    for (const step of ['serverHeartbeatSucceeded', 'connectionReady'] as const) {
      client.on(step, () => {
        if (!this.#hasAnswered) this.#answeredAtMs = performance.now();
      });
    }
  }

  /** @throws ReadModelsUnavailable when it takes too long, or the line is given up; what `work` throws. */
  async ask<Result>(asked: Asked, work: (db: Db) => Promise<Result>): Promise<Result> {
    let known: UnderWay | undefined;
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, giveUp) => {
      known = { ...asked, giveUp };
      this.#underWay.add(known);
      const late = () => giveUp(new NoAnswer(`no answer for ${asked.timeoutMs} ms`));
      timer = setTimeout(late, asked.timeoutMs);
    });
    try {
      const answer = await Promise.race([this.#greeted().then(work), givenUp]);
      this.#heard();
      return answer;
    } catch (error) {
      // A refusal is an answer, too: the line is sound, and so is what is under way on it.
      if (isRefusal(error)) this.#heard();
      // Another server may answer next time, of another kind.
      this.#greeting = undefined;
      if (performance.now() - this.#answeredAtMs > this.#silentMaxMs()) this.giveUp();
      throw error;
    } finally {
      clearTimeout(timer);
      if (known) this.#underWay.delete(known);
      if (this.#state === 'retired' && this.#underWay.size === 0) this.#end();
    }
  }

  /** Lets go of the client, and of all who still wait for it. Idempotent. */
  giveUp(): void {
    if (this.#state === 'ended') return;
    this.#retire();
    for (const { giveUp } of this.#underWay) giveUp(unavailable('its connections broke'));
    this.#end();
  }

  close(): Promise<void> {
    clearTimeout(this.#look);
    return this.client.close();
  }

  #heard(): void {
    this.#hasAnswered = true;
    this.#answeredAtMs = performance.now();
  }

  /** Takes nothing new, and lets what is under way come to its end, which may be never. */
  #retire(): void {
    if (this.#state !== 'in-use') return;
    this.#state = 'retired';
    this.#watch.onRetired();
    if (this.#underWay.size === 0) {
      this.#end();
      return;
    }
    this.#look = setTimeout(() => {
      if (this.#waiting().length > 0) this.giveUp();
    }, STUCK_AFTER_MS);
    this.#look.unref();
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#look);
    this.#watch.onEnded();
    // Nobody asks it any more; how its end goes is nobody's concern.
    this.client.close(true).catch(() => undefined);
  }

  #silentMaxMs(): number {
    const isBuilding = [...this.#underWay].some(({ mayTakeLong }) => mayTakeLong === 'yes');
    return isBuilding ? SILENT_WHILE_BUILDING_MAX_MS : SILENT_MAX_MS;
  }

  #waiting(): readonly UnderWay[] {
    return [...this.#underWay].filter(({ mayTakeLong }) => mayTakeLong === 'no');
  }

  #greeted(): Promise<Db> {
    const greeting = (this.#greeting ??= this.greet(this.client));
    greeting.catch(() => {
      if (this.#greeting === greeting) this.#greeting = undefined;
    });
    return greeting;
  }
}

/** The driver tells what broke in the midst of a bulk as if the server had refused it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  const told: unknown = error.errorResponse;
  return !(told instanceof Error) || isRefusal(told);
}
