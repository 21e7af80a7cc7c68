import { describe, expect, it } from '@jest/globals';
import { isSignInRefused as isRefusedByLog } from '#event-store/eventstoredb';
import { StoreUnavailable } from '#event-store/port';
import { isSignInRefused as isRefusedByMongo } from '#read-models/mongodb';
import { ReadModelsUnavailable } from '#read-models/port';

const driverError = (code: number) => Object.assign(new Error('denied'), { code });

describe('a sign-in', () => {
  it.each([
    [16, true],
    [7, true],
    [14, false],
  ])('at EventStoreDB that ends with the gRPC code %i is refused: %p', (code, expected) => {
    const error = new StoreUnavailable('read', { cause: driverError(code) });
    expect(isRefusedByLog(error)).toBe(expected);
  });

  it.each([
    [18, true],
    [13, true],
    [8_000, true],
    [11_600, false],
  ])('at MongoDB that ends with the code %i is refused: %p', (code, expected) => {
    const cause = driverError(code);
    const error = new ReadModelsUnavailable('read-models.unavailable', 'ping', { cause });
    expect(isRefusedByMongo(error)).toBe(expected);
  });

  it('is not what any other error tells of', () => {
    expect(isRefusedByLog(driverError(16))).toBe(false);
    expect(isRefusedByMongo(new ReadModelsUnavailable('read-models.rebuilding', 'x'))).toBe(false);
  });
});
