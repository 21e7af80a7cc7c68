import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { Connection } from './connection.js';

export type ClusterMember = {
  readonly address: string;
  /** As the server calls it: LEADER, FOLLOWER, … */
  readonly state: string;
  readonly isAlive: boolean;
};

/** What the server tells of itself; durability and disk are set at the server and not told. */
export type ServerSettings = {
  readonly address: string;
  /** False only where the address says `tls=false`. */
  readonly isEncrypted: boolean;
  readonly serverVersion: string;
  readonly members: readonly ClusterMember[];
};

const STATES = new Map<number, string>(
  Object.entries(gossipPb.MemberInfo.VNodeState).map(([name, number]) => [Number(number), name]),
);

/** @throws what the client throws. */
export async function serverSettings(
  connection: Connection,
  address: string,
): Promise<ServerSettings> {
  const [serverVersion, cluster] = await Promise.all([
    connection.serverVersion(),
    connection.cluster(),
  ]);
  const members = cluster.getMembersList().map((member) => {
    const endPoint = member.getHttpEndPoint();
    return {
      address: `${endPoint?.getAddress() ?? ''}:${endPoint?.getPort() ?? ''}`,
      state: STATES.get(member.getState()) ?? String(member.getState()),
      isAlive: member.getIsAlive(),
    };
  });
  return { address, isEncrypted: !/[?&]tls=false(?:&|$)/i.test(address), serverVersion, members };
}
