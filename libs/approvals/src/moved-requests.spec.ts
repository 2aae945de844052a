// The job in whose name was asked ends, and its learner lets the request go on in the name of another one (E11).
import { eventId } from '@app/event-log';
import { scenario } from '@app/kernel';
import { positionTypes, type PositionTypesCommand } from '@app/organisation';
import { openChain, TODAY, type ChainWorld } from '../../../test/support/chain-world';
import { affectedDecisions } from './affected-decisions';
import { approvalRequest, type RequestEvent } from './approval-request';
import { grantedInEndedJobs } from './ended-jobs';
import { inboxOf, waitingAmong } from './pending-approvals';
import { openRequestsOf, requestRow } from './requests';
import { jobToMoveTo } from './submission';

const at = `${TODAY}T10:00:00.000Z`;
const TOMORROW = '2026-11-22';
const asked = { kind: 'enrolment', requester: 'sec', beneficiary: 'lea', assignment: 'lea/1', on: TODAY } as const;
const submitted = { type: 'RequestSubmitted', ...asked } as const;
const melAsked = { type: 'ApproverAsked', step: 1, slate: [{ person: 'mel', as: 'direct', link: 'l1' }], skipped: [] } as const;
const report = { type: 'ReportJobEnded', assignment: 'lea/1', endedOn: TODAY, on: TODAY } as const;
const told = { type: 'AskingJobEnded', assignment: 'lea/1', endedOn: TODAY, on: TODAY } as const;
const move = { type: 'Move', assignment: 'lea/2', by: 'lea', at, on: TODAY, chance: 'given', standing: 'fit' } as const;
const moved = { type: 'RequestMoved', assignment: 'lea/2', by: 'lea', at, on: TODAY } as const;
const over = [
  ['already-decided', { type: 'RequestGranted', step: 1, by: 'mel', at }],
  ['already-withdrawn', { type: 'RequestWithdrawn', by: 'lea', at }],
  ['already-cancelled', { type: 'RequestCancelled', because: 'assignment-ended', assignment: 'lea/1', endedOn: TODAY, on: TODAY }],
] as const;

describe('an open request', () => {
  const { given } = scenario(approvalRequest);

  test('tells once that its job has ended, and again when the end is another one', () => {
    given(submitted, melAsked).when(report).thenEvents(told);
    given(submitted, melAsked, told).when(report).thenNothing();
    given(submitted, melAsked, told)
      .when({ ...report, endedOn: '2026-11-20' })
      .thenEvents({ ...told, endedOn: '2026-11-20' });
    given(submitted, melAsked, moved).when(report).thenNothing();
    given(submitted, melAsked, told, moved)
      .when({ ...report, assignment: 'lea/2' })
      .thenEvents({ ...told, assignment: 'lea/2' });
  });
  test('moves with the consent of the learner, or of whoever asked for him', () => {
    given(submitted, melAsked, told).when(move).thenEvents(moved);
    given(submitted, melAsked, told)
      .when({ ...move, by: 'sec' })
      .thenEvents({ ...moved, by: 'sec' });
  });
  test('is moved by nobody else, the approver included', () =>
    given(submitted, melAsked, told)
      .when({ ...move, by: 'mel' })
      .thenRejected('not-your-request'));
  test('does not move while its job goes on, or where the site does not want it', () => {
    for (const chance of ['job-goes-on', 'policy'] as const)
      given(submitted, melAsked)
        .when({ ...move, chance })
        .thenRejected('not-movable', { because: chance });
  });
  test('does not move to a job that is not the learner’s, or above which nobody can decide', () => {
    given(submitted, melAsked)
      .when({ ...move, standing: 'not-his' })
      .thenRejected('not-your-assignment', { assignment: 'lea/2' });
    given(submitted, melAsked)
      .when({ ...move, standing: 'nobody' })
      .thenRejected('no-approver');
  });
  test('stands where it stands when it is to move there', () => given(submitted, melAsked, told, moved).when(move).thenNothing());
  test.each(over)('does not move once it is over: %s', (code, end) => given(submitted, melAsked, end).when(move).thenRejected(code));
  test.each(over)('tells of no end of its job once it is over: %s', (_code, end) =>
    given(submitted, melAsked, end).when(report).thenNothing(),
  );
});

