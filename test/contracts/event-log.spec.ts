// Every event log that we have, under one contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventLog, SqliteEventLog } from '@app/event-log';
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
