import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

/** Streams whose names are kept: about 4 MB. A rebuild comes back to each stream it holds. */
export const NAMES_KEPT_MAX = 16_384;
/** Numbers that lie this dense are read as one range: those of new streams follow each other. */
const RANGE_PER_NAME_MAX = 4;

/**
 * Names of streams by number, and the other way round. Looking a name up in the index costs more
 * than reading the event; a stream that was met once is mostly met again soon. What is kept never
 * grows old, as a stream keeps its number for ever.
 */
export class StreamNames {
  readonly #names = new Map<number, string>();
  readonly #numbers = new Map<string, number>();
  readonly #one: StatementSyncInstance;
  readonly #range: StatementSyncInstance;
  readonly #numberOf: StatementSyncInstance;

  constructor(private readonly database: DatabaseSyncInstance) {
    this.#one = database.prepare('SELECT name FROM streams WHERE number = ?');
    this.#range = database.prepare('SELECT number, name FROM streams WHERE number BETWEEN ? AND ?');
    this.#numberOf = database.prepare('SELECT number FROM streams WHERE name = ?');
    for (const statement of [this.#one, this.#range, this.#numberOf]) {
      statement.setReturnArrays(true);
    }
  }

  /** Undefined while there is no such stream; that is asked anew each time. */
  numberOf(name: string): number | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const row = this.#numberOf.get(name) as readonly [number] | undefined;
    if (row) this.#keep(row[0], name);
    return row?.[0];
  }

  /** The names of these streams; a number without a stream is left out. */
  namesOf(numbers: Iterable<number>): ReadonlyMap<number, string> {
    const names = new Map<number, string>();
    const unknown: number[] = [];
    for (const number of new Set(numbers)) {
      const known = this.#names.get(number);
      if (known === undefined) unknown.push(number);
      else names.set(number, known);
    }
    for (const [number, name] of this.#read(unknown)) {
      names.set(number, name);
      this.#keep(number, name);
    }
    return names;
  }

  #read(numbers: readonly number[]): readonly (readonly [number, string])[] {
    if (numbers.length === 0) return [];
    const sorted = numbers.toSorted((a, b) => a - b);
    const [first = 0, last = first] = [sorted[0], sorted.at(-1)];
    if (last - first < numbers.length * RANGE_PER_NAME_MAX) {
      return this.#range.all(first, last) as unknown as readonly (readonly [number, string])[];
    }
    return sorted.flatMap((number) => {
      const row = this.#one.get(number) as readonly [string] | undefined;
      return row ? [[number, row[0]] as const] : [];
    });
  }

  #keep(number: number, name: string): void {
    // What a transaction that is still open has made may yet come to nothing.
    if (this.database.isTransaction) return;
    this.#names.set(number, name);
    this.#numbers.set(name, number);
    if (this.#names.size <= NAMES_KEPT_MAX) return;
    const [oldest] = this.#names;
    if (!oldest) return;
    this.#names.delete(oldest[0]);
    this.#numbers.delete(oldest[1]);
  }
}
