import { ReadModels } from '@app/event-log';
import type { Recorded } from '@app/kernel';
import { organisation } from '@app/organisation';
import { inboxOf } from './pending-approvals';
import { approvals } from '.';

const slate = [{ person: 'mel', as: 'direct' }];
const EVENTS = [
  { type: 'RequestSubmitted', kind: 'enrolment', course: 'c', requester: 'lea', beneficiary: 'lea', assignment: 'lea-1', on: '2026-11-21' },
  { type: 'ApproverAsked', step: 1, slate, skipped: [] },
  { type: 'SlateChanged', step: 1, slate, skipped: [] },
];

test.each([0, 4_000, 2 ** 43, 2 ** 52])('an inbox shows each revision of a request, also at positions from %d on', (from) => {
  const models = new ReadModels(':memory:', [...organisation.projections, ...approvals.projections]);
  const meta = { id: 'e', command: 'c', actor: 'lea', at: '2026-11-21T10:00:00.000Z' };
  const recorded = EVENTS.map((event, revision): Recorded => ({
    position: from + revision + 1,
    stream: 'request-r1',
    revision,
    event,
    meta,
  }));
  const shown = () => inboxOf(models, 'mel', { limit: 10 }).map(({ revision, place }) => ({ revision, place }));
  models.apply(recorded.slice(0, 2));
  expect(shown()).toEqual([{ revision: 1, place: from + 2 }]);
  models.apply(recorded.slice(2));
  expect(shown()).toEqual([{ revision: 2, place: from + 2 }]);
  models.close();
});

test('a request whose submission is parked hides no other one, and is shown when it is taken', () => {
  const models = new ReadModels(':memory:', [...organisation.projections, ...approvals.projections]);
  const meta = { id: 'e', command: 'c', actor: 'lea', at: '2026-11-21T10:00:00.000Z' };
  const [submission, asking] = EVENTS as unknown as [Recorded['event'], Recorded['event']];
  const broken = { ...submission, beneficiary: null };
  for (const [at, first] of [submission, broken, broken, submission].entries()) {
    const position = 2 * at + 1;
    const stream = `request-r${at}`;
    models.apply([
      { position, stream, revision: 0, event: first, meta },
      { position: position + 1, stream, revision: 1, event: asking, meta },
    ]);
  }
  const shown = (limit: number, after = 0) => inboxOf(models, 'mel', { limit, after }).map(({ request }) => request);
  expect(models.parked().map(({ stream }) => stream)).toEqual(['request-r1', 'request-r2']);
  expect([shown(10), shown(2), shown(1), shown(1, 2)]).toEqual([['r0', 'r3'], ['r0', 'r3'], ['r0'], ['r3']]);
  models.run(`insert into requests values (3, 'r1', 'enrolment', 'c', 'lea', 'lea', 'lea-1', null, null, 'open', '2026-11-21', null, 'c')`);
  expect(shown(10)).toEqual(['r0', 'r1', 'r3']);
  models.close();
});
