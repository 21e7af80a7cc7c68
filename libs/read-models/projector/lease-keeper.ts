import type { LeaseRecord, LeaseTable, Share } from '#read-models/port';
import {
  claimOf,
  decideLeases,
  isClaimable,
  memberRecordOf,
  othersAlive,
  partitionOfRecord,
  type LeaseMove,
  type LeaseView,
  type ObservedLease,
} from './lease.policy.js';

/** Who could not renew a lease for so long stops by itself, before others may take it over. */
export const SELF_FENCING_MS = 4_500;
/** A read that comes later than this after the one before tells nothing of the time between. */
const OBSERVED_GAP_MAX_MS = 2_000;

/** Milliseconds that only ever rise, from any beginning; never the time of day. */
export type MonotonicClock = () => number;

export type LeaseKeeperOptions = {
  /** Id of this process, made anew at each start: a process that comes back is another one. */
  readonly me: string;
  readonly table: LeaseTable;
  readonly clock: MonotonicClock;
  /** Higher for a later program, so that an older one can tell. */
  readonly generation?: number;
};

type Held = { readonly record: LeaseRecord; readonly renewedAtMs: number };

type Observation = { readonly record: LeaseRecord; readonly stillForMs: number };

/**
 * The leases of one process: beats, renews, claims and gives back whenever it is tended, once a
 * second. What it answers of its leases it answers by its own clock, whether the table can be
 * reached or not.
 */
export class LeaseKeeper {
  private readonly held = new Map<string, Held>();
  /** Ids of leases that were claimed and not given back. */
  private readonly wanted = new Set<string>();
  private observed: ReadonlyMap<string, Observation> = new Map();
  private observedAtMs: number | undefined;
  private aside = false;
  private beats = 0;
  private takenOver = 0;
  /** One errand after the other: an answer that is older than a claim would take it back. */
  private errands: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LeaseKeeperOptions) {}

  /** Partitions taken over from holders that were dead. */
  get takeovers(): number {
    return this.takenOver;
  }

  /** Living processes, this one included. */
  get members(): number {
    return othersAlive(this.view()).length + 1;
  }

  /** True when a process of a later program is alive. */
  get newerLives(): boolean {
    const { generation } = this.view();
    return othersAlive(this.view()).some(({ token }) => token > generation);
  }

  /** Gives all partitions back from now on, or wants some again. */
  want(partitions: 'some' | 'none'): void {
    this.aside = partitions === 'none';
  }

  get standsAside(): boolean {
    return this.aside;
  }

  /** The partitions that this process may write now. */
  share(): Share {
    const share = new Map<number, number>();
    for (const [id, { record }] of this.held) {
      const partition = partitionOfRecord(id);
      if (partition !== undefined && this.holds(id)) share.set(partition, record.token);
    }
    return share;
  }

  /** True when it is held, and was renewed lately enough that nobody else can have it. */
  holds(id: string): boolean {
    const held = this.held.get(id);
    return held !== undefined && this.options.clock() - held.renewedAtMs < SELF_FENCING_MS;
  }

  /** One look at the table, and what follows from it. @throws ReadModelsUnavailable */
  async tend(): Promise<void> {
    return this.inTurn(async () => {
      await this.look();
      this.beats += 1;
      await this.carryOut(decideLeases(this.view()));
    });
  }

  /**
   * Claims a lease that is no partition's; tending renews it until it is given back. Answers whether
   * it is held. @throws ReadModelsUnavailable
   */
  async claim(id: string): Promise<boolean> {
    return this.inTurn(async () => {
      if (this.holds(id)) return true;
      await this.look();
      const view = this.view();
      const known = view.records.get(id);
      if (isClaimable(known)) await this.carryOut([claimOf(view, id, known)]);
      // Not before it is sure: what was claimed without an answer is given back when tended next.
      if (this.holds(id)) this.wanted.add(id);
      return this.holds(id);
    });
  }

  /** Gives a lease back, if it is held. @throws ReadModelsUnavailable */
  async giveBack(id: string): Promise<void> {
    return this.inTurn(() => this.release(id));
  }

  /** Gives everything back, so that others need not wait until they believe it dead. */
  async leave(): Promise<void> {
    return this.inTurn(async () => {
      await Promise.all([...this.held.keys()].map((id) => this.release(id)));
      await this.options.table.remove(memberRecordOf(this.options.me));
    });
  }

  private async release(id: string): Promise<void> {
    this.wanted.delete(id);
    const held = this.held.get(id);
    if (!held) return;
    this.held.delete(id);
    const { record } = held;
    await this.options.table.replace(record, { ...record, holder: null, beat: record.beat + 1 });
  }

  private inTurn<Result>(errand: () => Promise<Result>): Promise<Result> {
    const turn = this.errands.then(errand);
    this.errands = turn.catch(() => undefined);
    return turn;
  }

  private async look(): Promise<void> {
    const { clock, table, me } = this.options;
    const records = await table.all();
    const nowMs = clock();
    // While the table could not be read nobody could renew either: that time counts for nobody.
    const passedMs = Math.min(nowMs - (this.observedAtMs ?? nowMs), OBSERVED_GAP_MAX_MS);
    const before = this.observed;
    this.observed = new Map(
      records.map((record) => {
        const last = before.get(record.id);
        const still = last !== undefined && isUnmoved(last.record, record);
        return [record.id, { record, stillForMs: still ? last.stillForMs + passedMs : 0 }];
      }),
    );
    this.observedAtMs = nowMs;
    for (const [id, { record }] of this.held) {
      const now = this.observed.get(id)?.record;
      if (now?.holder !== me || now.token !== record.token) this.held.delete(id);
    }
  }

  private view(): LeaseView {
    const { me, generation = 0 } = this.options;
    const records = new Map<string, ObservedLease>();
    for (const [id, { record, stillForMs }] of this.observed) {
      records.set(id, { ...record, stillForMs });
    }
    return { me, generation, beat: this.beats, aside: this.aside, wanted: this.wanted, records };
  }

  /** All at once; one that fails keeps none of the others back. */
  private async carryOut(moves: readonly LeaseMove[]): Promise<void> {
    // Taken before anything is sent: a lease is never believed to be younger than it is.
    const sentAtMs = this.options.clock();
    const answers = await Promise.allSettled(moves.map((move) => this.carryOutOne(move, sentAtMs)));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async carryOutOne(move: LeaseMove, sentAtMs: number): Promise<void> {
    const { table } = this.options;
    if (move.kind === 'remove') return table.remove(move.id);
    const { kind, known, next } = move;
    if (kind === 'give-back') this.held.delete(next.id);
    if (!(await table.replace(known && recordOf(known), next))) {
      this.held.delete(next.id);
      return;
    }
    if (kind === 'give-back' || next.id === memberRecordOf(this.options.me)) return;
    this.held.set(next.id, { record: next, renewedAtMs: sentAtMs });
    const taken = kind === 'claim' && known !== undefined && known.holder !== null;
    if (taken && partitionOfRecord(next.id) !== undefined) this.takenOver += 1;
  }
}

function isUnmoved(a: LeaseRecord, b: LeaseRecord): boolean {
  return a.holder === b.holder && a.token === b.token && a.beat === b.beat;
}

function recordOf({ id, holder, token, beat }: ObservedLease): LeaseRecord {
  return { id, holder, token, beat };
}
