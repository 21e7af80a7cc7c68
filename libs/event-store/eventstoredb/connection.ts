import type { EventStoreDBClient } from '@eventstore/db-client';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { clientFor } from './address.js';
import { ClientCalls, type AppendCall, type Channel, type ReadCall } from './client-calls.js';

/** Disposing of a client waits for its calls to end; they are cancelled, so this is for the worst. */
const DISPOSE_TIMEOUT_MS = 2_000;

/** The state of a channel that was closed, by the number that gRPC has for it. */
const SHUT_DOWN = 4;

/** The client and its network connection, which is made at the first call and again when it breaks. */
export class Connection {
  #client: EventStoreDBClient;
  readonly #channels = new Set<Channel>();
  #generation = 0;

  /** @throws AddressInvalid */
  constructor(private readonly url: string) {
    this.#client = this.#makeClient();
  }

  /** Counts the connections that were given up. */
  get generation(): number {
    return this.#generation;
  }

  /** Network connections that are kept to be closed in the end. */
  get channelsCount(): number {
    return this.#channels.size;
  }

  append(): Promise<AppendCall> {
    return ClientCalls.append(this.#client, this.#keep);
  }

  read(request: ReadReq): Promise<ReadCall> {
    return ClientCalls.read(this.#client, request, this.#keep);
  }

  serverVersion(): Promise<string> {
    return ClientCalls.serverVersion(this.#client);
  }

  cluster(): Promise<ClusterInfo> {
    return ClientCalls.cluster(this.#client);
  }

  /**
   * Leaves the connection for a new one. For one on which nothing comes back any more: the client
   * would find that out only after twenty seconds without an answer to its keep-alive.
   * @param generation of the connection that failed: of many who wait on it, one renews it.
   */
  async renew(generation: number): Promise<void> {
    if (generation !== this.#generation) return;
    this.#generation += 1;
    const old = this.#client;
    this.#client = this.#makeClient();
    await this.#dispose(old);
  }

  async close(): Promise<void> {
    await this.#dispose(this.#client);
  }

  readonly #keep = (channel: Channel): void => {
    if (this.#channels.has(channel)) return;
    // The client makes another whenever a server is away, and closes the one before by itself.
    for (const known of this.#channels) {
      if (Number(known.getConnectivityState(false)) === SHUT_DOWN) this.#channels.delete(known);
    }
    this.#channels.add(channel);
  };

  #makeClient(): EventStoreDBClient {
    const client = clientFor(this.url);
    // Nothing to do about it: the call that failed has told its caller, and the next one connects.
    ClientCalls.contain(client, () => undefined);
    return client;
  }

  async #dispose(client: EventStoreDBClient): Promise<void> {
    const channels = [...this.#channels];
    this.#channels.clear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DISPOSE_TIMEOUT_MS);
    });
    await Promise.race([client.dispose(), late]);
    clearTimeout(timer);
    // The client cancels its calls and leaves the connection open.
    for (const channel of channels) channel.close();
  }
}
