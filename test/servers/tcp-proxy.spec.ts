import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startProxy, type TcpProxy } from './tcp-proxy.js';

const WAIT_MAX_MS = 5_000;
const LOOPBACK = '127.0.0.1';

let server: Server;
/** What came to the server, and the connections on which it came. */
let received: string;
let atServer: Socket[];
let proxy: TcpProxy;
let clients: Client[];

beforeEach(async () => {
  received = '';
  atServer = [];
  clients = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    atServer.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end('bye'));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      socket.write(chunk);
    });
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await startProxy({ target: { host: LOOPBACK, port } });
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy.stop();
  for (const socket of atServer) socket.destroy();
  server.close();
});

type Client = {
  readonly socket: Socket;
  text: string;
  /** Undefined while open; then the error's code, or `ended`. */
  ending: string | undefined;
};

function dial(port = proxy.port): Client {
  const socket = connect({ host: LOOPBACK, port, allowHalfOpen: true });
  const client: Client = { socket, text: '', ending: undefined };
  socket.on('data', (chunk: Buffer) => (client.text += chunk.toString('latin1')));
  socket.on('end', () => (client.ending ??= 'ended'));
  socket.on('error', (error: NodeJS.ErrnoException) => (client.ending = error.code ?? 'error'));
  clients.push(client);
  return client;
}

/** Polls, bounded; what does not come to pass fails the test by what is seen then. */
async function until(isSo: () => boolean): Promise<boolean> {
  const endsAt = performance.now() + WAIT_MAX_MS;
  while (!isSo() && performance.now() < endsAt) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return isSo();
}

async function dialAndSay(text: string): Promise<Client> {
  const client = dial();
  client.socket.write(text, 'latin1');
  expect(await until(() => client.text === text)).toBe(true);
  return client;
}

describe('a proxy in fair weather', () => {
  it('passes every byte both ways, the end behind the last one', async () => {
    const client = dial();
    const text = Array.from({ length: 300_000 }, (_, n) => String(n % 10)).join('');
    client.socket.end(text, 'latin1');
    expect(await until(() => client.ending === 'ended')).toBe(true);
    expect(client.text).toBe(`${text}bye`);
    expect(received).toBe(text);
    expect(proxy.counters).toMatchObject({
      accepted: 1,
      passedBytes: { 'to-server': text.length, 'to-client': text.length + 3 },
      swallowedBytes: { 'to-server': 0, 'to-client': 0 },
    });
    expect(await until(() => proxy.connectionCount === 0)).toBe(true);
  });

  it('pushes back on a sender whose reader does not read', async () => {
    const client = dial();
    client.socket.pause();
    const filler = Buffer.alloc(65_536, 'x');
    let sentBytes = 0;
    // A proxy that took all of it would hold it in memory; so the socket must fill up at some time.
    while (client.socket.writableLength < 8 * 1_048_576 && sentBytes < 256 * 1_048_576) {
      client.socket.write(filler);
      sentBytes += filler.byteLength;
      if (sentBytes % 1_048_576 === 0) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    }
    expect(sentBytes).toBeLessThan(256 * 1_048_576);
    client.socket.resume();
    expect(await until(() => client.text.length === sentBytes)).toBe(true);
  });

  it.each([
    ['esdb://127.0.0.1:2113?tls=false', 'esdb://127.0.0.1:PORT?tls=false'],
    [
      'mongodb://me:secret@db.example:27017/redress?a=b',
      'mongodb://me:secret@127.0.0.1:PORT/redress?a=b',
    ],
    ['redis://localhost', 'redis://127.0.0.1:PORT'],
  ])('stands in for the host of %s', (url, expected) => {
    expect(proxy.urlOf(url)).toBe(expected.replace('PORT', String(proxy.port)));
  });

  it('refuses to stand in for several hosts', () => {
    expect(() => proxy.urlOf('mongodb://one:1,two:2/redress')).toThrow('one host');
  });
});

