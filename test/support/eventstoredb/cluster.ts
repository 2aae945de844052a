// The stand-in for EventStoreDB: a few nodes on loopback over one store, of which one leads.
import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { UUID, type Empty } from '@eventstore/db-client/generated/shared_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { Fault, Nemesis } from './faults';
import { Node, type Surroundings } from './node';
import { Relay } from './relay';
import { Store } from './store';

const ADDRESS = '127.0.0.1';
const FREEZE_MS = 600;

export class Cluster implements Surroundings {
  readonly store = new Store();
  readonly faults = new Map<Fault, number>();
  nemesis: Nemesis = () => undefined;
  private readonly members: { port: number; readonly relay: Relay; readonly server: Server }[] = [];
  private readonly fallen = new Set<number>();
  private readonly thaws = new Set<NodeJS.Timeout>();
  private leading = 0;

  static async start(nodes = 1): Promise<Cluster> {
    const cluster = new Cluster();
    for (let number = 0; number < nodes; number++) await cluster.join(number);
    return cluster;
  }

  get url(): string {
    return `esdb://${this.members.map(({ port }) => `${ADDRESS}:${port}`).join(',')}?tls=false`;
  }

  leader() {
    return { address: ADDRESS, port: this.members[this.leading]!.port };
  }

  isLeader(node: number): boolean {
    return node === this.leading;
  }

  moveLeader(): void {
    const others = this.members.map((_, step) => (this.leading + step) % this.members.length).slice(1);
    this.leading = others.find((node) => !this.fallen.has(node)) ?? this.leading;
  }

  /** Somebody stands before each node, and is found in its place. */
  standBehind(ports: readonly number[]): void {
    for (const [number, port] of ports.entries()) this.members[number]!.port = port;
  }

  /** The others see no more of a node; if it led, one of them does now. */
  down(node: number): void {
    this.fallen.add(node);
    if (this.isLeader(node)) this.moveLeader();
  }

  up(node: number): void {
    this.fallen.delete(node);
    if (this.fallen.has(this.leading)) this.moveLeader();
  }

  reset(node: number): void {
    this.members[node]!.relay.reset();
  }

  /** Stops a node for a while; as in a real cluster, the others soon choose another leader. */
  freeze(node: number, forMs = FREEZE_MS): void {
    const { relay } = this.members[node]!;
    relay.freeze();
    if (this.isLeader(node)) this.moveLeader();
    const thaw = setTimeout(() => {
      relay.thaw();
      this.thaws.delete(thaw);
    }, forMs);
    this.thaws.add(thaw);
  }

  async close(): Promise<void> {
    for (const thaw of this.thaws) clearTimeout(thaw);
    await Promise.all(this.members.map(({ relay }) => relay.close()));
    for (const { server } of this.members) server.forceShutdown();
  }

  private async join(number: number): Promise<void> {
    const node = new Node(number, this);
    const server = new Server();
    server.addService(StreamsService, {
      append: (call: Parameters<Node['append']>[0], answer: Parameters<Node['append']>[1]) => void node.append(call, answer),
      batchAppend: node.batchAppend.bind(node),
      read: (call: Parameters<Node['read']>[0]) => void node.read(call),
    });
    server.addService(GossipService, {
      read: (_call: ServerUnaryCall<Empty, ClusterInfo>, answer: sendUnaryData<ClusterInfo>) => answer(null, this.gossip()),
    });
    server.addService(ServerFeaturesService, {
      getSupportedMethods: (_call: ServerUnaryCall<Empty, SupportedMethods>, answer: sendUnaryData<SupportedMethods>) =>
        answer(null, supported()),
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(`${ADDRESS}:0`, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
    const relay = new Relay(await promise);
    this.members.push({ port: await relay.listen(), relay, server });
  }

  private gossip(): ClusterInfo {
    return new ClusterInfo().setMembersList(
      this.members.map(({ port }, number) =>
        new MemberInfo()
          .setInstanceId(new UUID().setString(randomUUID()))
          .setTimeStamp('0')
          .setIsAlive(!this.fallen.has(number))
          .setState(this.isLeader(number) ? MemberInfo.VNodeState.LEADER : MemberInfo.VNodeState.FOLLOWER)
          .setHttpEndPoint(new EndPoint().setAddress(ADDRESS).setPort(port)),
      ),
    );
  }
}

function supported(): SupportedMethods {
  const service = 'event_store.client.streams.streams';
  const methods = ['append', 'batchappend', 'read'].map((name) => new SupportedMethod().setMethodName(name).setServiceName(service));
  return new SupportedMethods().setEventStoreServerVersion('24.10.0').setMethodsList(methods);
}
