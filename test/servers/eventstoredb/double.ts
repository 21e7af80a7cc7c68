import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { appendHandler, batchAppendHandler } from './double-appends.js';
import { DoubleFaults } from './double-faults.js';
import { DoubleLog } from './double-log.js';
import { readHandler } from './double-reads.js';

const LOOPBACK = '127.0.0.1';
/** What the double follows; its name says that it is none. */
export const DOUBLE_VERSION = '23.10.8-double';
const METHODS = ['read', 'append', 'batchappend'] as const;
const LEADER = 8;

export type Double = {
  readonly url: string;
  readonly port: number;
  readonly log: DoubleLog;
  readonly faults: DoubleFaults;
  /** Ends all connections and takes none, as a process that was killed; keeps the log. */
  readonly kill: () => Promise<void>;
  /** Takes connections again on the same port, with the same log and empty caches. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * A server that speaks to @eventstore/db-client as EventStoreDB 23.10 was observed to, its log in
 * memory. For tests; what it was not observed to do, it does not do.
 */
export async function startDouble(options: { readonly port?: number } = {}): Promise<Double> {
  const log = new DoubleLog();
  const sockets = new Set<Socket>();
  const cutConnections = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const faults = new DoubleFaults(cutConnections);
  let port = options.port ?? 0;
  const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  addHandlers(server, { log, faults, port: () => port });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  let listener: Listener | undefined;
  const start = async () => {
    listener = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // A connection that breaks is what a server's life consists of.
      socket.on('error', () => socket.destroy());
      injector.injectConnection(socket);
    });
    listener.listen(port, LOOPBACK);
    await once(listener, 'listening');
    port = (listener.address() as AddressInfo).port;
  };
  const kill = async () => {
    const closing = listener;
    listener = undefined;
    log.forgetCaches();
    if (!closing) return;
    const closed = once(closing, 'close');
    closing.close();
    cutConnections();
    await closed;
  };
  const stop = async () => {
    faults.thaw();
    await kill();
    injector.destroy();
    server.forceShutdown();
  };
  await start();
  return { url: `esdb://${LOOPBACK}:${port}?tls=false`, port, log, faults, kill, start, stop };
}

function addHandlers(
  server: Server,
  double: { readonly log: DoubleLog; readonly faults: DoubleFaults; readonly port: () => number },
): void {
  const { log, faults } = double;
  const asItIs = (bytes: Buffer) => bytes;
  server.addService(
    { ...StreamsService, read: { ...StreamsService.read, responseSerialize: asItIs } },
    {
      read: readHandler(log, faults),
      append: appendHandler(log, faults),
      batchAppend: batchAppendHandler(log, faults),
    },
  );
  const getSupportedMethods: handleUnaryCall<Empty, SupportedMethods> = (_, answer) => {
    afterThaw(faults, () => answer(null, supportedMethods()));
  };
  server.addService(ServerFeaturesService, { getSupportedMethods });
  const read: handleUnaryCall<Empty, ClusterInfo> = (_, answer) => {
    afterThaw(faults, () => answer(null, clusterOfOne(double.port())));
  };
  server.addService(GossipService, { read });
}

function afterThaw(faults: DoubleFaults, work: () => void): void {
  const frozen = faults.frozen();
  if (frozen) void frozen.then(work);
  else work();
}

function supportedMethods() {
  const supported = new featuresPb.SupportedMethods();
  supported.setEventStoreServerVersion(DOUBLE_VERSION);
  for (const name of METHODS) {
    const method = new featuresPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    supported.addMethods(method);
  }
  return supported;
}

function clusterOfOne(port: number) {
  const member = new gossipPb.MemberInfo();
  const endPoint = new gossipPb.EndPoint();
  endPoint.setAddress(LOOPBACK);
  endPoint.setPort(port);
  member.setHttpEndPoint(endPoint);
  member.setIsAlive(true);
  member.setState(LEADER);
  const cluster = new gossipPb.ClusterInfo();
  cluster.addMembers(member);
  return cluster;
}
