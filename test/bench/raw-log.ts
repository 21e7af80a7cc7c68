import { DatabaseSync } from '@photostructure/sqlite';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, uuidV4, uuidV5, type NewEvent } from '#kernel';

/** Bytes of data and metadata of a sample event, about those of a real one. */
const SAMPLE_TEXT_LENGTH = 100;

/** The first event of a new stream, of the size that events here have (about 500 bytes). */
export function sampleEvents(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, () => {
    const id = uuidV4(randomBytes(16));
    return {
      id,
      type: 'SampleRecorded',
      data: canonicalJson({ reference: id, text: 'x'.repeat(SAMPLE_TEXT_LENGTH) }),
      metadata: canonicalJson({
        v: 1,
        actor: { id: 'bench', role: 'administrator', via: 'bench' },
        recordedAt: '2026-01-01T00:00:00.000Z',
        commandId: id,
        correlationId: id,
        schemaVersion: 1,
        salt: randomBytes(16).toString('base64url'),
        $correlationId: id,
      }),
    };
  });
}

export function sampleStream(index: number): string {
  return `sample-${uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', String(index))}`;
}

/** The bound: bare SQLite, synced, keys in order, no questions asked. */
export class RawLog {
  readonly #database: InstanceType<typeof DatabaseSync>;
  readonly #insert;
  #position = 0;

  constructor(directory: string) {
    this.#database = new DatabaseSync(join(directory, 'raw.sqlite'));
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE events (
        position INTEGER PRIMARY KEY, stream TEXT, revision INTEGER,
        id TEXT, type TEXT, data TEXT, metadata TEXT
      )`);
    this.#insert = this.#database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)');
  }

  /** Inserts all events, `groupSize` to a transaction. */
  insert(events: readonly NewEvent[], groupSize: number): void {
    for (let start = 0; start < events.length; start += groupSize) {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const event of events.slice(start, start + groupSize)) {
        this.#insert.run(
          this.#position,
          sampleStream(this.#position),
          0,
          event.id,
          event.type,
          event.data,
          event.metadata,
        );
        this.#position += 1;
      }
      this.#database.exec('COMMIT');
    }
  }

  close(): void {
    this.#database.close();
  }
}
