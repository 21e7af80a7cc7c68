import { describe, expect, it } from '@jest/globals';
import { PARTITION_COUNT } from '#read-models/port';
import { decideLeases, LEASE_TTL_MS, type LeaseView, type ObservedLease } from './lease.policy.js';

const member = (name: string, stillForMs = 0): ObservedLease => ({
  id: `member-${name}`,
  holder: name,
  token: 0,
  beat: 1,
  stillForMs,
});

const partition = (number: number, holder: string | null, stillForMs = 0): ObservedLease => ({
  id: `partition-${number}`,
  holder,
  token: 7,
  beat: 3,
  stillForMs,
});

/** All partitions, dealt by a function of their number. */
const dealt = (holder: (number: number) => string | null, stillForMs = 0) =>
  Array.from({ length: PARTITION_COUNT }, (_, n) => partition(n, holder(n), stillForMs));

const decide = (leases: readonly ObservedLease[], change: Partial<LeaseView> = {}) => {
  const records = new Map(leases.map((lease) => [lease.id, lease]));
  const wanted = new Set<string>();
  return decideLeases({
    me: 'a',
    generation: 0,
    beat: 5,
    aside: false,
    wanted,
    records,
    ...change,
  });
};

const kindsOf = (moves: ReturnType<typeof decide>, kind: string) =>
  moves.flatMap((move) => (move.kind === kind ? ['next' in move ? move.next.id : move.id] : []));

describe('lease policy', () => {
  it('announces itself before it claims anything', () => {
    const moves = decide([]);
    expect(moves).toHaveLength(1);
    expect(moves[0]).toMatchObject({
      kind: 'renew',
      next: { id: 'member-a', holder: 'a', beat: 5 },
    });
  });

  it('deals what is free so that all members get alike, each knowing its own', () => {
    const leases = [member('a'), member('b'), member('c'), ...dealt(() => null)];
    const claims = ['a', 'b', 'c'].map((me) => kindsOf(decide(leases, { me }), 'claim'));
    expect(claims.map(({ length }) => length)).toEqual([6, 5, 5]);
    expect(new Set(claims.flat()).size).toBe(PARTITION_COUNT);
  });

  it('raises the token with the holder, and only then', () => {
    const leases = [member('a'), partition(3, 'a'), partition(4, null)];
    const moves = decide(leases);
    const tokenOf = (id: string) =>
      moves.flatMap((move) => ('next' in move && move.next.id === id ? [move.next.token] : []));
    expect(tokenOf('partition-3')).toEqual([7]);
    expect(tokenOf('partition-4')).toEqual([8]);
    expect(tokenOf('partition-5')).toEqual([1]);
  });

  it('takes from the dead only, and buries them, but never itself', () => {
    const almost = LEASE_TTL_MS - 1;
    const living = [member('a', LEASE_TTL_MS), member('b', almost), ...dealt(() => 'b', almost)];
    expect(kindsOf(decide(living), 'claim')).toEqual([]);
    expect(kindsOf(decide(living), 'remove')).toEqual([]);
    const dead = [member('a'), member('b', LEASE_TTL_MS), ...dealt(() => 'b', LEASE_TTL_MS)];
    expect(kindsOf(decide(dead), 'claim')).toHaveLength(PARTITION_COUNT);
    expect(kindsOf(decide(dead), 'remove')).toEqual(['member-b']);
  });

  it('gives one back to who has two fewer, while nothing else is on its way', () => {
    const uneven = dealt((n) => (n < 9 ? 'a' : 'b'));
    const members = [member('a'), member('b')];
    expect(kindsOf(decide([...members, ...uneven]), 'give-back')).toEqual(['partition-8']);
    const onItsWay = [...members, ...uneven.slice(0, -1)];
    expect(kindsOf(decide(onItsWay), 'give-back')).toEqual([]);
    const even = dealt((n) => (n < 8 ? 'a' : 'b'));
    expect(kindsOf(decide([...members, ...even]), 'give-back')).toEqual([]);
  });

  it('gives all back and claims none when it stands aside', () => {
    const leases = [member('a'), member('b'), ...dealt((n) => (n < 15 ? 'a' : null))];
    const moves = decide(leases, { aside: true });
    expect(kindsOf(moves, 'give-back')).toHaveLength(15);
    expect(kindsOf(moves, 'claim')).toEqual([]);
    expect(moves[0]).toMatchObject({ next: { id: 'member-a', holder: null } });
  });
});
