import { Long } from 'mongodb';
import { InvariantBroken, type Position } from '#kernel';

const LARGEST = 2n ** 63n - 1n;
const DECIMAL = /^(0|[1-9]\d{0,18})$/;

/** Positions are numbers in the database, so that it compares and sorts them. */
export function longOf(position: Position): Long {
  if (DECIMAL.test(position) && BigInt(position) <= LARGEST) return Long.fromString(position);
  throw new InvariantBroken(`position ${position} does not fit these read models`);
}

/** The driver gives a number where one can hold the value, else a Long. */
export function positionOf(stored: unknown): Position {
  return String(stored);
}
