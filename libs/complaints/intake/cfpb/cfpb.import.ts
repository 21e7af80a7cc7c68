import { EventTooLarge, type Transacted } from '#event-store/port';
import { comparePositions, NotCanonical, type Position } from '#kernel';
import { CsvReader, type CsvRecord, type CsvRow } from './csv-records.js';
import { readHeader, type CfpbHeader } from './cfpb.header.js';
import { recordRow, type RecordOptions } from './cfpb.record.js';
import { readRow, type CfpbRow } from './cfpb.row.js';

/**
 * Rows under way at once. Their appends wait together and share one fsync; each holds its commands
 * and events in memory meanwhile.
 */
export const ROWS_IN_FLIGHT_MAX = 128;
/** Refused rows that the result lists; all of them are counted. */
export const REJECTED_LISTED_MAX = 10_000;

export type RejectedRow = {
  /** Row of data from 1, as a spreadsheet would count below the heading. */
  readonly row: number;
  /** Line of the file on which the row begins. */
  readonly line: number;
  readonly reason: string;
};

export type ImportResult = {
  readonly rows: number;
  readonly lodged: number;
  readonly unchanged: number;
  /** Known complaints that got further events: the answer came, the complainant replied. */
  readonly updated: number;
  /** At most {@link REJECTED_LISTED_MAX}; `rejectedCount` has them all. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedCount: number;
  /** Events written now. */
  readonly events: number;
  /** Position of the last event that the rows wrote or found; read models behind it lag. */
  readonly position?: Position;
};

export type ImportOptions = RecordOptions & {
  /** Called now and then with rows handled and bytes read so far. */
  readonly onProgress?: (progress: { readonly rows: number; readonly bytes: number }) => void;
  /**
   * Told of a fault of the store and how many of the row came before; resolves when the row may be
   * tried again, throws the fault to end the import. The first one ends it when absent. Trying again
   * writes nothing twice; a row that was stored although its answer was lost counts as unchanged.
   */
  readonly waitOut?: (error: unknown, faults: number) => Promise<void>;
};

/** The file is not a CFPB export. Nothing was written. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
  readonly code = 'import.not-a-cfpb-file';
}

/**
 * Imports an export of the CFPB's complaint database. Each row is one transaction of its own, with
 * ids made from the row's id: a row is there whole or not at all, so an import that was interrupted
 * is finished by running it again, and one that was finished writes nothing.
 *
 * @throws ImportRefused when the heading is another one; StoreUnavailable and AppendUnknown as the
 * store does: run it again.
 */
export async function importCfpb(
  chunks: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const tally = new Tally();
  const rows = new RowPool(options, tally);
  const reader = new CsvReader();
  let header: CfpbHeader | undefined;
  let bytes = 0;
  const handle = async (records: readonly CsvRecord[]): Promise<void> => {
    for (const record of records) {
      if (!header) header = headerOf(record);
      else await rows.take(record, header);
    }
    options.onProgress?.({ rows: tally.rows, bytes });
  };
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      await handle(reader.feed(chunk));
    }
    await handle(reader.end());
  } finally {
    // Also after a fault: what is under way still writes, and the store must not close under it.
    await rows.settled();
  }
  rows.throwFault();
  if (!header) throw new ImportRefused('the file is empty');
  return tally.result();
}

/**
 * Reads no further than the heading. Asked before a store is made for the file.
 * @throws ImportRefused when there is none, or another one.
 */
export async function checkCfpbHeader(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const reader = new CsvReader();
  for await (const chunk of chunks) {
    const [record] = reader.feed(chunk);
    if (!record) continue;
    headerOf(record);
    return;
  }
  const [record] = reader.end();
  if (!record) throw new ImportRefused('the file is empty');
  headerOf(record);
}

function headerOf(record: CsvRecord): CfpbHeader {
  if (record.kind === 'fault') throw new ImportRefused(`line ${record.line}: ${record.reason}`);
  const header = readHeader(record.fields);
  if ('refused' in header) throw new ImportRefused(header.refused);
  return header;
}

