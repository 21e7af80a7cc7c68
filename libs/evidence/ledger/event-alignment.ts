import { leafHash } from '#merkle';
import { equalBytes } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';
import { leafEntryOf, leafOf, type Leaf } from '../leaf/leaf.js';
import { FAULTS_MAX, type Fault } from '../verdict.js';
import { maybeLeaf } from './leaf-scan.js';
import type { WalkedBundle } from './tree-walk.js';

/** How far ahead it is looked for where the store and the log meet again. */
const WINDOW_EVENTS = 512;
/** Events without a leaf, and leaves without an event, that may still find each other. */
const UNMATCHED_MAX = 10_000;
/** Faults that are described; more are counted. */
const DESCRIBED_MAX = 10 * FAULTS_MAX;

type SignedLeaf = {
  readonly index: number;
  /** Undefined where the bundle could not be read. */
  readonly entry: Uint8Array | undefined;
  readonly hash: Uint8Array;
  /** Whether the entry is the one with this hash. */
  readonly isSigned: boolean;
};

export type Aligned = {
  readonly faults: readonly Fault[];
  readonly faultsBeyond: number;
  readonly notYetSigned: number;
};

/**
 * Lays the events of a store beside the leaves of its log. Where they part, it looks for the next
 * place where they meet, by event ids: what lies between was taken away, added or moved.
 */
export class EventAlignment {
  readonly #pages: AsyncIterator<readonly EventRecord[]>;
  #events: EventRecord[] = [];
  #eventAt = 0;
  #eventsEnded = false;
  readonly #leaves: SignedLeaf[] = [];
  #leafAt = 0;
  readonly #missing = new Map<string, number>();
  readonly #extra = new Map<string, number>();
  readonly #faults: Fault[] = [];
  #faultsBeyond = 0;
  #cutOff: { readonly index: number; readonly id: string | undefined; count: number } | undefined;

  constructor(
    events: AsyncIterable<readonly EventRecord[]>,
    private readonly origin: string,
  ) {
    this.#pages = events[Symbol.asyncIterator]();
  }

