import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLEAR, DIRECTIONS, Lane, type Direction, type Weather } from './tcp-link.js';

export type { Direction } from './tcp-link.js';

const LOOPBACK = '127.0.0.1';
const ADDRESS =
  /^(?<scheme>[a-z+]+:\/\/)(?<credentials>[^@/?#]*@)?(?<host>[^@/?#,]+)(?<rest>[/?#].*)?$/;

export type ProxyCounters = {
  /** Connections taken from clients since the start. */
  readonly accepted: number;
  /** Turned away while the proxy refuses. */
  readonly refused: number;
  /** Ended by {@link TcpProxy.cutAll}, and by {@link TcpProxy.resetAll}. */
  readonly cut: number;
  readonly reset: number;
  readonly passedBytes: Readonly<Record<Direction, number>>;
  readonly swallowedBytes: Readonly<Record<Direction, number>>;
};

export type ProxyOptions = { readonly target: { readonly host: string; readonly port: number } };

type Connection = {
  readonly client: Socket;
  readonly server: Socket;
  readonly lanes: Readonly<Record<Direction, Lane>>;
};

/**
 * Stands before a server and does to its connections what networks do. Any protocol over TCP; faults
 * strike all connections alike and hold until {@link heal}.
 */
export class TcpProxy {
  readonly #connections = new Set<Connection>();
  readonly #weather: Record<Direction, Weather> = { 'to-server': CLEAR, 'to-client': CLEAR };
  readonly #swallowListeners = new Set<() => void>();
  #refuses = false;
  #accepted = 0;
  #refused = 0;
  #cut = 0;
  #reset = 0;
  readonly #passedBytes: Record<Direction, number> = { 'to-server': 0, 'to-client': 0 };
  readonly #swallowedBytes: Record<Direction, number> = { 'to-server': 0, 'to-client': 0 };

  private constructor(
    private readonly listener: Server,
    private readonly target: ProxyOptions['target'],
  ) {
    listener.on('connection', (client: Socket) => this.#accept(client));
  }

  static async start({ target }: ProxyOptions): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new TcpProxy(listener, target);
    listener.listen(0, LOOPBACK);
    await once(listener, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get counters(): ProxyCounters {
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      cut: this.#cut,
      reset: this.#reset,
      passedBytes: { ...this.#passedBytes },
      swallowedBytes: { ...this.#swallowedBytes },
    };
  }

  /**
   * The same address with this proxy in the server's place.
   * @throws Error for an address of several hosts: a proxy has one target.
   */
  urlOf(url: string): string {
    const { scheme, credentials = '', rest = '' } = ADDRESS.exec(url)?.groups ?? {};
    if (scheme === undefined) throw new Error('a proxy stands in for one host of one address');
    return `${scheme}${credentials}${LOOPBACK}:${this.port}${rest}`;
  }

  /** Ends all connections in good order (FIN); bytes on their way are lost. Answers how many. */
  cutAll(): number {
    const count = this.#connections.size;
    for (const connection of this.#connections) this.#end(connection, 'cut');
    this.#cut += count;
    return count;
  }

  /** Ends all connections with RST, as a crashed machine or a firewall does. Answers how many. */
  resetAll(): number {
    const count = this.#connections.size;
    for (const connection of this.#connections) this.#end(connection, 'reset');
    this.#reset += count;
    return count;
  }

  /** Bytes in this direction take so much longer, in their order. */
  delay(direction: Direction, delayMs: number): void {
    this.#change(direction, { ...this.#weather[direction], delayMs });
  }

  /**
   * Bytes in this direction vanish. `to-client` and then {@link cutAll} is the cut after commit and
   * before the reply: the request arrives and is carried out, and nobody hears of it.
   */
  blackhole(direction: Direction): void {
    this.#change(direction, { ...this.#weather[direction], swallows: true });
  }

  /** New connections are reset at once; those that stand go on. */
  refuse(): void {
    this.#refuses = true;
  }

  /** Fair weather again. Connections with a hole in them are reset: their bytes make no sense now. */
  heal(): void {
    this.#refuses = false;
    for (const connection of this.#connections) {
      if (DIRECTIONS.some((direction) => connection.lanes[direction].hasHole)) {
        this.#end(connection, 'reset');
        this.#reset += 1;
      }
    }
    for (const direction of DIRECTIONS) this.#change(direction, CLEAR);
  }

  /** Resolves when so many more bytes than now have vanished; false when `timeoutMs` went by first. */
  swallows(direction: Direction, bytes: number, timeoutMs: number): Promise<boolean> {
    const enough = this.#swallowedBytes[direction] + bytes;
    return new Promise((resolve) => {
      const settle = (did: boolean) => {
        clearTimeout(timer);
        this.#swallowListeners.delete(look);
        resolve(did);
      };
      const look = () => {
        if (this.#swallowedBytes[direction] >= enough) settle(true);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#swallowListeners.add(look);
    });
  }

  async stop(): Promise<void> {
    this.#refuses = true;
    for (const connection of this.#connections) this.#end(connection, 'reset');
    const closed = once(this.listener, 'close');
    this.listener.close();
    await closed;
  }

  #change(direction: Direction, weather: Weather): void {
    this.#weather[direction] = weather;
    for (const { lanes } of this.#connections) lanes[direction].change(weather);
  }

  #accept(client: Socket): void {
    if (this.#refuses) {
      this.#refused += 1;
      client.on('error', () => client.destroy());
      client.resetAndDestroy();
      return;
    }
    this.#accepted += 1;
    const server = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    const lane = (direction: Direction, [source, target]: readonly [Socket, Socket]) =>
      new Lane(source, target, this.#weather[direction], {
        passed: (bytes) => {
          this.#passedBytes[direction] += bytes;
        },
        swallowed: (bytes) => {
          this.#swallowedBytes[direction] += bytes;
          for (const look of this.#swallowListeners) look();
        },
      });
    const lanes = {
      'to-server': lane('to-server', [client, server]),
      'to-client': lane('to-client', [server, client]),
    };
    const connection = { client, server, lanes };
    this.#connections.add(connection);
    for (const socket of [client, server]) {
      // A side that is reset takes the other with it; one that ends is passed on by its lane.
      socket.on('error', () => this.#end(connection, 'reset'));
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.#connections.delete(connection);
      });
    }
  }

  #end(connection: Connection, way: 'cut' | 'reset'): void {
    this.#connections.delete(connection);
    for (const direction of DIRECTIONS) connection.lanes[direction].stop();
    for (const socket of [connection.client, connection.server]) {
      if (socket.destroyed) continue;
      // A socket that still connects cannot be reset, only given up.
      if (way === 'reset' && !socket.connecting) socket.resetAndDestroy();
      else socket.destroy();
    }
  }
}

/** A proxy on a free port of loopback. End it with `stop`. */
export function startProxy(options: ProxyOptions): Promise<TcpProxy> {
  return TcpProxy.start(options);
}
