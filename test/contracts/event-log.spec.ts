// Every event log that we have, under one contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDbEventLog, MemoryEventLog, SqliteEventLog } from '@app/event-log';
import { Cluster } from '../support/eventstoredb/cluster';
import { eventLogContract } from './event-log.contract';

eventLogContract(
  'MemoryEventLog',
  async () => new MemoryEventLog(),
  (log) => log.close(),
);

const folders = new Map<unknown, string>();
eventLogContract(
  'SqliteEventLog',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-log-'));
    const log = new SqliteEventLog(folder);
    folders.set(log, folder);
    return log;
  },
  async (log) => {
    await log.close();
    rmSync(folders.get(log)!, { recursive: true });
  },
);

/** A real server takes the place of the stand-in when its address is given. */
const { EVENT_STORE_URL: url } = process.env;
let cluster: Cluster | undefined;
eventLogContract(
  `EventStoreDbEventLog, against ${url ? 'the server of EVENT_STORE_URL' : 'three nodes of the stand-in'},`,
  async () => {
    cluster = url ? undefined : await Cluster.start(3);
    return new EventStoreDbEventLog(url ?? cluster!.url);
  },
  async (log) => {
    await log.close();
    await cluster?.close();
  },
);
