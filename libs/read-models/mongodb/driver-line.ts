import { MongoServerError, type Db, type MongoClient } from 'mongodb';
import { unavailable } from './faults.js';

/**
 * What was under way when connections broke either errs or is answered within this time, and what
 * was asked since is answered if the server is there; else the client is stuck, or loses nothing.
 */
const STUCK_AFTER_MS = 2_000;
/** A client that has answered nothing for so long, and errs, is given up for a new one. */
const SILENT_MAX_MS = 2_500;
/** The same while it builds indexes or copies rows: a busy server is slow to answer, and all would be lost. */
const SILENT_WHILE_BUILDING_MAX_MS = 15_000;

/** Nothing came back in the time that was given. */
export class NoAnswer extends Error {}

export type Asked = { readonly timeoutMs: number; readonly mayTakeLong: 'yes' | 'no' };

type UnderWay = Asked & { readonly giveUp: (error: Error) => void };

/**
 * A driver client for as long as it is any good. Driver 7.9.0 writes to sockets that are destroyed
 * and have not told so yet, and then waits for their `drain` for ever: seen when all connections of
 * a server end in the same moment, as they do when it is stopped. When the one that hangs so is the
 * monitor's, nothing that is asked of the client is ever answered again.
 */
export class DriverLine {
  readonly #underWay = new Set<UnderWay>();
  readonly #onWornOut: () => void;
  #answeredAtMs = performance.now();
  readonly #looks = new Set<NodeJS.Timeout>();
  #greeting: Promise<Db> | undefined;
  #isWornOut = false;

  constructor(
    private readonly client: MongoClient,
    private readonly greet: (client: MongoClient) => Promise<Db>,
    /** Called once, when another line is to be taken from now on. */
    onWornOut: () => void,
  ) {
    this.#onWornOut = onWornOut;
    client.on('connectionPoolCleared', () => this.#lookAfterBreak());
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
      this.#answeredAtMs = performance.now();
      return answer;
    } catch (error) {
      // A refusal is an answer, too: the line is sound, and so is what is under way on it.
      if (error instanceof MongoServerError) this.#answeredAtMs = performance.now();
      // Another server may answer next time, of another kind.
      this.#greeting = undefined;
      if (performance.now() - this.#answeredAtMs > this.#silentMaxMs()) this.giveUp();
      throw error;
    } finally {
      clearTimeout(timer);
      if (known) this.#underWay.delete(known);
    }
  }

  /** Lets go of the client, and of all who still wait for it. Idempotent. */
  giveUp(): void {
    if (this.#isWornOut) return;
    this.#isWornOut = true;
    for (const look of this.#looks) clearTimeout(look);
    this.#onWornOut();
    for (const { giveUp } of this.#underWay) giveUp(unavailable('its connections broke'));
    // Nobody asks it any more; how its end goes is nobody's concern.
    this.client.close(true).catch(() => undefined);
  }

  close(): Promise<void> {
    for (const look of this.#looks) clearTimeout(look);
    return this.client.close();
  }

  /** Each break by itself: what a later one holds up was not yet asked at an earlier one. */
  #lookAfterBreak(): void {
    const brokeAtMs = performance.now();
    const before = this.#waiting();
    const look = setTimeout(() => {
      this.#looks.delete(look);
      const now = this.#waiting();
      const isSilent = this.#answeredAtMs < brokeAtMs && now.length > 0;
      if (isSilent || before.some((one) => now.includes(one))) this.giveUp();
    }, STUCK_AFTER_MS);
    look.unref();
    this.#looks.add(look);
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
