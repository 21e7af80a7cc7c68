import { DatabaseSync } from '@photostructure/sqlite';
import { join } from 'node:path';
import { perSecond } from './figure.js';

const PAGE = 1_000;

/**
 * The bound: iterate over the log, parse, fold what is parsed into one plain document a stream in
 * memory, and every thousand events write the changed documents and a checkpoint. Answers events/s.
 */
export function rawFold(directory: string, into: string): number {
  const log = new DatabaseSync(join(directory, 'log.sqlite'), { readOnly: true });
  const target = new DatabaseSync(into);
  target.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE documents (stream INTEGER PRIMARY KEY, document TEXT);
    CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, position INTEGER)`);
  const write = target.prepare('INSERT OR REPLACE INTO documents VALUES (?, ?)');
  const read = target.prepare('SELECT document FROM documents WHERE stream = ?');
  const pass = target.prepare('INSERT OR REPLACE INTO checkpoint VALUES (1, ?)');
  const rows = log.prepare('SELECT position, stream, type, data, metadata FROM events').iterate();
  const changed = new Map<number, object>();
  const startedAtMs = performance.now();
  let count = 0;
  const flush = (): void => {
    target.exec('BEGIN IMMEDIATE');
    for (const [stream, document] of changed) write.run(stream, JSON.stringify(document));
    pass.run(count);
    target.exec('COMMIT');
    changed.clear();
  };
  for (const row of rows) {
    const stream = Number(row['stream']);
    const stored = changed.get(stream) ?? parsed(read.get(stream)?.['document']);
    const data = parsed(row['data']);
    changed.set(stream, { ...stored, ...data, at: parsed(row['metadata'])['recordedAt'] });
    count += 1;
    if (count % PAGE === 0) flush();
  }
  flush();
  const rate = perSecond(count, startedAtMs);
  log.close();
  target.close();
  return rate;
}

function parsed(text: unknown): Readonly<Record<string, unknown>> {
  return typeof text === 'string' ? (JSON.parse(text) as Record<string, unknown>) : {};
}
