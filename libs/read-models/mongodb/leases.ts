import { InvariantBroken } from '#kernel';
import type { LeaseRecord, LeaseTable } from '#read-models/port';
import type { Connection } from './connection.js';
import { codeOf, DUPLICATE_KEY } from './faults.js';

const COLLECTION = 'redress_leases';
const LEASES_MAX = 1_000;

type StoredLease = {
  readonly _id: string;
  readonly holder: string | null;
  readonly token: number;
  readonly beat: number;
};

/** Leases in a collection of their own; each change finds the lease as it was read, or nothing. */
export class MongoLeases implements LeaseTable {
  constructor(private readonly connection: Connection) {}

  async all(): Promise<readonly LeaseRecord[]> {
    const found = await this.connection.run('lease', (db) =>
      db.collection<StoredLease>(COLLECTION).find().limit(LEASES_MAX).toArray(),
    );
    return found.map(({ _id, holder, token, beat }) => ({ id: _id, holder, token, beat }));
  }

  replace(known: LeaseRecord | undefined, next: LeaseRecord): Promise<boolean> {
    if (known && known.id !== next.id) {
      throw new InvariantBroken(`lease ${known.id} cannot become ${next.id}`);
    }
    const { id: _id, holder, token, beat } = next;
    return this.connection.run('lease', async (db) => {
      const leases = db.collection<StoredLease>(COLLECTION);
      if (known) {
        const was = { _id, holder: known.holder, token: known.token, beat: known.beat };
        const { matchedCount } = await leases.updateOne(was, { $set: { holder, token, beat } });
        return matchedCount === 1;
      }
      try {
        await leases.insertOne({ _id, holder, token, beat });
        return true;
      } catch (error) {
        if (codeOf(error) === DUPLICATE_KEY) return false;
        throw error;
      }
    });
  }

  async remove(id: string): Promise<void> {
    await this.connection.run('lease', (db) =>
      db.collection<StoredLease>(COLLECTION).deleteOne({ _id: id }),
    );
  }
}
