// The stand-in as a process, for people and for suites: `node -r ./test/support/typescript.cjs test/support/eventstoredb/main.ts 3`
// starts three nodes over one store, and says where. A suite that keeps nodes as processes of their own before it says
// over IPC where they are and which of them live; see ../event-store.ts.
import { Cluster } from './cluster';

export interface Told {
  /** Where the world finds the nodes. */
  readonly ports?: readonly number[];
  readonly down?: number;
  readonly up?: number;
}

async function main(): Promise<void> {
  const cluster = await Cluster.start(Number(process.argv[2] ?? 1));
  process.on('message', ({ ports, down, up }: Told) => {
    if (ports) cluster.standBehind(ports);
    if (down !== undefined) cluster.down(down);
    if (up !== undefined) cluster.up(up);
  });
  // Nobody is left who could use it.
  process.on('disconnect', () => process.exit());
  console.log(cluster.url);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
