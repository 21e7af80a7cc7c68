import { describe, expect, it } from '@jest/globals';
import type { LeaseRecord } from '#read-models/port';
import type { SharedBench } from './shared-harness.js';

const RACERS = 24;

const record = (id: string, change: Partial<LeaseRecord> = {}): LeaseRecord => ({
  id,
  holder: null,
  token: 0,
  beat: 0,
  ...change,
});

export function leasesContract(bench: SharedBench): void {
  describe('lease table', () => {
    const all = async () =>
      (await bench.other.leases.all()).toSorted((a, b) => (a.id < b.id ? -1 : 1));

    it('puts a record where there is none, once, and shows it to all', async () => {
      const { one, other } = bench;
      expect(await all()).toEqual([]);
      const mine = record('partition-3', { holder: 'a', token: 1 });
      expect(await one.leases.replace(undefined, mine)).toBe(true);
      expect(await other.leases.replace(undefined, { ...mine, holder: 'b' })).toBe(false);
      expect(await one.leases.replace(undefined, mine)).toBe(false);
      expect(await all()).toEqual([mine]);
    });

    it('replaces a record only as it was read, every member of it', async () => {
      const { one, other } = bench;
      const known = record('partition-3', { holder: 'a', token: 1, beat: 7 });
      await one.leases.replace(undefined, known);
      const next = { ...known, holder: 'b', token: 2 };
      const changed = [{ beat: 6 }, { token: 2 }, { holder: 'b' }, { holder: null }];
      for (const change of changed) {
        expect(await other.leases.replace({ ...known, ...change }, next)).toBe(false);
      }
      expect(await all()).toEqual([known]);
      expect(await other.leases.replace(known, next)).toBe(true);
      expect(await one.leases.replace(known, { ...known, beat: 8 })).toBe(false);
      const free = { ...next, holder: null };
      expect(await one.leases.replace(next, free)).toBe(true);
      expect(await one.leases.replace(free, { ...free, holder: 'a', token: 3 })).toBe(true);
      expect(await all()).toEqual([{ ...free, holder: 'a', token: 3 }]);
    });

    it('does not bring back a record that was removed; removing twice is removing once', async () => {
      const { one, other } = bench;
      const known = record('member-a', { holder: 'a' });
      await one.leases.replace(undefined, known);
      await one.leases.replace(undefined, record('member-b', { holder: 'b' }));
      await other.leases.remove(known.id);
      await other.leases.remove(known.id);
      expect(await one.leases.replace(known, { ...known, beat: 1 })).toBe(false);
      expect((await all()).map(({ id }) => id)).toEqual(['member-b']);
    });

    it.each(['that is free', 'that was never there'])(
      'gives a lease %s to one of many',
      async (kind) => {
        const known = kind === 'that is free' ? record('rebuild-sample-register') : undefined;
        if (known) await bench.one.leases.replace(undefined, known);
        const answers = await Promise.all(
          Array.from({ length: RACERS }, async (_, n) => {
            const { leases } = n % 2 === 0 ? bench.one : bench.other;
            const next = record('rebuild-sample-register', { holder: `racer-${n}`, token: 1 });
            return (await leases.replace(known, next)) ? next : undefined;
          }),
        );
        const winners = answers.filter((won) => won !== undefined);
        expect(winners).toHaveLength(1);
        expect(await all()).toEqual(winners);
      },
    );

    it('is refused once closed', async () => {
      await bench.one.close();
      const refused = { code: 'read-models.unavailable' };
      await expect(bench.one.leases.all()).rejects.toMatchObject(refused);
    });
  });
}
