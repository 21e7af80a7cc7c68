import { concat, firstDifference, maybeTextOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import { crc32 } from './crc32.js';

/** A file with its path from the top of the archive, parts divided by `/`. */
export type PackFile = { readonly path: string; readonly bytes: Uint8Array };

/** Without zip64, so: 16 bits for the number of files, 32 for every offset. */
export const ZIP_FILES_MAX = 65_535;
export const ZIP_SIZE_MAX_BYTES = 0xffff_ffff;
export const ZIP_PATH_MAX_BYTES = 1_000;

// APPNOTE.TXT 4.3; all numbers are little-endian. What is not a name, a length, an offset or a
// checksum is one of these constants, so that names and contents determine every byte.
const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const LOCAL_SIZE_BYTES = 30;
const CENTRAL_SIZE_BYTES = 46;
const END_SIZE_BYTES = 22;
const VERSION_NEEDED = 20;
/** Unix, so that the attributes below are read as permissions; APPNOTE version 3.0. */
const VERSION_MADE_BY = 0x031e;
/** Bit 11: names are UTF-8. */
const FLAGS = 0x0800;
const METHOD_STORED = 0;
const TIME = 0;
/** 1980-01-01, the first day that the format can say. */
const DATE = 0x0021;
/** A plain file that its owner may write and everybody read. */
const EXTERNAL_ATTRIBUTES = 0o100644 * 0x1_0000;

/**
 * A zip file of these files in this order, stored without compression: names and contents determine
 * every byte of it.
 * @throws EvidenceError `zip.malformed` for a path that is not plain or stands twice, `zip.too-large`
 */
export function storedZip(files: readonly PackFile[]): Uint8Array {
  checkPaths(files.map(({ path }) => path));
  const laid = files.map(({ path, bytes }) => laidFile(path, bytes));
  const locals = laid.flatMap((file) => [localHeader(file), file.bytes]);
  const size = sum(laid.map(laidSizeBytes));
  const directory = centralDirectory(laid);
  if (files.length > ZIP_FILES_MAX || size + directory.length > ZIP_SIZE_MAX_BYTES) {
    throw new EvidenceError(
      'zip.too-large',
      `${files.length} files of ${size} bytes: at most ${ZIP_FILES_MAX} of ${ZIP_SIZE_MAX_BYTES}`,
    );
  }
  return concat([...locals, directory]);
}

function checkPaths(paths: readonly string[]): void {
  const strange = paths.find((path) => !isPlainPath(path));
  if (strange !== undefined) throw malformed(`${JSON.stringify(strange)} is no plain path`);
  if (new Set(paths).size < paths.length) throw malformed('a path stands twice');
}

/** Relative, no part empty, `.` or `..`, nothing that a file system or a manifest reads otherwise. */
export function isPlainPath(path: string): boolean {
  return (
    path.isWellFormed() &&
    utf8(path).length <= ZIP_PATH_MAX_BYTES &&
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    !/[\u0000-\u001f\u007f\\:%]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** A file with what the zip says of it, twice: before it and in the directory. */
export type LaidFile = PackFile & {
  /** UTF-8 of the path. */
  readonly name: Uint8Array;
  readonly crc: number;
};

function laidFile(path: string, bytes: Uint8Array): LaidFile {
  return { path, bytes, name: utf8(path), crc: crc32(bytes) };
}

function localHeader(file: LaidFile): Uint8Array {
  const header = new Uint8Array(LOCAL_SIZE_BYTES + file.name.length);
  const view = new DataView(header.buffer);
  view.setUint32(0, LOCAL_SIGNATURE, true);
  writeFileFields(view, 4, file);
  header.set(file.name, LOCAL_SIZE_BYTES);
  return header;
}

function laidSizeBytes({ name, bytes }: LaidFile): number {
  return LOCAL_SIZE_BYTES + name.length + bytes.length;
}

/** What the header before a file and its line in the directory have in common. */
function writeFileFields(view: DataView, at: number, { name, bytes, crc }: LaidFile): void {
  view.setUint16(at, VERSION_NEEDED, true);
  view.setUint16(at + 2, FLAGS, true);
  view.setUint16(at + 4, METHOD_STORED, true);
  view.setUint16(at + 6, TIME, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, bytes.length, true);
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, name.length, true);
}

/** The directory and the record that ends the archive. */
function centralDirectory(files: readonly LaidFile[]): Uint8Array {
  const lines: Uint8Array[] = [];
  let offset = 0;
  for (const file of files) {
    lines.push(directoryLine(file, offset));
    offset += laidSizeBytes(file);
  }
  return concat([...lines, endRecord(files)]);
}

/** What the directory says of a file whose header begins at the offset. */
function directoryLine(file: LaidFile, offset: number): Uint8Array {
  const line = new Uint8Array(CENTRAL_SIZE_BYTES + file.name.length);
  const view = new DataView(line.buffer);
  view.setUint32(0, CENTRAL_SIGNATURE, true);
  view.setUint16(4, VERSION_MADE_BY, true);
  writeFileFields(view, 6, file);
  view.setUint32(38, EXTERNAL_ATTRIBUTES, true);
  view.setUint32(42, offset, true);
  line.set(file.name, CENTRAL_SIZE_BYTES);
  return line;
}

function endRecord(files: readonly LaidFile[]): Uint8Array {
  const end = new Uint8Array(END_SIZE_BYTES);
  const view = new DataView(end.buffer);
  view.setUint32(0, END_SIGNATURE, true);
  view.setUint16(8, files.length, true);
  view.setUint16(10, files.length, true);
  view.setUint32(12, sum(files.map(({ name }) => CENTRAL_SIZE_BYTES + name.length)), true);
  view.setUint32(16, sum(files.map(laidSizeBytes)), true);
  return end;
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all + size, 0);
}

/** Where a zip file is not what {@link storedZip} writes for its names and contents. */
export type ZipFault = {
  /** Offset in the file of the first byte that differs. */
  readonly offset: number;
  /** The file whose header, content or directory line it is; undefined where there is none. */
  readonly path?: string;
  readonly reason: string;
};

export type InspectedZip = {
  readonly files: readonly PackFile[];
  readonly faults: readonly ZipFault[];
};

/**
 * The files of a stored zip, and every place where the zip is not the one that these names and
 * contents determine. Contents are views of the bytes, not copies.
 */
export function inspectStoredZip(bytes: Uint8Array): InspectedZip {
  const files: LaidFile[] = [];
  const faults: ZipFault[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && files.length <= ZIP_FILES_MAX) {
    const found = inspectFile(bytes, at);
    if (!found) break;
    files.push(found.file);
    if (found.fault) faults.push(found.fault);
    at = found.end;
  }
  const tail = directoryFault(bytes, at, files);
  return { files, faults: [...faults, ...pathFaults(files), ...(tail ? [tail] : [])] };
}

export type InspectedFile = {
  readonly file: LaidFile;
  /** Offset behind its content. */
  readonly end: number;
  /** Where its header is not the one of its name and content. */
  readonly fault?: ZipFault;
};

/** The file whose header begins here; undefined when none does or it does not fit. */
export function inspectFile(bytes: Uint8Array, at: number): InspectedFile | undefined {
  if (at + LOCAL_SIZE_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, LOCAL_SIZE_BYTES);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) return undefined;
  const start = at + LOCAL_SIZE_BYTES + view.getUint16(26, true);
  const end = start + view.getUint32(18, true);
  const path = maybeTextOf(bytes.subarray(at + LOCAL_SIZE_BYTES, start));
  if (end > bytes.length || path === undefined) return undefined;
  const file = laidFile(path, bytes.subarray(start, end));
  const different = firstDifference(localHeader(file), bytes.subarray(at, start));
  if (different === undefined) return { file, end };
  const reason = 'the header before the file is not the one of this name and content';
  return { file, end, fault: { offset: at + different, path, reason } };
}

