import { InvariantBroken, type CanonicalJson } from '#kernel';
import { EventTooLarge } from './errors.js';
import type { ExpectedMark, Mark } from './event-store.js';

/** UTF-8 bytes of one value: a checkpoint with the cosignatures of many witnesses takes a tenth. */
export const MARK_SIZE_MAX_BYTES = 60_000;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * What every adapter refuses before it touches its store. A value is a JSON object, as EventStoreDB
 * keeps marks where the metadata of a stream belongs.
 *
 * @throws EventTooLarge; InvariantBroken when no store could hold such a mark.
 */
export function checkMark(name: string, value: CanonicalJson, expected: ExpectedMark): void {
  checkMarkName(name);
  if (!value.startsWith('{')) throw new InvariantBroken(`mark ${name}: its value is an object`);
  if (expected !== 'no-mark' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new InvariantBroken(`${expected} is not a revision`);
  }
  const sizeBytes = Buffer.byteLength(value);
  if (sizeBytes > MARK_SIZE_MAX_BYTES) {
    throw new EventTooLarge(sizeBytes, MARK_SIZE_MAX_BYTES, 'bytes');
  }
}

/** @throws InvariantBroken */
export function checkMarkName(name: string): void {
  if (!NAME.test(name)) throw new InvariantBroken(`${JSON.stringify(name)} names no mark`);
}

/**
 * Whether a mark is written, was written before, or somebody else was quicker. A write whose outcome
 * was unknown is repeated with the same value and expectation, and then answers as the first time.
 */
export function judgeMark(
  expected: ExpectedMark,
  value: CanonicalJson,
  current: Mark | undefined,
): 'write' | 'repeated' | 'conflict' {
  const before = expected === 'no-mark' ? -1 : expected;
  const last = current?.revision ?? -1;
  if (last === before) return 'write';
  return last === before + 1 && current?.value === value ? 'repeated' : 'conflict';
}
