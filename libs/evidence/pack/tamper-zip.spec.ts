import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  fullPack,
  otherByte,
  printTampering,
  randomNumbers,
  samplePackZip,
  TAMPERS_FULLY,
  type MemoryLedger,
} from '#testing/evidence';
import { crc32 } from './crc32.js';
import {
  directoryFault,
  inspectFile,
  inspectStoredZip,
  lineFault,
  pathFault,
  type LaidFile,
  type ZipFault,
} from './stored-zip.js';
import { verifyPack } from './verify-pack.js';

// The tamper suite for the bytes of a pack as they lie. Each byte of a pack of a thousand events
// changes. To verify all of it each time would take a week, so the verifier's own functions run on
// what the change touches, and tell what the verifier says first. That they do is itself tested: with
// bytes of a small pack (in full: every one) and with samples of each kind of byte of the large one.

const EVENTS = 1_000;
const SMALL_EVENTS = 4;
/** Places of the large pack that are verified as a whole too, any kind of byte as often as any other. */
const WHOLE_SAMPLES = TAMPERS_FULLY ? 200 : 24;
/** Of the small pack, each byte or each one of so many. */
const SMALL_STEP = TAMPERS_FULLY ? 1 : 8;
const TIMEOUT_MS = 3_600_000;

/** Of a larger file only the block around the byte is summed anew. */
const BLOCK_SIZE_BYTES = 4_096;
const HEADER_SIZE_BYTES = 30;
const LINE_SIZE_BYTES = 46;
const END_SIZE_BYTES = 22;
/** Where in a header the checksum stands. */
const [CRC_START, CRC_END] = [14, 18] as const;

type Part = {
  /** What it is a byte of, as `data/events/N.json name`. */
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** Of the how manieth file; undefined in the record that ends the archive. */
  readonly number: number | undefined;
};

/** The offset is null where the first byte that differs is one of the file's checksum. */
type FirstFault = Omit<ZipFault, 'offset'> & { readonly offset: number | null };

/** A zip of which one byte at a time changes, and what stays as it is meanwhile. */
class ChangingZip {
  readonly #files: readonly LaidFile[];
  /** Where each file's header begins, and the directory. */
  readonly #starts: readonly number[];
  /** Where in the directory each file's line begins, and the record that ends it. */
  readonly #lines: readonly number[];
  readonly #numbers: ReadonlyMap<string, number>;
  /** By number of a large file the checksums up to the end of each block. */
  readonly #blockSums: ReadonlyMap<number, readonly number[]>;
  /** The files before the one that was asked for last. */
  #before: readonly LaidFile[] = [];

