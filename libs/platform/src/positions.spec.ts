import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MemoryEventLog, ReadModels } from '@app/event-log';
import type { Origin, Projection, Recorded } from '@app/kernel';
import { events } from '../../../test/contracts/event-log.contract';
import { answersTo, sayPosition, shown } from './positions';

const notes: Projection<{ type: 'Noted' }> = {
  name: 'notes',
  schema: 'create table notes (position integer primary key) strict',
  tables: ['notes'],
  on: { Noted: (tables, _event, { position }) => tables.run('insert or replace into notes values (?)', position) },
};
const asking = ({ header, query = {} }: { header?: string; query?: Record<string, unknown> }) =>
  ({ headers: { 'min-position': header }, query }) as unknown as FastifyRequest;
const ann = { by: 'ann' };

describe('a read that asks for a position', () => {
  let models: ReadModels;
  let history: readonly Recorded[];
  beforeEach(async () => {
    const log = new MemoryEventLog();
    for (let n = 0; n < 4; n++) await log.append('note-a', n - 1, events({ n }));
    history = await log.readAll();
    models = new ReadModels(':memory:', [notes]);
    models.apply(history.slice(0, 2));
  });
  afterEach(() => models.close());

  test('goes on at once where it asks for none, or for what shows already', () => {
    expect(shown(asking({}), models, ann)).toBe(true);
    expect(shown(asking({ header: '2', query: { 'min-position': '1' } }), models, ann)).toBe(true);
  });

  test.each([{ header: '4' }, { query: { 'min-position': '4' } }, { header: '1', query: { 'min-position': '4' } }])(
    'waits until it shows, whether header or query says so: %j',
    async (way) => {
      let done = false;
      const waiting = Promise.resolve(shown(asking(way), models, ann)).then(() => (done = true));
      models.apply(history.slice(2, 3));
      await new Promise(setImmediate);
      expect(done).toBe(false);
      models.apply(history.slice(3));
      await waiting;
    },
  );

  test('is refused when no further event will come', async () => {
    const waiting = shown(asking({ header: '4' }), models, ann);
    models.release();
    await expect(waiting).rejects.toMatchObject({ status: 503, response: { code: 'position-not-reached' } });
  });

  test('is answered at once where the log does not go so far, and no caller waits more often than fifty times at once', async () => {
    const asked = (header: string, by = 'ann') =>
      shown(asking({ header }), models, { by, log: { head: async () => ({ position: 4, hash: '' }) } });
    const refusal = { status: 503, response: { code: 'position-not-reached' } };
    await expect(asked('5')).rejects.toMatchObject(refusal);
    const waiting = Array.from({ length: 50 }, async () => asked('4'));
    await expect(asked('4')).rejects.toMatchObject(refusal);
    waiting.push(Promise.resolve(asked('4', 'bob')));
    models.apply(history);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => true));
    expect(asked('4')).toBe(true);
  });

  test.each(['', '-1', '1.5', '0x1', '1e3', ' 1', 'null', '99999999999999999', '9007199254740993', ['1', '2']])(
    '%j is no position',
    (value) => {
      const refusal = (act: () => unknown) => {
        try {
          return act();
        } catch (error) {
          return (error as HttpException).getResponse();
        }
      };
      const bad = { code: 'bad-position', errors: [{ field: 'min-position', message: expect.any(String) }] };
      expect(refusal(() => shown(asking({ query: { 'min-position': value } }), models, ann))).toEqual(bad);
    },
  );

  test('leaves no trace of it in the query, which the route has a schema for', () => {
    const query = { limit: '3', 'min-position': '1' };
    expect([shown(asking({ query }), models, ann), query]).toEqual([true, { limit: '3' }]);
  });
});

test('a write says the furthest position of its commands, whatever their order; a caller without an answer hears nothing', () => {
  const headers: Record<string, string> = {};
  const reply = { getHeader: (name: string) => headers[name], header: (name: string, value: string) => (headers[name] = value) };
  const origin: Origin = { command: 'c', actor: 'ann', at: '2026-11-22T08:00:00.000Z' };
  answersTo(origin, reply as unknown as FastifyReply);
  for (const position of [7, 12, 9]) sayPosition(origin, position);
  sayPosition({ ...origin }, 99);
  expect(headers).toEqual({ position: '12' });
});
