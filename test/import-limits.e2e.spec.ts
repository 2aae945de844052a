// A large import into an event store, which takes at most 1 MiB in one append where a file has no such limit.
import { EventStoreDbEventLog } from '@app/event-log';
import { Cluster } from './support/eventstoredb/cluster';
import { world } from './support/import-world';

const JOBS = 500;
const MANAGERS = 6;

let cluster: Cluster;
let log: EventStoreDbEventLog;
beforeEach(async () => {
  cluster = await Cluster.start();
  log = new EventStoreDbEventLog(cluster.url);
});
afterEach(async () => {
  await log.close();
  await cluster.close();
});

test('long ids and many managers: what is too much for one append is recorded in several, and every row is taken', async () => {
  const here = world(log);
  const id = (kind: string, n: number) => `${kind}${String(n).padStart(97, '0')}`;
  const people = ['idnumber,username,firstname,lastname'];
  const jobs = ['person_id,assignment_id,position_type,title,valid_from,manager_ref,manager_kind,manager_responsibilities'];
  for (let n = 0; n < JOBS + MANAGERS; n++) people.push(`${id('p', n)},user${n},Pat,Number ${n}`);
  for (let n = MANAGERS; n < JOBS + MANAGERS; n++) {
    for (let m = 0; m < MANAGERS; m++)
      jobs.push(`${id('p', n)},${id('a', n)},substantive,Nurse,2024-01-01,${id('p', m)},alternate,approval`);
  }
  const file = (name: string, lines: readonly string[]) => ({ name, content: Buffer.from(lines.join('\n')) });
  const result = await here.importFiles('native', [file('people.csv', people), file('assignments.csv', jobs)]);
  expect(result).toMatchObject({ rows: people.length + jobs.length - 2, rejected: [], unchanged: 0 });
  expect(here.views.get('select count(*) as links from manager_links')).toEqual({ links: JOBS * MANAGERS });
  here.close();
});