function pathFaults(files: readonly LaidFile[]): readonly ZipFault[] {
  const seen = new Set<string>();
  const faults: ZipFault[] = [];
  let offset = 0;
  for (const file of files) {
    faults.push(...pathFault(file.path, seen, offset));
    seen.add(file.path);
    offset += laidSizeBytes(file);
  }
  return faults;
}

/** What is wrong with the path of the file whose header begins at the offset. */
export function pathFault(
  path: string,
  others: ReadonlySet<string>,
  offset: number,
): readonly ZipFault[] {
  return [
    ...(isPlainPath(path) ? [] : [{ offset, path, reason: 'the path is not plain' }]),
    ...(others.has(path) ? [{ offset, path, reason: 'the path stands twice' }] : []),
  ];
}

/** What follows the last file must be the directory of all of them, and nothing else. */
export function directoryFault(
  bytes: Uint8Array,
  start: number,
  files: readonly LaidFile[],
): ZipFault | undefined {
  let at = start;
  let offset = 0;
  for (const file of files) {
    const fault = lineFault(bytes, at, { file, offset });
    if (fault) return fault.offset < start + 4 ? noDirectory(fault.offset, files) : fault;
    at += CENTRAL_SIZE_BYTES + file.name.length;
    offset += laidSizeBytes(file);
  }
  const different = firstDifference(endRecord(files), bytes.subarray(at));
  if (different === undefined) return undefined;
  if (at + different < start + 4) return noDirectory(at + different, files);
  return { offset: at + different, reason: OTHER_DIRECTORY };
}

const OTHER_DIRECTORY = 'the directory at the end is not the one of these names and contents';

function noDirectory(offset: number, files: readonly LaidFile[]): ZipFault {
  const reason = `neither a file's header nor the directory of ${files.length} files begins here`;
  return { offset, reason };
}

/** Where the line of the directory that begins here is not the one of the file. */
export function lineFault(
  bytes: Uint8Array,
  at: number,
  { file, offset }: { readonly file: LaidFile; readonly offset: number },
): ZipFault | undefined {
  const line = directoryLine(file, offset);
  const different = firstDifference(line, bytes.subarray(at, at + line.length));
  if (different === undefined) return undefined;
  return { offset: at + different, path: file.path, reason: OTHER_DIRECTORY };
}

/**
 * The files of a zip that is, byte for byte, what {@link storedZip} writes.
 * @throws EvidenceError `zip.malformed` naming the first byte that differs
 */
export function readStoredZip(bytes: Uint8Array): readonly PackFile[] {
  const { files, faults } = inspectStoredZip(bytes);
  const [first] = faults;
  if (first) throw malformed(`at byte ${first.offset}: ${first.reason}`);
  return files;
}

function malformed(problem: string): EvidenceError {
  return new EvidenceError('zip.malformed', `the zip file: ${problem}`);
}