class Tally {
  rows = 0;
  #lodged = 0;
  #unchanged = 0;
  #updated = 0;
  #events = 0;
  #rejectedCount = 0;
  #position: Position | undefined;
  readonly #rejected: RejectedRow[] = [];

  reject(row: RejectedRow): void {
    this.#rejectedCount += 1;
    if (this.#rejected.length < REJECTED_LISTED_MAX) this.#rejected.push(row);
  }

  accept({ eventCount, revision, position }: Transacted): void {
    if (eventCount === 0) this.#unchanged += 1;
    else if (eventCount === revision + 1) this.#lodged += 1;
    else this.#updated += 1;
    this.#events += eventCount;
    const isLater = this.#position === undefined || comparePositions(position, this.#position) > 0;
    if (isLater) this.#position = position;
  }

  result(): ImportResult {
    return {
      rows: this.rows,
      lodged: this.#lodged,
      unchanged: this.#unchanged,
      updated: this.#updated,
      rejected: this.#rejected.toSorted((a, b) => a.row - b.row),
      rejectedCount: this.#rejectedCount,
      events: this.#events,
      ...(this.#position === undefined ? {} : { position: this.#position }),
    };
  }
}

/** Rows under way, at most {@link ROWS_IN_FLIGHT_MAX}; stops taking more at the first fault. */
class RowPool {
  #underWay = 0;
  /** Called when one row is done; there is never more than one who waits. */
  #onDone: (() => void) | undefined;
  #fault: { readonly error: unknown } | undefined;

  constructor(
    private readonly options: ImportOptions,
    private readonly tally: Tally,
  ) {}

  async take(record: CsvRecord, header: CfpbHeader): Promise<void> {
    this.tally.rows += 1;
    const { line } = record;
    const row = this.tally.rows;
    const understood = record.kind === 'fault' ? record : readRow(header, record.fields);
    if ('reason' in understood) return this.tally.reject({ row, line, reason: understood.reason });
    if ('refused' in understood)
      return this.tally.reject({ row, line, reason: understood.refused });
    if (record.kind === 'fault') return;
    await this.#room();
    this.throwFault();
    this.#underWay += 1;
    void this.#record(understood, record, row);
  }

  throwFault(): void {
    if (this.#fault) throw this.#fault.error;
  }

  async settled(): Promise<void> {
    while (this.#underWay > 0) await this.#oneDone();
  }

  async #room(): Promise<void> {
    if (this.#underWay >= ROWS_IN_FLIGHT_MAX) await this.#oneDone();
  }

  // One promise a wait: Promise.race would leave a reaction on all rows under way, for each row.
  #oneDone(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDone = resolve;
    });
  }

  async #recorded(understood: CfpbRow, raw: CsvRow['raw']): ReturnType<typeof recordRow> {
    for (let faults = 0; ; faults += 1) {
      try {
        return await recordRow(understood, raw, this.options);
      } catch (error) {
        const { waitOut } = this.options;
        if (!waitOut || isOfTheRow(error)) throw error;
        await waitOut(error, faults);
      }
    }
  }

  async #record(understood: CfpbRow, { raw, line }: CsvRow, row: number): Promise<void> {
    try {
      const outcome = await this.#recorded(understood, raw);
      if (outcome.kind === 'done') return this.tally.accept(outcome);
      this.tally.reject({ row, line, reason: `${outcome.code}: ${outcome.message}` });
    } catch (error) {
      if (isOfTheRow(error)) {
        this.tally.reject({ row, line, reason: `${error.code}: ${error.message}` });
      } else {
        this.#fault ??= { error };
      }
    } finally {
      this.#underWay -= 1;
      this.#onDone?.();
      this.#onDone = undefined;
    }
  }
}

/** It will err again however often it is tried; the others will not. */
function isOfTheRow(error: unknown): error is EventTooLarge | NotCanonical {
  return error instanceof EventTooLarge || error instanceof NotCanonical;
}
