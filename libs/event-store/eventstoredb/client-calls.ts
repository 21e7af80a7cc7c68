import { EventStoreDBClient } from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

export type AppendCall = ReturnType<StreamsClient['batchAppend']>;
export type ReadCall = ReturnType<StreamsClient['read']>;
export type Channel = ReturnType<StreamsClient['getChannel']>;

/** Told the connection that each call goes over, so that it can be closed in the end. */
export type OnChannel = (channel: Channel) => void;

/** A long call has no deadline: whoever waits for it has a timer of his own. */
const NO_DEADLINE = { deadline: Number.POSITIVE_INFINITY };

/**
 * The calls of the client package, a level below its `appendToStream` and `readAll`, by what it keeps
 * for subclasses. Nothing is ever made of this class: the client's factory makes no subclasses.
 *
 * The level above would not do. When a connection breaks under load, `appendToStream` leaves an
 * unhandled rejection for each message that still waits to be written (968 of 1,000 were seen), which
 * ends a Node process; its pending promises are kept once a process, so that one client that fails or
 * is disposed of rejects the appends of all others, whose answers then throw. And it parses and
 * writes JSON anew, where the bytes that were appended must come back. Connecting, credentials,
 * discovery and finding the leader remain the client's.
 */
export class ClientCalls extends EventStoreDBClient {
  static append(client: EventStoreDBClient, onChannel: OnChannel): Promise<AppendCall> {
    const inside = client as ClientCalls;
    return inside.GRPCStreamCreator(StreamsClient, 'append', (stub) => {
      onChannel(stub.getChannel());
      const call = stub.batchAppend(...inside.callArguments({ requiresLeader: true }, NO_DEADLINE));
      return call.on('error', toleratedUntilHeard);
    })();
  }

  static read(
    client: EventStoreDBClient,
    request: ReadReq,
    onChannel: OnChannel,
  ): Promise<ReadCall> {
    const inside = client as ClientCalls;
    return inside.GRPCStreamCreator(StreamsClient, 'read', (stub) => {
      onChannel(stub.getChannel());
      const call = stub.read(
        request,
        ...inside.callArguments({ requiresLeader: true }, NO_DEADLINE),
      );
      return call.on('error', toleratedUntilHeard);
    })();
  }

  static async serverVersion(client: EventStoreDBClient): Promise<string> {
    const { serverVersion } = await (client as ClientCalls).capabilities;
    return serverVersion;
  }

  static cluster(client: EventStoreDBClient): Promise<ClusterInfo> {
    const inside = client as ClientCalls;
    return inside.execute(
      GossipClient,
      'read',
      (stub) =>
        new Promise((resolve, reject) => {
          const [metadata, options] = inside.callArguments({});
          stub.read(new sharedPb.Empty(), metadata, options, (error, info) => {
            if (error) reject(error);
            else resolve(info);
          });
        }),
    );
  }

  /**
   * The client calls this without waiting for it, so that whatever it throws would be a rejection
   * that nobody handles. The error itself reaches whoever made the call.
   */
  static contain(client: EventStoreDBClient, onFault: (error: unknown) => void): void {
    const inside = client as ClientCalls;
    const { handleError } = inside;
    inside.handleError = async (stub, error) => {
      await handleError(stub, error).catch(onFault);
    };
  }
}

/** An error before anybody listens would end the process; who waits for the call has a timer. */
function toleratedUntilHeard(): void {}
