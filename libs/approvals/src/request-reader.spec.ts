import { MemoryEventLog } from '@app/event-log';
import { NO_STREAM, PAGE_EVENTS_MAX, streamOf, type NewEvent } from '@app/kernel';
import type { Runtime } from '@app/platform';
import { approvalRequest, type RequestEvent } from './approval-request';
import { RequestReader } from './request-reader';

let ids = 0;
const recorded = (event: RequestEvent): NewEvent => {
  const id = `e${++ids}`;
  return { event, meta: { id, command: id, actor: 'suite', at: '2026-11-21T10:00:00.000Z' } };
};
const submitted = {
  type: 'RequestSubmitted',
  kind: 'enrolment',
  requester: 'lea',
  beneficiary: 'lea',
  assignment: 'lea/1',
  on: '2026-11-21',
} as const;
const changed = (person: string) =>
  ({
    type: 'SlateChanged',
    step: 1,
    slate: [{ person, as: 'direct' }],
    removed: [],
    added: [person],
    because: 'managers-changed',
  }) as const;

test('of a step that was filled anew nothing is shown that was true of those asked before', async () => {
  const log = new MemoryEventLog();
  const fin = { person: 'fin', as: 'nominee', via: 'mel' } as const;
  const asked = {
    type: 'ApproverAsked',
    step: 2,
    slate: [fin],
    skipped: [{ person: 'lea', because: 'self' }],
    nominatedBy: 'mel',
  } as const;
  const joined = { ...changed('max'), step: 2, slate: [fin, { person: 'max', as: 'nominee', via: 'mel' }] } as const;
  const step = async (...events: readonly RequestEvent[]) => {
    const id = `r${ids}`;
    await log.append(streamOf(approvalRequest, id), NO_STREAM, [submitted, asked, ...events].map(recorded));
    return (await new RequestReader({ log } as unknown as Runtime).whole(id)).story.chain.at(-1)!;
  };
  expect(await step()).toMatchObject({ nominatedBy: 'mel', skipped: [{ person: 'lea' }] });
  expect(await step(joined)).toMatchObject({ nominatedBy: 'mel', skipped: [], status: 'waiting' });
  const { askedAt: _askedAt, ...filled } = await step({ ...changed('max'), step: 2, removed: ['fin'] });
  expect(filled).toEqual({ step: 2, status: 'waiting', slate: [{ person: 'max', as: 'direct' }], skipped: [] });
});

test.each([0, 1, 2])('a request is shown as its last event left it, however many there are: %i pages and one event', async (pages) => {
  const log = new MemoryEventLog();
  const stream = streamOf(approvalRequest, 'r1');
  const last = pages * PAGE_EVENTS_MAX;
  const asked = { type: 'ApproverAsked', step: 1, slate: [], skipped: [] } as const;
  const events = Array.from({ length: last + 1 }, (_, at) => [submitted, asked][at] ?? changed(`m${at}`)).map(recorded);
  for (let from = 0; from < events.length; from += PAGE_EVENTS_MAX)
    await log.append(stream, from === 0 ? NO_STREAM : from - 1, events.slice(from, from + PAGE_EVENTS_MAX));
  const read = await new RequestReader({ log } as unknown as Runtime).whole('r1');
  expect([read.events.length, read.story.revision]).toEqual([last + 1, last]);
  expect(read.story.chain.at(-1)?.slate.map(({ person }) => person)).toEqual(pages === 0 ? undefined : [`m${last}`]);
});
