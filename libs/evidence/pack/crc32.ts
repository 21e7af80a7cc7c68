/** The polynomial of ISO 3309, its bits in reverse, as a signed number of 32 bits. */
const POLYNOMIAL = 0xedb88320 | 0;
/** Bytes taken at once. */
const SLICES = 8;
const BYTE_VALUES = 256;

/**
 * Tables for "slicing by 8", one behind the other: a byte at a time would take longer than all hashing
 * of a pack. Signed, because the engine holds unsigned numbers of 32 bits as fractions, and slowly.
 */
const TABLE = tables();

function tables(): Int32Array {
  const table = new Int32Array(SLICES * BYTE_VALUES);
  for (let byte = 0; byte < BYTE_VALUES; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    table[byte] = value;
  }
  for (let at = BYTE_VALUES; at < table.length; at += 1) {
    const before = table[at - BYTE_VALUES] ?? 0;
    table[at] = (before >>> 8) ^ (table[before & 255] ?? 0);
  }
  return table;
}

function after(slice: number, byte: number): number {
  return TABLE[slice * BYTE_VALUES + byte] ?? 0;
}

/**
 * CRC-32 as zip files have it (ISO 3309), an unsigned number.
 * @param before the checksum of what stands before these bytes, to go on from it
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = ~before;
  let place = 0;
  for (; place + SLICES <= bytes.length; place += SLICES) {
    const low = view.getInt32(place, true) ^ crc;
    const high = view.getInt32(place + 4, true);
    crc =
      after(7, low & 255) ^
      after(6, (low >>> 8) & 255) ^
      after(5, (low >>> 16) & 255) ^
      after(4, low >>> 24) ^
      after(3, high & 255) ^
      after(2, (high >>> 8) & 255) ^
      after(1, (high >>> 16) & 255) ^
      after(0, high >>> 24);
  }
  for (; place < bytes.length; place += 1) {
    crc = (crc >>> 8) ^ after(0, (crc ^ (bytes[place] ?? 0)) & 255);
  }
  return ~crc >>> 0;
}
