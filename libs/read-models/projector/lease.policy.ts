import { PARTITION_COUNT, type LeaseRecord } from '#read-models/port';

/** A beat that was seen to stand still for so long is that of a dead process. */
export const LEASE_TTL_MS = 6_000;

/** A record, and for how long it was seen to stand still. */
export type ObservedLease = LeaseRecord & { readonly stillForMs: number };

export type LeaseView = {
  /** Id of this process. */
  readonly me: string;
  /** Higher for a later program; kept as the token of the member's record. */
  readonly generation: number;
  /**
   * The beat to send at least. A record that was removed and comes again must not look like the one
   * that was seen to stand still, or it is taken for dead again and again.
   */
  readonly beat: number;
  /** This process wants no partitions. */
  readonly aside: boolean;
  /** Leases that are no partition's and that this process still wants. */
  readonly wanted: ReadonlySet<string>;
  readonly records: ReadonlyMap<string, ObservedLease>;
};

export type LeaseMove =
  | {
      readonly kind: 'renew' | 'give-back' | 'claim';
      readonly known: ObservedLease | undefined;
      readonly next: LeaseRecord;
    }
  | { readonly kind: 'remove'; readonly id: string };

const MEMBER = 'member-';
const PARTITION = 'partition-';
const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

export function memberRecordOf(member: string): string {
  return `${MEMBER}${member}`;
}

export function partitionRecordOf(partition: number): string {
  return `${PARTITION}${partition}`;
}

/** The partition that a lease is for; undefined for leases of other things. */
export function partitionOfRecord(id: string): number | undefined {
  return id.startsWith(PARTITION) ? Number(id.slice(PARTITION.length)) : undefined;
}

/** True when anybody may have it: it is free, or its holder has not beaten for too long. */
export function isClaimable(lease: ObservedLease | undefined): boolean {
  return !lease || lease.holder === null || lease.stillForMs >= LEASE_TTL_MS;
}

/** Members that beat, this process apart. */
export function othersAlive({ me, records }: LeaseView): readonly ObservedLease[] {
  return [...records.values()].filter(
    ({ id, stillForMs }) =>
      id.startsWith(MEMBER) && id !== memberRecordOf(me) && stillForMs < LEASE_TTL_MS,
  );
}

/**
 * What a process does now: it beats, renews what it holds (but gives back what it wants no longer, as
 * after a claim or a return whose answer was lost), claims what falls to it of what nobody
 * living holds, gives one partition back when it has two more than another, and clears dead members
 * away. All see nearly the same records, so that they deal alike and seldom run for the same lease;
 * when they do, the table lets one of them win.
 */
export function decideLeases(view: LeaseView): readonly LeaseMove[] {
  const given = givenBack(view);
  const mine = [...view.records.values()].filter(
    ({ holder, id }) => holder === view.me && !isMember(id),
  );
  return [
    beaten(view),
    ...mine.map((known): LeaseMove => {
      const { id, token } = known;
      const kept = partitionOfRecord(id) === undefined ? view.wanted.has(id) : !given.has(id);
      const next = { id, holder: kept ? view.me : null, token, beat: known.beat + 1 };
      return { kind: kept ? 'renew' : 'give-back', known, next };
    }),
    ...claims(view),
    ...deadMembers(view).map((id): LeaseMove => ({ kind: 'remove', id })),
  ];
}

/** A lease in the hands of this process: a change of hands, so the token rises. */
export function claimOf(
  { me }: Pick<LeaseView, 'me'>,
  id: string,
  known: ObservedLease | undefined,
): LeaseMove {
  const next = { id, holder: me, token: (known?.token ?? 0) + 1, beat: (known?.beat ?? 0) + 1 };
  return { kind: 'claim', known, next };
}

function isMember(id: string): boolean {
  return id.startsWith(MEMBER);
}

function beaten({ me, generation, beat, aside, records }: LeaseView): LeaseMove {
  const id = memberRecordOf(me);
  const known = records.get(id);
  const holder = aside ? null : me;
  const next = { id, holder, token: generation, beat: Math.max(beat, (known?.beat ?? 0) + 1) };
  return { kind: 'renew', known, next };
}

function deadMembers({ me, records }: LeaseView): readonly string[] {
  return [...records.values()]
    .filter(({ id }) => isMember(id) && id !== memberRecordOf(me))
    .filter(({ stillForMs }) => stillForMs >= LEASE_TTL_MS)
    .map(({ id }) => id);
}

/** How many partitions each living member that wants some has; this process among them. */
function holdings(view: LeaseView): Map<string, number> {
  const wanting = othersAlive(view).flatMap(({ holder }) => holder ?? []);
  const counts = new Map(wanting.map((member) => [member, 0]));
  if (!view.aside) counts.set(view.me, 0);
  for (const partition of PARTITIONS) {
    const lease = view.records.get(partitionRecordOf(partition));
    const holder = lease?.holder ?? '';
    const count = counts.get(holder);
    if (count === undefined) continue;
    if (holder === view.me || !isClaimable(lease)) counts.set(holder, count + 1);
  }
  return counts;
}

function unclaimed({ me, records }: LeaseView): readonly number[] {
  return PARTITIONS.filter((partition) => {
    const lease = records.get(partitionRecordOf(partition));
    return lease?.holder !== me && isClaimable(lease);
  });
}

/** Deals what nobody living holds, each to the member that has least; answers this process's. */
function claims(view: LeaseView): readonly LeaseMove[] {
  // Who has not announced itself yet would take what others, who cannot see it, deal to themselves.
  if (view.aside || !view.records.has(memberRecordOf(view.me))) return [];
  const counts = holdings(view);
  const moves: LeaseMove[] = [];
  for (const partition of unclaimed(view)) {
    const member = outermost(counts, (a, b) => a - b);
    counts.set(member, (counts.get(member) ?? 0) + 1);
    const id = partitionRecordOf(partition);
    if (member === view.me) moves.push(claimOf(view, id, view.records.get(id)));
  }
  return moves;
}

/**
 * One partition at a time, and none while another is on its way: a change of hands stops the streams
 * of a partition for a moment, and a sixteenth of them is as much as should stand at once.
 */
function givenBack(view: LeaseView): ReadonlySet<string> {
  const mine = PARTITIONS.map(partitionRecordOf).filter(
    (id) => view.records.get(id)?.holder === view.me,
  );
  if (view.aside) return new Set(mine);
  const counts = holdings(view);
  const least = counts.get(outermost(counts, (a, b) => a - b)) ?? 0;
  const giver = outermost(counts, (a, b) => b - a);
  const even = mine.length - least < 2;
  if (even || giver !== view.me || unclaimed(view).length > 0) return new Set();
  return new Set(mine.slice(-1));
}

/** The member whose count comes first in an order; of several, the one whose id comes first. */
function outermost(
  counts: ReadonlyMap<string, number>,
  order: (a: number, b: number) => number,
): string {
  const [first] = [...counts].toSorted(
    ([idA, countA], [idB, countB]) => order(countA, countB) || (idA < idB ? -1 : 1),
  );
  return first?.[0] ?? '';
}
