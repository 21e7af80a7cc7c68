import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HttpLedger } from '#ledger';
import { answering, ScriptedServer } from './scripted-server.js';

const SIZE_MAX_BYTES = 20_000_000;
/** How often garbage is collected before something may be said to outlive that. */
const COLLECTIONS = 10;

let server: ScriptedServer;

beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.stop();
});

function reading(
  options?: ConstructorParameters<typeof HttpLedger>[1],
): Promise<Uint8Array | undefined> {
  return new HttpLedger(server.url, options).read('checkpoint');
}

function unreachable(message: string): Error {
  const unlike = { name: 'LedgerError', code: 'ledger.unreachable' };
  return expect.objectContaining({
    ...unlike,
    message: expect.stringContaining(message),
  }) as unknown as Error;
}

/** Collects garbage at once, which the engine does on its own at any time. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  // The cast says what the flag brings into a new context.
  (runInNewContext('gc') as () => void)();
}

describe('a ledger over HTTP', () => {
  it('reads the bytes that lie below its address, with a slash at its end or without', async () => {
    server.script = (response, { path }) => response.end(`bytes of ${path}`);
    for (const end of ['/ledger', '/ledger/']) {
      const bytes = await new HttpLedger(`${server.url}${end}`).read('tile/0/x001/067.p/3');
      expect(Buffer.from(bytes ?? []).toString()).toBe('bytes of /ledger/tile/0/x001/067.p/3');
    }
    expect(server.asked.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  it('reads an answer of no bytes as such', async () => {
    server.script = answering(200);
    expect(await reading()).toHaveLength(0);
  });

  it.each([404, 410])('has nothing where the answer is %d', async (status) => {
    server.script = answering(status, 'not here');
    expect(await reading()).toBeUndefined();
  });

  it.each(['state.json', 'ids/00', '../secret', 'checkpoint?x', 'https://elsewhere.example/', ''])(
    'does not ask for %j, which no ledger shows',
    async (path) => {
      expect(await new HttpLedger(server.url).read(path)).toBeUndefined();
      expect(server.asked).toEqual([]);
    },
  );

  it('shows its token to the server, and none where it has none', async () => {
    server.script = answering(200, 'x');
    await reading({ token: 'abc' });
    await reading();
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer abc',
      undefined,
    ]);
  });

  it.each([401, 403])('says that a token is wanted where the answer is %d', async (status) => {
    server.script = answering(status);
    const refused = reading({ token: 'secret-token' });
    await expect(refused).rejects.toThrow(unreachable('a token that may read (/checkpoint)'));
    await expect(refused).rejects.not.toThrow('secret-token');
  });

  it.each([201, 204, 206, 400, 500, 503])('refuses an answer of %d', async (status) => {
    server.script = answering(status, status === 204 ? '' : 'something');
    await expect(reading()).rejects.toThrow(unreachable(`HTTP status ${status}`));
  });

  it.each([301, 302, 307, 308])(
    'follows no redirect of %d, with its token or not',
    async (code) => {
      server.script = (response, { path }) => {
        if (path === '/moved') response.end('elsewhere');
        else response.writeHead(code, { location: '/moved' }).end();
      };
      await expect(reading({ token: 'abc' })).rejects.toThrow(unreachable('does not answer'));
      await expect(reading()).rejects.toThrow(unreachable('does not answer'));
      expect(server.asked.map(({ path }) => path)).toEqual(['/checkpoint', '/checkpoint']);
    },
  );

  it('reads the largest bundle, and nothing beyond 20 MB', async () => {
    server.script = answering(200, new Uint8Array(SIZE_MAX_BYTES));
    expect(await reading()).toHaveLength(SIZE_MAX_BYTES);
    server.script = answering(200, new Uint8Array(SIZE_MAX_BYTES + 1));
    await expect(reading()).rejects.toThrow(unreachable(`over ${SIZE_MAX_BYTES} bytes`));
  });

  it('ends an answer that has no end', async () => {
    let closed = (): void => {};
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    server.script = (response) => {
      const chunk = Buffer.alloc(1_000_000);
      const more = (): void => {
        while (response.write(chunk));
        response.once('drain', more);
      };
      response.on('close', closed);
      more();
    };
    await expect(reading()).rejects.toThrow(unreachable(`over ${SIZE_MAX_BYTES} bytes`));
    await ended;
  });

  it('does not wait for ever for what is never answered', async () => {
    const time = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal);
    server.script = () => time.abort();
    await expect(reading()).rejects.toThrow(unreachable('127.0.0.1'));
    await expect(reading({ timeoutMs: 7 })).rejects.toThrow(unreachable('127.0.0.1'));
    expect(timeout.mock.calls).toEqual([[15_000], [7]]);
  });

  it('does not wait for ever for the rest of an answer, though garbage is collected', async () => {
    const time = new AbortController();
    jest.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal);
    let left = COLLECTIONS;
    const collect = (): void => {
      collectGarbage();
      left -= 1;
      if (left === 0) time.abort();
      else setImmediate(collect);
    };
    server.script = (response) => {
      response.writeHead(200, { 'content-length': 2 });
      response.write('x', collect);
    };
    await expect(reading()).rejects.toThrow(unreachable('127.0.0.1'));
  });

  it('refuses an answer that is cut off', async () => {
    server.script = (response) => {
      response.writeHead(200, { 'content-length': 2 });
      response.write('x', () => response.destroy());
    };
    await expect(reading()).rejects.toThrow(unreachable('does not answer'));
  });

  it('says which host does not answer, and what went wrong', async () => {
    const ledger = new HttpLedger(server.url);
    await server.stop();
    const error = await ledger.read('checkpoint').then(String, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ledger.unreachable' });
    expect(error).toHaveProperty('cause');
    server = await ScriptedServer.start();
  });
});
