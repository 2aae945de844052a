// What every job queue does, whichever adapter it is.
import { backoffAfter, NotNow, type Job, type JobQueue, type WorkOptions } from '@app/notifications/job-queue';
import { stopwatch } from '../support/stolen-time';
import { until } from '../support/until';

export interface JobQueueWorld {
  /** A queue on the same store as the one before, so that jobs which outlive a client are found again. */
  open(): JobQueue;
}

const CLOSE_MS = 2_000;

/** Runs the suite against one adapter. Each test has a queue name of its own. */
export function jobQueueContract(adapter: string, world: () => JobQueueWorld): void {
  describe(`job queue: ${adapter}`, () => {
    let jobs: JobQueue;
    let queue: string;
    let count = 0;
    const runs: Job[] = [];
    const gaveUp: { readonly job: Job; readonly reason: string }[] = [];
    const options: WorkOptions = {
      attemptsMax: 3,
      backoffMs: 20,
      gaveUp: async (job, error) => void gaveUp.push({ job, reason: String(error) }),
    };
    const note = async (job: Job) => void runs.push(job);
    const idsRun = () => runs.map(({ id }) => id);

    beforeEach(() => {
      runs.length = gaveUp.length = 0;
      queue = `q${++count}`;
      jobs = world().open();
    });
    afterEach(() => jobs.close(CLOSE_MS));

    test('a job runs once, with its id and payload', async () => {
      jobs.work(queue, note, options);
      await jobs.add({ queue, id: 'one', payload: { source: 'e1' } });
      await jobs.add({ queue, id: 'two', payload: { source: 'e2' } });
      await until(() => runs.length === 2);
      expect(runs).toEqual([
        { id: 'one', payload: { source: 'e1' }, attempt: 1 },
        { id: 'two', payload: { source: 'e2' }, attempt: 1 },
      ]);
    });

    test('any text is fit for an id', async () => {
      jobs.work(queue, note, options);
      for (const id of ['42', 'a:b', 'ä%/ -', '-']) await jobs.add({ queue, id, payload: {} });
      await until(() => runs.length === 4);
      expect(idsRun()).toEqual(['42', 'a:b', 'ä%/ -', '-']);
    });

    test('jobs that were added before anybody works run when somebody does, in the order of adding', async () => {
      const ids = Array.from({ length: 20 }, (_, at) => `job${at}`);
      for (const id of ids) await jobs.add({ queue, id, payload: {} });
      jobs.work(queue, note, options);
      await until(() => runs.length === ids.length);
      expect(idsRun()).toEqual(ids);
    });

    test('a job with a delay runs after it, and lets others pass', async () => {
      jobs.work(queue, note, options);
      const added = performance.now();
      await jobs.add({ queue, id: 'late', payload: {}, delayMs: 300 });
      await jobs.add({ queue, id: 'soon', payload: {} });
      await until(() => runs.length === 2);
      expect(idsRun()).toEqual(['soon', 'late']);
      expect(performance.now() - added).toBeGreaterThanOrEqual(295);
    });

    test('an id that waits or runs is taken once, and is free again afterwards', async () => {
      const gate = Promise.withResolvers<void>();
      for (let times = 0; times < 3; times++) await jobs.add({ queue, id: 'same', payload: {} });
      jobs.work(queue, (job) => note(job).then(() => gate.promise), options);
      await until(() => runs.length === 1);
      await jobs.add({ queue, id: 'same', payload: {} });
      await jobs.add({ queue, id: 'other', payload: {} });
      gate.resolve();
      await until(() => runs.length === 2);
      expect(idsRun()).toEqual(['same', 'other']);
      // The handler has ended; the queue may need a moment to note it.
      await until(async () => {
        await jobs.add({ queue, id: 'same', payload: {} });
        return runs.length === 3;
      });
      expect(idsRun()).toEqual(['same', 'other', 'same']);
    });

    test('a job that fails is tried again later, and ends when it succeeds', async () => {
      const at: number[] = [];
      const flaky = async (job: Job) => {
        await note(job);
        at.push(performance.now());
        if (job.attempt < 3) throw new Error('not yet');
      };
      jobs.work(queue, flaky, { ...options, backoffMs: 100 });
      await jobs.add({ queue, id: 'flaky', payload: {} });
      await until(() => runs.length === 3);
      expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(45);
      expect(at[2]! - at[1]!).toBeGreaterThanOrEqual(95);
      expect(gaveUp).toEqual([]);
    });

    test('a job that keeps failing is given up, which is told once with the last reason', async () => {
      jobs.work(queue, (job) => note(job).then(() => Promise.reject(new Error(`try ${job.attempt}`))), options);
      await jobs.add({ queue, id: 'bad', payload: { source: 'e1' } });
      await jobs.add({ queue, id: 'worse', payload: {} });
      await until(() => gaveUp.length === 2);
      expect(gaveUp).toContainEqual({ job: { id: 'bad', payload: { source: 'e1' }, attempt: 3 }, reason: 'Error: try 3' });
      expect(runs).toHaveLength(6);
    });

    test('a job whose end could not be told is tried once more', async () => {
      const deaf: WorkOptions = {
        ...options,
        attemptsMax: 1,
        gaveUp: async (job, error) => {
          if (job.attempt === 1) throw new Error('nobody hears');
          await options.gaveUp(job, error);
        },
      };
      jobs.work(queue, (job) => note(job).then(() => Promise.reject(new Error('no'))), deaf);
      await jobs.add({ queue, id: 'bad', payload: {} });
      await until(() => gaveUp.length === 1);
      expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
    });

    test('several jobs run at once when that is asked for', async () => {
      const gate = Promise.withResolvers<void>();
      jobs.work(queue, (job) => note(job).then(() => gate.promise), { ...options, concurrency: 3 });
      for (const id of ['a', 'b', 'c', 'd']) await jobs.add({ queue, id, payload: {} });
      await until(() => runs.length === 3);
      gate.resolve();
      await until(() => runs.length === 4);
    });

    test('closing waits for the job that runs, and starts no other', async () => {
      const gate = Promise.withResolvers<void>();
      let ended = false;
      jobs.work(
        queue,
        (job) =>
          note(job)
            .then(() => gate.promise)
            .then(() => void (ended = true)),
        options,
      );
      await jobs.add({ queue, id: 'a', payload: {} });
      await jobs.add({ queue, id: 'b', payload: {} });
      await until(() => runs.length === 1);
      const closed = jobs.close(CLOSE_MS);
      gate.resolve();
      await closed;
      expect(ended).toBe(true);
      expect(idsRun()).toEqual(['a']);
      await expect(jobs.add({ queue, id: 'c', payload: {} })).rejects.toThrow('the job queue is not available: it is closed');
    });

    test('closing does not wait longer than it is told', async () => {
      const gate = Promise.withResolvers<void>();
      jobs.work(queue, (job) => note(job).then(() => gate.promise), options);
      await jobs.add({ queue, id: 'stuck', payload: {} });
      await until(() => runs.length === 1);
      const ms = stopwatch();
      await jobs.close(100);
      expect(ms()).toBeLessThan(1_000);
      gate.resolve();
    });

    test('what is urgent passes what waits already; equals keep their order', async () => {
      const ids = ['later', 'usual', 'usual too', 'urgent', 'urgent too'];
      const priorities: Readonly<Record<string, number>> = { later: 2, usual: 1, 'usual too': 1 };
      for (const id of ids) await jobs.add({ queue, id, payload: {}, ...(id in priorities && { priority: priorities[id] }) });
      jobs.work(queue, note, options);
      await until(() => runs.length === ids.length);
      expect(idsRun()).toEqual(['urgent', 'urgent too', 'usual', 'usual too', 'later']);
    });

    test('another attempt keeps its priority', async () => {
      jobs.work(
        queue,
        async (job) => {
          await note(job);
          if (job.id === 'flaky' && job.attempt === 1) throw new Error('not yet');
          if (job.id === 'block') await new Promise((resolve) => setTimeout(resolve, 200));
        },
        { ...options, backoffMs: 50 },
      );
      await jobs.add({ queue, id: 'flaky', payload: {}, priority: 1 });
      await until(() => runs.length === 1);
      for (const id of ['block', 'usual']) await jobs.add({ queue, id, payload: {}, priority: id === 'block' ? 0 : 2 });
      await until(() => runs.length === 4);
      expect(idsRun()).toEqual(['flaky', 'block', 'flaky', 'usual']);
    });

    test('no more jobs begin in a time than the rate says', async () => {
      const at: number[] = [];
      jobs.work(queue, async () => void at.push(performance.now()), { ...options, concurrency: 20, rate: { jobs: 5, perMs: 400 } });
      for (let n = 0; n < 12; n++) await jobs.add({ queue, id: `job${n}`, payload: {} });
      await until(() => at.length === 12);
      expect(at[5]! - at[0]!).toBeGreaterThanOrEqual(300);
      expect(at[10]! - at[5]!).toBeGreaterThanOrEqual(300);
    });

    test('a job that cannot be done now rests with its whole queue, keeps its place and counts no attempt', async () => {
      const at: number[] = [];
      let closed = true;
      jobs.work(
        queue,
        async (job) => {
          at.push(performance.now());
          if (closed) throw new NotNow(300);
          await note(job);
        },
        { ...options, attemptsMax: 1 },
      );
      for (const id of ['first', 'second']) await jobs.add({ queue, id, payload: {} });
      await until(() => at.length === 2);
      closed = false;
      await until(() => runs.length === 2);
      expect(runs).toMatchObject([
        { id: 'first', attempt: 1 },
        { id: 'second', attempt: 1 },
      ]);
      expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(250);
      expect(at[2]! - at[1]!).toBeGreaterThanOrEqual(250);
      expect(gaveUp).toEqual([]);
    });

    test('it knows how many jobs it holds', async () => {
      const gate = Promise.withResolvers<void>();
      await jobs.add({ queue, id: 'late', payload: {}, delayMs: 60_000 });
      for (const id of ['a', 'b', 'c']) await jobs.add({ queue, id, payload: {}, ...(id === 'c' && { priority: 1 }) });
      expect(await jobs.counts(queue)).toEqual({ ready: 3, delayed: 1, running: 0 });
      jobs.work(queue, (job) => note(job).then(() => gate.promise), options);
      await until(() => runs.length === 1);
      expect(await jobs.counts(queue)).toEqual({ ready: 2, delayed: 1, running: 1 });
      for (const id of ['late', 'a', 'b']) expect(await jobs.holds({ queue, id })).toBe(true);
      gate.resolve();
      await until(() => runs.length === 3);
      await until(async () => (await jobs.counts(queue)).running === 0);
      for (const id of ['a', 'b', 'unknown']) expect(await jobs.holds({ queue, id })).toBe(false);
      expect(await jobs.counts(queue)).toEqual({ ready: 0, delayed: 1, running: 0 });
      expect(await jobs.counts('another')).toEqual({ ready: 0, delayed: 0, running: 0 });
    });

    test('a new client runs what is added again', async () => {
      await jobs.add({ queue, id: 'kept', payload: {} });
      await jobs.close(CLOSE_MS);
      jobs = world().open();
      jobs.work(queue, note, options);
      // The reconciler does this with everything that the ledger has as due.
      await jobs.add({ queue, id: 'kept', payload: {} });
      await until(() => runs.length === 1);
      expect(idsRun()).toEqual(['kept']);
    });
  });
}

test('the wait before another attempt doubles, is spread over its upper half, and stops growing', () => {
  const wait = (attempt: number, chance: number) => backoffAfter({ attempt, backoffMs: 100, chance });
  expect([wait(1, 0), wait(1, 1), wait(2, 0), wait(2, 1), wait(5, 1)]).toEqual([50, 100, 100, 200, 1_600]);
  expect(wait(40, 1)).toBe(wait(11, 1));
});
