// Rebuilding every read model, beside a bare loop over the same events into the same inbox rows.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ReadModels, rebuild as rebuildModels, SqliteEventLog } from '@app/event-log';
import { pendingApprovals, requests, type RequestEvent } from '@app/approvals';
import { partsOf } from '@app/kernel';
import { projectionsOf } from '@app/platform';
import { librariesFor } from '../../../api/src/libraries';
import { fill } from './filled';
import type { Line } from './report';
import { median, ROUNDS } from './rounds';

const EVENTS = 100_000;

export async function rebuild(folder: string): Promise<readonly Line[]> {
  const place = join(folder, 'rebuild');
  await fill(place, EVENTS);
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < ROUNDS; turn++) {
    ours.push(await perSecond(() => rebuildAll(place)));
    bare.push(await perSecond(() => loop(place, join(folder, `loop-${turn}.db`))));
  }
  const at = `${EVENTS} events`;
  return [{ what: 'rebuild', at, unit: '/s', ours: { value: median(ours) }, beside: 'bare loop', its: { value: median(bare) } }];
}

/** Every read model anew, compared with the live one by digests. */
async function rebuildAll(folder: string): Promise<void> {
  const log = new SqliteEventLog(folder);
  const live = new ReadModels(join(folder, 'views.db'), projectionsOf(librariesFor({})));
  const { different } = await rebuildModels(log, live);
  if (different.length > 0) throw new Error(`rebuilt otherwise: ${different.join(', ')}`);
  live.close();
  await log.close();
}

async function loop(folder: string, path: string): Promise<void> {
  const log = new DatabaseSync(join(folder, 'log.db'), { readOnly: true });
  const db = new DatabaseSync(path);
  db.exec(`pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536`);
  db.exec([requests.schema, pendingApprovals.schema, 'begin'].join(';'));
  const add = db.prepare("insert into requests values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, null, ?)");
  const ask = db.prepare('insert into pending_approvals values (?, ?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('delete from pending_approvals where request = ?');
  const decide = db.prepare("insert into decisions values (?, ?, ?, 'approved', ?, ?)");
  const close = db.prepare("update requests set status = 'granted', closed_at = ? where id = ?");
  const rows = log.prepare('select position, name, revision, data, meta from events join streams on number = stream order by position');
  for (const row of rows.iterate() as Iterable<any>) {
    const { position, name, revision, data, meta } = row;
    const event: RequestEvent = JSON.parse(data);
    const { at, command } = JSON.parse(meta);
    const { id } = partsOf(name);
    if (event.type === 'RequestSubmitted') {
      const { kind, course, requester, beneficiary, assignment, costMinor, currency } = event;
      add.run(position, id, kind, course!, requester, beneficiary, assignment, costMinor!, currency!, at, command);
    } else if (event.type === 'ApproverAsked') {
      const why = event.slate[0]!;
      ask.run(id, why.person, event.step, revision, JSON.stringify(why), at, position);
    } else if (event.type === 'StepApproved' || event.type === 'RequestGranted') {
      remove.run(id);
      decide.run(id, event.step, event.by, event.at, position);
      if (event.type === 'RequestGranted') close.run(at, id);
    }
  }
  db.exec('commit');
  db.close();
  log.close();
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return EVENTS / ((performance.now() - start) / 1000);
}