  /** Takes the next bundle, and compares as far as can be told already. */
  async take({ first, width, entries, hashes, agrees }: WalkedBundle): Promise<void> {
    const kept = new Uint8Array(hashes);
    const content = entries.content?.copy();
    if (this.#leafAt > 0) this.#leaves.splice(0, this.#leafAt);
    this.#leafAt = 0;
    for (let at = 0; at < width; at += 1) {
      const entry = content?.entry(at);
      const hash = kept.subarray(at * 32, at * 32 + 32);
      const isSigned = entry !== undefined && (agrees || equalBytes(leafHash(entry), hash));
      this.#leaves.push({ index: first + at, entry, hash, isSigned });
    }
    await this.#compare(WINDOW_EVENTS);
  }

  /** Compares what is left, and counts the events that no checkpoint covers yet. */
  async finish(): Promise<Aligned> {
    await this.#compare(0);
    let notYetSigned = 0;
    while (await this.#need(1)) {
      notYetSigned += this.#events.length - this.#eventAt;
      this.#eventAt = this.#events.length;
    }
    this.#describeUnmatched();
    const faults = this.#faults.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
    return { faults, faultsBeyond: this.#faultsBeyond, notYetSigned };
  }

  /** As long as there are leaves; where the two part, only with so many more to look at. */
  async #compare(leavesAhead: number): Promise<void> {
    while (this.#leafAt < this.#leaves.length) {
      await this.#need(this.#leaves.length - this.#leafAt);
      this.#skipSame();
      const leaf = this.#leaves[this.#leafAt];
      const event = this.#events[this.#eventAt];
      if (!leaf) return;
      if (!event) {
        if (!this.#eventsEnded) continue;
        this.#leafWithoutStore(leaf);
        continue;
      }
      if (this.#leaves.length - this.#leafAt < leavesAhead) return;
      await this.#need(WINDOW_EVENTS);
      this.#part(event, leaf);
    }
  }

  /** Passes over all events that are what was signed. */
  #skipSame(): void {
    const events = this.#events;
    const leaves = this.#leaves;
    let [eventAt, leafAt] = [this.#eventAt, this.#leafAt];
    for (; eventAt < events.length && leafAt < leaves.length; eventAt += 1, leafAt += 1) {
      const [event, leaf] = [events[eventAt], leaves[leafAt]];
      if (!event || !leaf || !this.#isSame(event, leaf)) break;
    }
    this.#eventAt = eventAt;
    this.#leafAt = leafAt;
  }

  #isSame(event: EventRecord, { index, entry, hash, isSigned }: SignedLeaf): boolean {
    try {
      const made = leafEntryOf(event, { origin: this.origin, index });
      return isSigned && entry ? equalBytes(made, entry) : equalBytes(leafHash(made), hash);
    } catch (error) {
      if (error instanceof EvidenceError) return false;
      throw error;
    }
  }

  /** The event is not the leaf's: says what happened here, and goes on where the two meet again. */
  #part(event: EventRecord, leaf: SignedLeaf): void {
    const id = leaf.entry && maybeLeaf(leaf.entry)?.id;
    if (id === undefined || id === event.id) {
      this.#changed(event, leaf);
      return;
    }
    if (this.#meetsAfterOne()) {
      this.#extraEvent(leaf.index);
      this.#missingLeaf();
      return;
    }
    const leavesAhead = this.#findLeaf(event.id);
    const eventsAhead = this.#findEvent(id);
    if (eventsAhead !== undefined && eventsAhead <= (leavesAhead ?? eventsAhead)) {
      for (let at = 0; at < eventsAhead; at += 1) this.#extraEvent(leaf.index);
    } else if (leavesAhead !== undefined) {
      for (let at = 0; at < leavesAhead; at += 1) this.#missingLeaf();
    } else {
      this.#extraEvent(leaf.index);
      this.#missingLeaf();
    }
  }

  /** Whether only this one place differs, as where two events far apart were swapped. */
  #meetsAfterOne(): boolean {
    const entry = this.#leaves[this.#leafAt + 1]?.entry;
    const next = this.#events[this.#eventAt + 1];
    return next !== undefined && entry !== undefined && maybeLeaf(entry)?.id === next.id;
  }

  #findLeaf(id: string): number | undefined {
    const end = Math.min(this.#leaves.length, this.#leafAt + WINDOW_EVENTS);
    for (let at = this.#leafAt + 1; at < end; at += 1) {
      const entry = this.#leaves[at]?.entry;
      if (entry && maybeLeaf(entry)?.id === id) return at - this.#leafAt;
    }
    return undefined;
  }

  #findEvent(id: string): number | undefined {
    const end = Math.min(this.#events.length, this.#eventAt + WINDOW_EVENTS);
    for (let at = this.#eventAt + 1; at < end; at += 1) {
      if (this.#events[at]?.id === id) return at - this.#eventAt;
    }
    return undefined;
  }

  #changed(event: EventRecord, leaf: SignedLeaf): void {
    this.#eventAt += 1;
    this.#leafAt += 1;
    const reason = changeInWords(event, { leaf, origin: this.origin });
    this.#fault({ what: 'event', index: leaf.index, eventId: event.id, reason });
  }

  #extraEvent(index: number): void {
    const event = this.#events[this.#eventAt];
    this.#eventAt += 1;
    if (!event) return;
    const logged = this.#missing.get(event.id);
    if (logged !== undefined) {
      this.#missing.delete(event.id);
      this.#moved(event.id, { logged, found: index });
    } else if (this.#extra.has(event.id) || this.#extra.size >= UNMATCHED_MAX) {
      this.#fault(addedFault(event.id, index));
    } else {
      this.#extra.set(event.id, index);
    }
  }

