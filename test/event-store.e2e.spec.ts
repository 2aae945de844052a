// The stand-in for the event store as real processes: what is recorded outlives its nodes, one after the other.
import { EventStoreDbEventLog } from '@app/event-log';
import { NO_STREAM } from '@app/kernel';
import { events, note } from './contracts/event-log.world';
import { EventStore } from './support/event-store';

test('a node that is killed, started again or frozen in turn is nothing that an append or a read notices', async () => {
  const store = await EventStore.start(3);
  const log = new EventStoreDbEventLog(store.url, { tryMs: 1_000 });
  let revision = NO_STREAM;
  const append = async () => {
    const receipt = await log.append(note('a'), revision, events({ n: revision }));
    expect(receipt.revision).toBe(++revision);
  };
  await append();
  for (let node = 0; node < store.nodes; node++) {
    const killed = store.kill(node);
    await append();
    await killed;
    await append();
    await store.restart(node);
    const frozen = store.freeze(node);
    await append();
    await frozen;
    expect(await log.read(note('a'))).toHaveLength(revision + 1);
    store.thaw(node);
  }
  await log.close();
  await store.stop();
});
