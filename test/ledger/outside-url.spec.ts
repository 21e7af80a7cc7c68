import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { outsideAt, type OutsidePlace } from '#ledger';
import { answering, ScriptedServer } from './scripted-server.js';

const NOTE = 'example.com/log\n1\nroot\n\n\u2014 example.com/log AAAA\n';
const SECRET_PATH = '/drop/s3cret';

let server: ScriptedServer;
let outside: OutsidePlace;

beforeEach(async () => {
  server = await ScriptedServer.start();
  outside = outsideAt(`${server.url}${SECRET_PATH}`, 'example.com/log');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.stop();
});

/** What a place outside says that it cannot do, and never where it is. */
async function refusalOf(asked: Promise<unknown>): Promise<unknown> {
  const error = await asked.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'LedgerError', code: 'ledger.outside-unavailable' });
  expect(String(error)).not.toContain('s3cret');
  expect(error).toHaveProperty('cause');
  return error;
}

/** A signal that aborts when told, in place of one after so many milliseconds. */
function timeInHand(): { readonly end: () => void; readonly asked: () => readonly unknown[] } {
  const time = new AbortController();
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal);
  return { end: () => time.abort(), asked: () => timeout.mock.calls.flat() };
}

describe('a place outside at a URL', () => {
  it('keeps what is put there, byte for byte, until something else is', async () => {
    const kept = new Map<string | undefined, string>();
    server.script = (response, asked) => {
      if (asked.method === 'PUT') kept.set(asked.path, asked.body);
      const found = kept.get(asked.path);
      answering(found === undefined ? 404 : 200, found)(response, asked);
    };
    expect(await outside.read()).toBeUndefined();
    for (const note of [NOTE, `${NOTE}\u2014 witness B\u00fcro BBBB\n`]) {
      await outside.write(note);
      expect(await outside.read()).toBe(note);
    }
    expect([...kept.keys()]).toEqual([SECRET_PATH]);
  });

  it('is given text in UTF-8', async () => {
    server.script = answering(204);
    await outside.write(NOTE);
    expect(server.asked).toMatchObject([
      { method: 'PUT', body: NOTE, headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ]);
  });

  it.each([200, 201, 204])('has taken it when it answers %d', async (status) => {
    server.script = answering(status);
    await expect(outside.write(NOTE)).resolves.toBeUndefined();
  });

  it.each([400, 401, 403, 404, 409, 500, 503])('has not taken it at %d', async (status) => {
    server.script = answering(status, 'no');
    await refusalOf(outside.write(NOTE));
  });

  it.each([404, 410])('has none yet where it answers %d', async (status) => {
    server.script = answering(status);
    expect(await outside.read()).toBeUndefined();
  });

  it.each([401, 403, 500, 503])('is away, and not empty, where it answers %d', async (status) => {
    server.script = answering(status);
    await refusalOf(outside.read());
  });

  it.each([301, 302, 303, 307, 308])('is not looked for elsewhere at %d', async (status) => {
    server.script = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
    await refusalOf(outside.read());
    await refusalOf(outside.write(NOTE));
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${SECRET_PATH}`,
      `PUT ${SECRET_PATH}`,
    ]);
  });

  it('is not read beyond 20 MB', async () => {
    server.script = answering(200, new Uint8Array(20_000_001));
    await refusalOf(outside.read());
  });

  it.each(['read', 'write'] as const)('is waited for 10 s by a %s', async (what) => {
    const time = timeInHand();
    server.script = time.end;
    await refusalOf(what === 'read' ? outside.read() : outside.write(NOTE));
    expect(time.asked()).toEqual([10_000]);
  });

  it.each(['read', 'write'] as const)('that is not there fails a %s', async (what) => {
    await server.stop();
    await refusalOf(what === 'read' ? outside.read() : outside.write(NOTE));
    server = await ScriptedServer.start();
  });

  it('is known by its scheme; anything else is a folder', async () => {
    const folder = outsideAt(server.url.replace('http', 'xhttp'), 'example.com/log');
    await refusalOf(folder.write(NOTE));
    expect(server.asked).toEqual([]);
  });
});
