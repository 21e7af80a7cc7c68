import { describe, expect, it } from '@jest/globals';
import { Connection } from './connection.js';
import { allRequest } from './read-messages.js';

/** A port on which nobody listens: each call is refused, and the client makes another channel. */
const NOWHERE = 'esdb://127.0.0.1:1?tls=false';
const CALLS = 12;

describe('a connection to a server that is away', () => {
  it('keeps no channel that the client has closed', async () => {
    const connection = new Connection(NOWHERE);
    const request = allRequest({ direction: 'forwards', from: undefined, countMax: 1 });
    for (let made = 0; made < CALLS; made += 1) {
      const call = await connection.read(request);
      await new Promise<void>((resolve) => {
        call.on('error', () => resolve());
        call.resume();
      });
    }
    expect(connection.channelsCount).toBeLessThanOrEqual(2);
    await connection.close();
    expect(connection.channelsCount).toBe(0);
  });
});