describe('in an organisation', () => {
  let world: ChainWorld;
  beforeEach(async () => {
    world = await openChain();
    for (const id of ['dir', 'fin', 'rob']) await world.hire(id);
    for (const id of ['mel', 'max']) await world.hire(id, ['dir']);
    await world.hire('lea', ['mel']);
    await world.hire('lea', ['max'], 'lea/2');
    await world.forEndedJobs('move');
    await world.submit('r1', 'lea');
  });
  afterEach(() => world.close());

  const end = async (job = 'lea/1', to = TODAY) => {
    await world.endJob(job, to);
    await world.settled();
  };
  const known = (assignment: string) => jobToMoveTo(world.models, requestRow(world.models, 'r1')!, { assignment, on: TODAY });
  const moveTo = async (assignment: string) => {
    const { events } = await world.request('r1', { type: 'Move', assignment, by: 'lea', at, on: TODAY, ...known(assignment) });
    return events.map(({ type }) => type);
  };
  const refused = (assignment: string) => moveTo(assignment).catch(({ code, facts }) => [code, facts.because ?? facts.assignment]);
  const approve = (by: string, nominee?: string) =>
    world.request('r1', { type: 'Approve', by, at, on: TODAY, ...(nominee && { nominee, nomineeStanding: 'fit' }) });
  const inbox = (who: string) => inboxOf(world.models, who, { limit: 10 }).map(({ assignment, revision }) => ({ assignment, revision }));
  const tellings = async () => (await world.log.readAll()).filter(({ event }) => event.type === 'AskingJobEnded').length;

  test('the learner is told once when the job has ended, and until he moves it the managers of that job go on to be asked', async () => {
    expect(inbox('mel')).toEqual([{ assignment: 'lea/1', revision: (await world.story('r1')).revision }]);
    await end('lea/1', TOMORROW);
    await world.tick('2026-11-21T23:59:59.999Z');
    expect(await tellings()).toBe(0);
    for (const day of [TOMORROW, '2026-11-23']) await world.tick(`${day}T00:00:00.000Z`);
    expect(await tellings()).toBe(1);
    const { revision, status } = await world.story('r1');
    expect([status, inbox('mel')]).toEqual(['open', [{ assignment: 'lea/1', revision }]]);
    await approve('mel');
    expect((await world.story('r1')).status).toBe('granted');
  });

  test('with his consent it goes on in the name of the other job, and its managers are asked in the same moment', async () => {
    await end();
    expect(await moveTo('lea/2')).toEqual(['RequestMoved', 'SlateChanged']);
    const story = await world.story('r1');
    expect([story.assignment, story.chain.length, story.chain[0]!.slate.map(({ person, as }) => [person, as])]).toEqual([
      'lea/2',
      1,
      [['max', 'direct']],
    ]);
    expect([inbox('mel'), inbox('max')]).toEqual([[], [{ assignment: 'lea/2', revision: story.revision }]]);
    expect([openRequestsOf(world.models, 'lea/1'), openRequestsOf(world.models, 'lea/2')]).toEqual([[], ['r1']]);
    expect(['mel', 'max'].map((person) => waitingAmong(world.models, ['r1'], person))).toEqual([0, 1]);
    await expect(approve('mel')).rejects.toMatchObject({ code: 'not-current-approver' });
    await world.settled();
    expect((await world.story('r1')).revision).toBe(story.revision);
    await world.deactivate('max');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['dir']);
    await approve('dir');
    expect((await world.story('r1')).status).toBe('granted');
  });

  test('an approval that was given stands, and a nominee who stands goes on to be asked, by the revision that is new', async () => {
    await approve('mel', 'fin');
    await end();
    expect(await moveTo('lea/2')).toEqual(['RequestMoved']);
    const { chain, revision } = await world.story('r1');
    expect(chain.map(({ status, slate }) => [status, slate[0]!.person])).toEqual([
      ['approved', 'mel'],
      ['waiting', 'fin'],
    ]);
    expect(inbox('fin')).toEqual([{ assignment: 'lea/2', revision }]);
    await world.deactivate('fin');
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['max']);
  });

  test('who has decided is not asked again above the other job, and the request does not move where only he could decide', async () => {
    await world.hire('lea', ['mel'], 'lea/3');
    await approve('mel', 'fin');
    await world.deactivate('fin');
    await end();
    expect(await world.askedIn('r1')).toEqual(['dir']);
    expect(await moveTo('lea/3')).toEqual(['RequestMoved']);
    expect(await world.askedIn('r1')).toEqual(['dir']);
    await world.deactivate('dir');
    await world.settled();
    await world.hire('lea', ['mel'], 'lea/4');
    await end('lea/3');
    expect(await refused('lea/4')).toEqual(['no-approver', 'lea/4']);
  });

  test('it moves to a job of the learner only that is his today and in whose name one asks', async () => {
    await end();
    const rules = { unitMandatory: false, managerMandatory: false, aspirational: false, mayRequestLearning: false };
    const recorded: PositionTypesCommand = { type: 'RecordPositionTypes', types: [{ id: 'bank', name: 'Bank', ...rules }] };
    await world.send(positionTypes, 'site', recorded);
    await world.hire('lea', ['max'], 'lea/3', { positionType: 'bank' });
    await world.hire('lea', ['max'], 'lea/4', { from: TOMORROW });
    await world.hire('lea', ['max'], 'lea/5', { to: TODAY });
    for (const job of ['lea/3', 'lea/4', 'lea/5', 'mel/1', 'nowhere']) expect(await refused(job)).toEqual(['not-your-assignment', job]);
    expect(await moveTo('lea/2')).toContain('RequestMoved');
  });

  test('it moves while its job has an end, and where the site has so chosen', async () => {
    expect(await refused('lea/2')).toEqual(['not-movable', 'job-goes-on']);
    await end('lea/1', '2026-12-31');
    for (const policy of ['continue', 'cancel'] as const) {
      await world.forEndedJobs(policy);
      expect(await refused('lea/2')).toEqual(['not-movable', 'policy']);
    }
    await world.forEndedJobs('move');
    expect(await moveTo('lea/2')).toContain('RequestMoved');
  });

  test('what a process moved that did not know yet who has left is looked at again', async () => {
    await end();
    await world.deactivate('max');
    await world.settled();
    const { revision } = await world.story('r1');
    const slate = [{ person: 'max', as: 'direct', link: 'lea/2/direct/max/2026-01-01' }] as const;
    const events: readonly RequestEvent[] = [
      moved,
      { type: 'SlateChanged', step: 1, slate, removed: ['mel'], added: ['max'], because: 'request-moved' },
    ];
    const ids = eventId('late', at);
    const meta = (place: number) => ({ id: ids(place), command: `late/${place}`, at });
    const metas = [
      { ...meta(0), actor: 'lea' },
      { ...meta(1), actor: 'approval-chain', causation: ids(0) },
    ];
    await world.log.append(
      'request-r1',
      revision,
      events.map((event, place) => ({ event, meta: metas[place]! })),
    );
    await world.settled();
    expect(await world.askedIn('r1')).toEqual(['dir']);
  });

  test('when the other job ends too, the learner is told again', async () => {
    await end();
    await moveTo('lea/2');
    await world.settled();
    expect(await tellings()).toBe(1);
    await end('lea/2');
    expect(await tellings()).toBe(2);
  });

  test('what was granted in the other job is listed when that one ends, and not for the first one (E12)', async () => {
    await end();
    await moveTo('lea/2');
    await approve('max');
    const listed = () => grantedInEndedJobs(world.models, { on: '2026-12-24', limit: 10 }).map(({ assignment }) => assignment);
    expect(listed()).toEqual([]);
    await end('lea/2', '2026-12-01');
    expect(listed()).toEqual(['lea/2']);
  });

  test('a decision from before is judged by the job in whose name the request stood then (N7)', async () => {
    await approve('mel', 'fin');
    await end();
    await moveTo('lea/2');
    const affected = () => affectedDecisions(world.models, { limit: 10 }).items.map(({ by, assignment }) => [by, assignment]);
    expect(affected()).toEqual([]);
    await world.endLink('lea/1/direct/mel/2026-01-01', '2026-11-01');
    await world.settled();
    expect(affected()).toEqual([['mel', 'lea/1']]);
  });

  test('when a decision falls after the move, whoever manages the other job is asked in its place', async () => {
    await approve('mel', 'fin');
    await end();
    await moveTo('lea/2');
    await world.request('r1', { type: 'VoidDecision', step: 1, by: 'rob', reason: 'not his team', at });
    expect(await world.askedIn('r1')).toEqual(['max']);
  });
});
