import { MemoryEventLog } from '@app/event-log';
import { NO_STREAM, Rejection } from '@app/kernel';
import type { Authentication, Caller, Runtime } from '@app/platform';
import type { FastifyRequest } from 'fastify';
import { until } from '../../../test/support/until';
import type { RequestReader } from './request-reader';
import { StreamController } from './stream.controller';

const YESTERDAY = '2026-11-20';
const TODAY = '2026-11-21';
const event = { type: 'RequestSubmitted', kind: 'enrolment', requester: 'lea', beneficiary: 'lea', assignment: 'lea/1', on: TODAY };

test('rights are those of the day of each event, however long the connection stands', async () => {
  let day = YESTERDAY;
  const stop = new AbortController();
  const log = new MemoryEventLog();
  const runtime = { log, models: { reached: async () => {} }, signal: stop.signal, dayOf: () => day } as unknown as Runtime;
  // He managed the learner of r1 and r2 until today, and still manages that of r3.
  const reader = {
    read: async (id: string, { on }: Caller) => {
      if (id !== 'r3' && on !== YESTERDAY) throw new Rejection('not-found', 'unknown-request');
    },
  } as unknown as RequestReader;
  const authentication = { principalOf: () => ({}) } as unknown as Authentication;
  const request = { headers: { authorization: 'Bearer t' } } as FastifyRequest;
  const me = { actor: 'mel', person: 'mel', on: YESTERDAY } as Caller;
  const events = await new StreamController(runtime, reader, authentication).events(request, me);
  const submit = (id: string) =>
    log.append(`request-${id}`, NO_STREAM, [{ event, meta: { id, command: id, actor: 'lea', at: `${day}T10:00:00.000Z` } }]);

  const told: string[] = [];
  const listening = events.subscribe(({ type, data }) => type !== 'pulse' && told.push((data as { request: string }).request));
  await submit('r1');
  await until(() => told.length > 0);
  day = TODAY;
  await submit('r2');
  await submit('r3');
  await until(() => told.includes('r3'));
  expect(told).toEqual(['r1', 'r3']);
  listening.unsubscribe();
  stop.abort();
});