describe('faults', () => {
  it('cutAll ends all connections on both sides, and new ones are welcome', async () => {
    const [one, two] = [await dialAndSay('one'), await dialAndSay('two')];
    expect(proxy.cutAll()).toBe(2);
    expect(await until(() => one.ending === 'ended' && two.ending === 'ended')).toBe(true);
    expect(await until(() => atServer.every(({ readableEnded }) => readableEnded))).toBe(true);
    await dialAndSay('three');
    expect(proxy.counters).toMatchObject({ accepted: 3, cut: 2, reset: 0 });
  });

  it('resetAll is a reset to both sides', async () => {
    const client = await dialAndSay('hello');
    const failed = once(atServer[0] ?? server, 'error');
    expect(proxy.resetAll()).toBe(1);
    expect(await until(() => client.ending !== undefined)).toBe(true);
    expect(client.ending).toBe('ECONNRESET');
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.counters).toMatchObject({ cut: 0, reset: 1 });
  });

  it('a server that resets is a reset to the client', async () => {
    const client = await dialAndSay('hello');
    atServer[0]?.resetAndDestroy();
    expect(await until(() => client.ending === 'ECONNRESET')).toBe(true);
  });

  it('a server that is gone is a reset to who comes', async () => {
    for (const socket of atServer) socket.destroy();
    server.close();
    await once(server, 'close');
    const client = dial();
    expect(await until(() => client.ending === 'ECONNRESET')).toBe(true);
  });

  it.each(['to-server', 'to-client'] as const)(
    'delays %s and keeps the order',
    async (direction) => {
      const client = await dialAndSay('');
      const startedAt = performance.now();
      proxy.delay(direction, 150);
      for (const text of ['a', 'b', 'c', 'd']) client.socket.write(text);
      expect(await until(() => client.text === 'abcd')).toBe(true);
      // Timers may fire a millisecond early; sooner than that would be no delay at all.
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(148);
      expect(received).toBe('abcd');
    },
  );

  it('lets go at once, in order, what waits when it heals', async () => {
    const client = await dialAndSay('');
    proxy.delay('to-server', 3_600_000);
    client.socket.write('first ');
    expect(await until(() => client.socket.bytesWritten === 6)).toBe(true);
    await until(() => received !== '' || client.socket.writableLength === 0);
    expect(received).toBe('');
    proxy.heal();
    client.socket.write('second');
    expect(await until(() => client.text === 'first second')).toBe(true);
  });

  it('a blackhole to the client: the request arrives, the answer never', async () => {
    const client = await dialAndSay('');
    proxy.blackhole('to-client');
    const answered = proxy.swallows('to-client', 6, WAIT_MAX_MS);
    client.socket.write('commit');
    expect(await answered).toBe(true);
    expect(received).toBe('commit');
    proxy.cutAll();
    expect(await until(() => client.ending === 'ended')).toBe(true);
    expect(client.text).toBe('');
    expect(proxy.counters.swallowedBytes).toEqual({ 'to-server': 0, 'to-client': 6 });
    proxy.heal();
    await dialAndSay('again');
  });

  it('a blackhole to the server: the request never arrives', async () => {
    const client = await dialAndSay('');
    proxy.blackhole('to-server');
    const gone = proxy.swallows('to-server', 6, WAIT_MAX_MS);
    client.socket.write('commit');
    expect(await gone).toBe(true);
    expect({ received, text: client.text }).toEqual({ received: '', text: '' });
  });

  it('heals by a reset of what has a hole, and leaves the rest alone', async () => {
    const [holed, whole] = [await dialAndSay('one'), await dialAndSay('two')];
    proxy.blackhole('to-client');
    const swallowed = proxy.swallows('to-client', 1, WAIT_MAX_MS);
    holed.socket.write('!');
    expect(await swallowed).toBe(true);
    proxy.heal();
    expect(await until(() => holed.ending === 'ECONNRESET')).toBe(true);
    whole.socket.write(' more');
    expect(await until(() => whole.text === 'two more')).toBe(true);
  });

  it('says when nothing was swallowed in time', async () => {
    expect(await proxy.swallows('to-client', 1, 1)).toBe(false);
  });

  it('refuses who comes, and serves who is there', async () => {
    const client = await dialAndSay('hello');
    proxy.refuse();
    const late = dial();
    expect(await until(() => late.ending === 'ECONNRESET')).toBe(true);
    client.socket.write('!');
    expect(await until(() => client.text === 'hello!')).toBe(true);
    expect(proxy.counters).toMatchObject({ accepted: 1, refused: 1 });
    proxy.heal();
    await dialAndSay('welcome');
  });
});
