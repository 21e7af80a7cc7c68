import type { LeaseRecord, LeaseTable } from '#read-models/port';

/** Leases that live as long as the process. Handles on the same records see each other's. */
export class MemoryLeaseTable implements LeaseTable {
  constructor(
    readonly records: Map<string, LeaseRecord>,
    /** Throws when the read models are closed. */
    private readonly checkOpen: () => void,
  ) {}

  async all(): Promise<readonly LeaseRecord[]> {
    this.checkOpen();
    return [...this.records.values()];
  }

  async replace(known: LeaseRecord | undefined, next: LeaseRecord): Promise<boolean> {
    this.checkOpen();
    if (!isSame(this.records.get(next.id), known)) return false;
    this.records.set(next.id, next);
    return true;
  }

  async remove(id: string): Promise<void> {
    this.checkOpen();
    this.records.delete(id);
  }
}

function isSame(stored: LeaseRecord | undefined, known: LeaseRecord | undefined): boolean {
  if (!stored || !known) return stored === known;
  return (
    stored.id === known.id &&
    stored.holder === known.holder &&
    stored.token === known.token &&
    stored.beat === known.beat
  );
}