  #missingLeaf(): void {
    const leaf = this.#leaves[this.#leafAt];
    this.#leafAt += 1;
    const id = leaf?.entry && maybeLeaf(leaf.entry)?.id;
    if (!leaf || id === undefined) return;
    const found = this.#extra.get(id);
    if (found !== undefined) {
      this.#extra.delete(id);
      this.#moved(id, { logged: leaf.index, found });
    } else if (this.#missing.size >= UNMATCHED_MAX) {
      this.#fault(missingFault(id, { index: leaf.index, count: 1 }));
    } else {
      this.#missing.set(id, leaf.index);
    }
  }

  /** The store has ended, and the log goes on. */
  #leafWithoutStore(leaf: SignedLeaf): void {
    const id = leaf.entry && maybeLeaf(leaf.entry)?.id;
    if (id !== undefined && this.#extra.has(id)) {
      this.#missingLeaf();
      return;
    }
    this.#leafAt += 1;
    this.#cutOff ??= { index: leaf.index, id, count: 0 };
    this.#cutOff.count += 1;
  }

  #describeUnmatched(): void {
    for (const [id, index] of this.#extra) this.#fault(addedFault(id, index));
    for (const run of runsOf([...this.#missing])) this.#fault(missingFault(run.id, run));
    if (!this.#cutOff) return;
    const { index, id, count } = this.#cutOff;
    const reason = `the store ends here: ${count} events that were signed are not in it`;
    this.#fault({ what: 'event', index, ...(id === undefined ? {} : { eventId: id }), reason });
  }

  #moved(eventId: string, { logged, found }: { logged: number; found: number }): void {
    const reason = `it was moved: in the store it stands where index ${found} belongs`;
    this.#fault({ what: 'event', index: logged, eventId, reason });
  }

  #fault(fault: Fault): void {
    if (this.#faults.length < DESCRIBED_MAX) this.#faults.push(fault);
    else this.#faultsBeyond += 1;
  }

  /** Reads pages until so many events are at hand; false when there is none at all any more. */
  async #need(count: number): Promise<boolean> {
    while (!this.#eventsEnded && this.#events.length - this.#eventAt < count) {
      const page = await this.#pages.next();
      if (page.done) this.#eventsEnded = true;
      else this.#events = [...this.#events.slice(this.#eventAt), ...page.value];
      if (!page.done) this.#eventAt = 0;
    }
    return this.#eventAt < this.#events.length;
  }
}

function addedFault(eventId: string, index: number): Fault {
  const reason = 'it was added or doubled: the log has no such event at this place';
  return { what: 'event', index, eventId, reason };
}

function missingFault(
  eventId: string,
  run: { readonly index: number; readonly count: number },
): Fault {
  const reason =
    run.count === 1
      ? 'it was signed and is not in the store'
      : `it and the ${run.count - 1} events after it were signed and are not in the store`;
  return { what: 'event', index: run.index, eventId, reason };
}

/** Missing events one after another are one fault. */
function runsOf(missing: readonly (readonly [id: string, index: number])[]) {
  const runs: { id: string; index: number; count: number }[] = [];
  for (const [id, index] of missing.toSorted((a, b) => a[1] - b[1])) {
    const last = runs.at(-1);
    if (last && last.index + last.count === index) last.count += 1;
    else runs.push({ id, index, count: 1 });
  }
  return runs;
}

function changeInWords(
  event: EventRecord,
  { leaf, origin }: { readonly leaf: SignedLeaf; readonly origin: string },
): string {
  const signed = leaf.entry && maybeLeaf(leaf.entry);
  const found = maybeLeafOf(event, { origin, index: leaf.index });
  if (!found) return 'it was changed: its metadata is not of an event';
  const members = signed && leaf.isSigned ? differingMembers(signed, found) : [];
  return members.length === 0
    ? 'it was changed: it does not have the leaf hash that was signed'
    : `it was changed: ${members.join(', ')} not as signed`;
}

function maybeLeafOf(
  event: EventRecord,
  place: { readonly origin: string; readonly index: number },
): Leaf | undefined {
  try {
    return leafOf(event, place);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}

const MEMBERS: readonly (readonly [keyof Leaf, string])[] = [
  ['payloadSha256', 'data or metadata'],
  ['stream', 'stream'],
  ['revision', 'revision'],
  ['type', 'type'],
];

function differingMembers(signed: Leaf, found: Leaf): readonly string[] {
  return MEMBERS.filter(([member]) => signed[member] !== found[member]).map(([, name]) => name);
}
