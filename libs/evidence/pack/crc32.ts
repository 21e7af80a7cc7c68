const POLYNOMIAL = 0xedb88320;
/** Bytes taken at once. */
const SLICES = 8;

/** Tables for "slicing by 8": a byte at a time would take longer than all hashing of a pack. */
const TABLES: readonly Uint32Array[] = tables();

function tables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    return value;
  });
  const all = [first];
  for (let slice = 1; slice < SLICES; slice += 1) {
    const before = all[slice - 1] ?? first;
    all.push(before.map((value) => (value >>> 8) ^ (first[value & 255] ?? 0)));
  }
  return all;
}

/** CRC-32 as zip files have it (ISO 3309), an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  if (!t0 || !t1 || !t2 || !t3 || !t4 || !t5 || !t6 || !t7) return 0;
  const at = (table: Uint32Array, index: number): number => table[index & 255] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = 0xffffffff;
  let place = 0;
  for (; place + SLICES <= bytes.length; place += SLICES) {
    const low = view.getUint32(place, true) ^ crc;
    const high = view.getUint32(place + 4, true);
    crc =
      at(t7, low) ^
      at(t6, low >>> 8) ^
      at(t5, low >>> 16) ^
      at(t4, low >>> 24) ^
      at(t3, high) ^
      at(t2, high >>> 8) ^
      at(t1, high >>> 16) ^
      at(t0, high >>> 24);
  }
  for (; place < bytes.length; place += 1) crc = (crc >>> 8) ^ at(t0, crc ^ (bytes[place] ?? 0));
  return (crc ^ 0xffffffff) >>> 0;
}
