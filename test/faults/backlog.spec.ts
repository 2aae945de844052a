// A backlog of mails and of open requests: commands do not feel it, memory stays small, and who is asked hears of it first.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventId } from '@app/event-log';
import { SqliteEventLog } from '@app/event-log/sqlite-event-log';
import { NO_STREAM, type NewEvent, type Recorded, type Typed } from '@app/kernel';
import { expected, type Json } from '../support/http';
import { residentMb } from '../support/memory';
import { randomFrom, seedOf } from '../support/random';
import { startRedis, type RedisServer } from '../support/redis';
import { startSmtp, type SmtpServer } from '../support/smtp';
import { until } from '../support/until';
import { LEARNERS, MANAGERS } from './load';
import { LoadedServer } from './loaded-server';
import { rounds } from './rounds';
import { told, Trickle } from './trickle';

const MAILS = rounds(20_000, 1_000_000);
const REQUESTS = rounds(2_000, 100_000);
const AT_ONCE = 1_000;
const JOBS_MAX = 20_000;
const MEMORY_MB_MAX = 512;
/** With as much as the machine has, the process is as large as its collector is lazy: 74 MB of objects were seen in 610 MB. */
const SMALL_HEAP = '--max-old-space-size=256 --max-semi-space-size=32';
const URGENT_MS_MAX = 10_000;
const START_MS_MAX = 30_000 + MAILS;

let redis: RedisServer;
let smtp: SmtpServer;
let loaded: LoadedServer;
beforeAll(async () => {
  [redis, smtp] = await Promise.all([startRedis({ appendfsync: 'everysec' }), startSmtp()]);
  loaded = new LoadedServer(randomFrom(seedOf()), { REDIS_URL: redis.url, SMTP_URL: smtp.url, NODE_OPTIONS: SMALL_HEAP });
  await loaded.populate();
});
afterAll(() => Promise.all([redis.stop(), smtp.stop()]));

/** Writes the past into the log while nobody uses it: open requests of which people know, and mails that are still due. */
async function writeBacklog(): Promise<void> {
  const log = new SqliteEventLog(loaded.server.folder);
  const requests = Array.from({ length: REQUESTS }, () => randomUUID());
  const slates = await slatesIn(log);
  for (let from = 0; from < Math.max(REQUESTS, MAILS); from += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, n) => from + n);
    const learner = (n: number) => LEARNERS[n % LEARNERS.length]!;
    const open = numbers.filter((n) => n < REQUESTS);
    await Promise.all(open.map((n) => openRequest(log, requests[n]!, learner(n), slates.get(learner(n))!)));
    await Promise.all(numbers.filter((n) => n < MAILS).map((n) => dueMail(log, requests[n % REQUESTS]!, learner(n))));
  }
  await log.close();
}

type Slate = readonly { readonly person: string }[];

/** Whom the server has asked for each learner. Had the backlog others, all would be asked anew, by mails that come first. */
async function slatesIn(log: SqliteEventLog): Promise<ReadonlyMap<string, Slate>> {
  const learners = new Map<string, string>();
  const slates = new Map<string, Slate>();
  for (let after = 0, page: readonly Recorded[]; (page = await log.readAll({ after })).length > 0; after = page.at(-1)!.position) {
    for (const { stream, event } of page as readonly { readonly stream: string; readonly event: Json }[]) {
      if (event.type === 'RequestSubmitted') learners.set(stream, event.beneficiary);
      if (event.type === 'ApproverAsked' && event.step === 1) slates.set(learners.get(stream)!, event.slate);
    }
  }
  return slates;
}

async function openRequest(log: SqliteEventLog, request: string, learner: string, slate: Slate): Promise<void> {
  const asked = { kind: 'enrolment', course: `B-${request}`, requester: learner, beneficiary: learner, assignment: `${learner}-1` };
  const submitted = recorded({ type: 'RequestSubmitted', ...asked, on: '2026-11-22' }, request);
  const waits = recorded({ type: 'ApproverAsked', step: 1, slate, skipped: [] }, `${request}/asked`, submitted.meta.id);
  await log.append(`request-${request}`, NO_STREAM, [submitted, waits]);
  const told = { source: waits.meta.id, request, template: 'asked', facts: { step: 1 } };
  const recipients = slate.map(({ person }) => ({ person, rule: 'asked', channels: [] }));
  await log.append(`notice-${waits.meta.id}`, NO_STREAM, [recorded({ type: 'NoticeDue', ...told, recipients }, `${request}/told`)]);
}

async function dueMail(log: SqliteEventLog, request: string, learner: string): Promise<void> {
  const source = randomUUID();
  const recipients = [{ person: learner, rule: 'outcome', channels: ['email'] }];
  const told = { source, request, template: 'granted', recipients, facts: { step: 1, by: MANAGERS[0] } };
  await log.append(`notice-${source}`, NO_STREAM, [recorded({ type: 'NoticeDue', ...told }, source)]);
}

function recorded<Event extends Typed>(event: Event, command: string, causation?: string): NewEvent<Event> {
  const at = new Date().toISOString();
  const actor = causation === undefined ? 'suite' : 'approval-chain';
  return { event, meta: { id: eventId(command, at)(0), command, actor, at, ...(causation !== undefined && { causation }) } };
}

const email = async () => expected(200, await loaded.server.operator.get('/queues')).items[0];

/** The most memory, and the most jobs in the queue, until the signal. */
async function watched(signal: AbortSignal): Promise<{ readonly mb: number; readonly jobs: number }> {
  const most = { mb: 0, jobs: 0 };
  for (; !signal.aborted; await sleep(200)) {
    const { jobs } = await email();
    most.mb = Math.max(most.mb, residentMb(loaded.server.pid));
    most.jobs = Math.max(most.jobs, jobs.ready + jobs.delayed + jobs.running);
  }
  return most;
}

/** Milliseconds from a submission to the mail to whoever is asked. */
async function asked(course: string, msMax: number): Promise<number> {
  const start = performance.now();
  expected(201, await loaded.as(LEARNERS[0]!).post('/requests', { kind: 'enrolment', course }));
  await until(() => smtp.mails.some(({ text }) => text?.includes(course)), msMax);
  return Math.round(performance.now() - start);
}

test(`${MAILS} mails due and ${REQUESTS} requests open`, async () => {
  const trickle = new Trickle(randomFrom(seedOf()), (person) => loaded.as(person));
  const before = await trickle.during(sleep(4_000));
  await loaded.server.stop();
  await writeBacklog();
  await loaded.start(START_MS_MAX);
  await asked('FIRST', START_MS_MAX); // The sagas have read the backlog when this is out.
  await until(async () => (await email()).jobs.ready > 1_000, START_MS_MAX);
  expect((await email()).due.urgent).toBeLessThan(100);

  const stop = new AbortController();
  const most = watched(stop.signal);
  const urgent = sleep(2_000).then(() => asked('SECOND', URGENT_MS_MAX));
  const during = await trickle.during(urgent.then(() => sleep(4_000)));
  const urgentMs = await urgent;
  stop.abort();
  const { mb, jobs } = await most;
  const out = smtp.mails.length;
  console.log(
    `backlog: ${out} mails out, ${MAILS} were due; commands before ${told(before)}, with it ${told(during)}; ` +
      `a mail to somebody who is asked took ${urgentMs} ms; at most ${mb} MB and ${jobs} jobs in the queue`,
  );
  expect(trickle.refused).toEqual([]);
  expect(out).toBeLessThan(MAILS / 2);
  expect(mb).toBeLessThan(MEMORY_MB_MAX);
  expect(jobs).toBeLessThanOrEqual(JOBS_MAX);
});