  constructor(readonly zip: Uint8Array) {
    const [files, starts, lines]: [LaidFile[], number[], number[]] = [[], [0], [0]];
    for (let found = inspectFile(zip, 0); found; found = inspectFile(zip, found.end)) {
      files.push(found.file);
      starts.push(found.end);
      lines.push((lines.at(-1) ?? 0) + LINE_SIZE_BYTES + found.file.name.length);
    }
    this.#files = files;
    this.#starts = starts;
    this.#lines = lines;
    this.#numbers = new Map(files.map(({ path }, number) => [path, number]));
    this.#blockSums = new Map(
      [...files.entries()]
        .filter(([, { bytes }]) => bytes.length > BLOCK_SIZE_BYTES)
        .map(([number, { bytes }]) => [number, blockSumsOf(bytes)]),
    );
  }

  get #directoryStart(): number {
    return this.#starts.at(-1) ?? 0;
  }

  /** All of the zip, part by part. */
  parts(): readonly Part[] {
    const end = this.zip.length;
    return [
      ...this.#files.flatMap((file, number) => this.#partsOf(file, number)),
      ...this.#files.flatMap((file, number) => this.#lineOf(file, number)),
      { kind: 'end record', start: end - END_SIZE_BYTES, end, number: undefined },
    ];
  }

  #partsOf({ path, bytes }: LaidFile, number: number): readonly Part[] {
    const [start = 0, end = 0] = [this.#starts[number], this.#starts[number + 1]];
    const [name, content] = [start + HEADER_SIZE_BYTES, end - bytes.length];
    const kind = kindOf(path);
    return [
      { kind: `${kind} header`, start, end: name, number },
      { kind: `${kind} name`, start: name, end: content, number },
      { kind: `${kind} content`, start: content, end, number },
    ];
  }

  #lineOf({ path }: LaidFile, number: number): readonly Part[] {
    const [line = 0, next = 0] = [this.#lines[number], this.#lines[number + 1]];
    const [start, end] = [this.#directoryStart + line, this.#directoryStart + next];
    const name = start + LINE_SIZE_BYTES;
    return [
      { kind: `${kindOf(path)} directory line`, start, end: name, number },
      { kind: `${kindOf(path)} directory name`, start: name, end, number },
    ];
  }

  /** What the inspection of the whole zip finds first, with this one byte of the part changed. */
  firstFault(place: number, { number }: Part): FirstFault | undefined {
    const directory = this.#directoryStart;
    const file = number === undefined ? undefined : this.#files[number];
    if (number === undefined || !file) return directoryFault(this.zip, directory, this.#files);
    const [start = 0, end = 0] = [this.#starts[number], this.#starts[number + 1]];
    if (place >= directory) return this.#faultOfLine(file, number, start);
    const inContent = place - end + file.bytes.length;
    const sums = this.#blockSums.get(number);
    return sums && inContent >= 0
      ? faultInBlock(file, inContent, sums)
      : this.#faultInFile(number, start, end);
  }

  #faultOfLine(file: LaidFile, number: number, start: number): FirstFault | undefined {
    const directory = this.#directoryStart;
    // Where the directory begins, a file might begin now.
    if (number === 0) {
      const isFile = inspectFile(this.zip, directory) !== undefined;
      return isFile
        ? inspectStoredZip(this.zip).faults[0]
        : directoryFault(this.zip, directory, this.#files.with(0, file));
    }
    const at = directory + (this.#lines[number] ?? 0);
    return lineFault(this.zip, at, { file, offset: start });
  }

  #faultInFile(number: number, start: number, end: number): FirstFault | undefined {
    const found = inspectFile(this.zip, start);
    if (found?.fault) return found.fault;
    if (found?.end === end) return this.#faultOfName(found.file, number, start);
    if (found) return inspectStoredZip(this.zip).faults[0];
    // No file begins here any more, so that this must be the directory of the files before it.
    if (this.#before.length !== number) this.#before = this.#files.slice(0, number);
    return directoryFault(this.zip, start, this.#before);
  }

  /** The header fits name and content, so that at most the name is another one. */
  #faultOfName(file: LaidFile, number: number, start: number): FirstFault | undefined {
    const twin = this.#numbers.get(file.path);
    const isTwin = twin !== undefined && twin !== number;
    const at = isTwin ? Math.max(start, this.#starts[twin] ?? 0) : start;
    const [fault] = pathFault(file.path, new Set(isTwin ? [file.path] : []), at);
    return fault ?? this.#faultOfLine(file, number, start);
  }

  /** Whether a fault names the file of the part, or a byte of it or of its line in the directory. */
  isLocated({ offset, path }: FirstFault, place: number, { number, kind }: Part): boolean {
    if (number === undefined || kind.includes('directory')) return offset === place;
    const within = (from: number, starts: readonly number[]): boolean =>
      offset !== null &&
      offset >= from + (starts[number] ?? 0) &&
      offset < from + (starts[number + 1] ?? 0);
    return (
      path === this.#files[number]?.path ||
      within(0, this.#starts) ||
      within(this.#directoryStart, this.#lines) ||
      // A name may have become that of another file, which then stands twice.
      (kind.endsWith('name') && path !== undefined && this.#numbers.has(path))
    );
  }
}

/**
 * Checksums that go on from two different ones over the same bytes stay different, as each byte maps
 * them one to one: where a block's checksum is another one, that of the file is.
 */
function faultInBlock(
  { path, bytes }: LaidFile,
  place: number,
  sums: readonly number[],
): FirstFault | undefined {
  const block = Math.floor(place / BLOCK_SIZE_BYTES);
  if (crc32(blockOf(bytes, block), sums[block]) === sums[block + 1]) return undefined;
  const reason = 'the header before the file is not the one of this name and content';
  return { offset: null, path, reason };
}

function blockSumsOf(bytes: Uint8Array): readonly number[] {
  const sums = [0];
  for (let block = 0; block * BLOCK_SIZE_BYTES < bytes.length; block += 1) {
    sums.push(crc32(blockOf(bytes, block), sums[block]));
  }
  return sums;
}

function blockOf(bytes: Uint8Array, block: number): Uint8Array {
  return bytes.subarray(block * BLOCK_SIZE_BYTES, (block + 1) * BLOCK_SIZE_BYTES);
}

/** Same for all revisions. */
function kindOf(path: string): string {
  return path.replace(/\d{6}/, 'N');
}

type Sample = { readonly zip: ChangingZip; readonly ledger: MemoryLedger };

async function sampleOf(events: number): Promise<Sample> {
  const { ledger, files } = await fullPack(events);
  return { zip: new ChangingZip(samplePackZip(files)), ledger };
}

/** Runs the work while the byte is another one. */
function changed<Result>(zip: Uint8Array, place: number, work: () => Result): Result {
  const before = zip[place] ?? 0;
  zip[place] = otherByte(before, place);
  try {
    return work();
  } finally {
    zip[place] = before;
  }
}

/** Whether the whole verification fails, and says first what was told from the part alone. */
function isSaidByAll({ zip, ledger }: Sample, place: number, part: Part): boolean {
  return changed(zip.zip, place, () => {
    const told = zip.firstFault(place, part);
    const { ok, faults } = verifyPack(zip.zip, { policy: ledger.policy });
    const [first] = faults;
    if (ok || !told || first?.what !== 'file' || first.index === null) return false;
    const inspected = inspectStoredZip(zip.zip).files.find(({ path }) => path === first.path);
    const header = inspected
      ? inspected.bytes.byteOffset - HEADER_SIZE_BYTES - Buffer.byteLength(inspected.path)
      : 0;
    const isThere =
      told.offset === null
        ? first.index >= header + CRC_START && first.index < header + CRC_END
        : first.index === told.offset;
    return isThere && first.path === told.path && first.reason === told.reason;
  });
}

let large: Sample;
let small: Sample;

beforeAll(async () => {
  large = await sampleOf(EVENTS);
  small = await sampleOf(SMALL_EVENTS);
}, TIMEOUT_MS);

describe('each byte of a pack of a thousand events that changes', () => {
  it('has no fault before', () => {
    const { zip, ledger } = large;
    expect(verifyPack(zip.zip, { policy: ledger.policy })).toMatchObject({
      ok: true,
      checked: EVENTS,
      withheld: [2],
      documents: 1,
      timeTokens: 1,
    });
    expect(zip.parts().reduce((at, { start, end }) => (start === at ? end : -1), 0)).toBe(
      zip.zip.length,
    );
  });

  it(
    'is found, and the file or the byte named',
    () => {
      const { zip } = large;
      const missed: string[] = [];
      const nowhere: string[] = [];
      let flips = 0;
      for (const part of zip.parts()) {
        for (let place = part.start; place < part.end; place += 1) {
          const fault = changed(zip.zip, place, () => zip.firstFault(place, part));
          if (!fault) missed.push(`${part.kind} ${place}`);
          else if (!zip.isLocated(fault, place, part)) nowhere.push(`${part.kind} ${place}`);
          flips += 1;
        }
      }
      printTampering(
        `${flips} of the ${zip.zip.length} bytes of a pack of ${EVENTS} events changed: ${missed.length} missed, ${nowhere.length} not located`,
      );
      expect({ flips, missed, nowhere }).toEqual({
        flips: zip.zip.length,
        missed: [],
        nowhere: [],
      });
    },
    TIMEOUT_MS,
  );

  it(
    'is told from the part that it lies in as from all: bytes of a small pack',
    () => {
      const others: string[] = [];
      let samples = 0;
      for (const part of small.zip.parts()) {
        const first = part.start + ((SMALL_STEP - (part.start % SMALL_STEP)) % SMALL_STEP);
        for (let place = first; place < part.end; place += SMALL_STEP) {
          samples += 1;
          if (!isSaidByAll(small, place, part)) others.push(`${part.kind} ${place}`);
        }
      }
      const { length } = small.zip.zip;
      printTampering(
        `${samples} of the ${length} bytes of a pack of ${SMALL_EVENTS} events changed, all of it verified: ${others.length} missed or told otherwise`,
      );
      expect(others).toEqual([]);
      expect(samples).toBe(Math.ceil(length / SMALL_STEP));
    },
    TIMEOUT_MS,
  );

  it(
    'is told from the part that it lies in as from all: samples of the large pack',
    () => {
      const random = randomNumbers(5);
      const parts = large.zip.parts();
      const kinds = [...new Set(parts.map(({ kind }) => kind))];
      const others: string[] = [];
      for (let sample = 0; sample < WHOLE_SAMPLES; sample += 1) {
        const wanted = kinds[random(kinds.length)];
        const alike = parts.filter(({ kind }) => kind === wanted);
        const part = alike[random(alike.length)];
        if (!part) throw new Error('there is no such part');
        const place = part.start + random(part.end - part.start);
        if (!isSaidByAll(large, place, part)) others.push(`${part.kind} ${place}`);
      }
      printTampering(
        `${WHOLE_SAMPLES} bytes of the large pack, of ${kinds.length} kinds, all of it verified: ${others.length} missed or told otherwise`,
      );
      expect(others).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
