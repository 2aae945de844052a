// Managers come, go, stand in and are replaced while others decide: whatever the order, who decides was entitled to.
import { deepStrictEqual, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { standingOf, type Candidate, type RequestEvent } from '@app/approvals';
import { Rejection } from '@app/kernel';
import { rounds } from './faults/rounds';
import { NaiveAuthority, type Known } from './support/naive-authority';
import { seedOf } from './support/random';
import { StillWorld } from './support/still-world';

const RUNS = rounds(150, 10_000);
const seed = seedOf();
const DAY_MS = 86_400_000;
const PEOPLE = ['lea', 'mel', 'tom', 'alt', 'boss', 'fin', 'sub'] as const;
const REQUEST = 'r';

const who = fc.constantFrom(...PEOPLE);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      by: fc.oneof(who, fc.constantFrom('mel' as const, 'tom' as const, 'boss' as const, 'fin' as const)),
      how: fc.constantFrom('approve', 'deny', 'name', 'name'),
      nominee: who,
      stale: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('active' as const), who, is: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('manage' as const),
      of: fc.constantFrom('lea', 'mel', 'boss'),
      manager: who,
      kind: fc.constantFrom('direct' as const, 'temporary' as const, 'alternate' as const),
      days: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('react' as const), most: fc.constantFrom(1, 2, 1_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
const decisions = { counted: 0, refused: new Map<string, number>() };

test(`${RUNS} orders of decisions and changes: the rules and the naive model never differ (SEED=${seed})`, async () => {
  const run = async (steps: readonly Step[]) => {
    const organisation = await Organisation.open();
    try {
      for (const one of steps) await organisation.take(one);
      await organisation.take({ do: 'react', most: 1_000 });
    } finally {
      await organisation.world.close();
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), run), { seed, numRuns: RUNS });
  console.log(
    `authority: ${JSON.stringify({ runs: RUNS, divergences: 0, counted: decisions.counted, refused: Object.fromEntries(decisions.refused), seed })}`,
  );
  expect(decisions.counted).toBeGreaterThan(RUNS / 20);
});

class Organisation {
  readonly world = new StillWorld();
  private readonly naive = new NaiveAuthority('lea', 'fin');

  static async open(): Promise<Organisation> {
    const made = new Organisation();
    for (const id of PEOPLE) await made.world.hire(id);
    await made.manage('lea', 'mel', 'direct');
    await made.manage('lea', 'tom', 'temporary', 9);
    await made.manage('lea', 'alt', 'alternate');
    await made.manage('mel', 'boss', 'direct');
    await made.manage('sub', 'lea', 'direct');
    await made.world.fallback('fin');
    await made.world.react();
    await made.world.submit(REQUEST, 'lea');
    return made;
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'decide':
        return this.decide(one);
      case 'active':
        await this.world.active(one.who, one.is);
        if (one.is) this.naive.inactive.delete(one.who);
        else this.naive.inactive.add(one.who);
        return;
      case 'manage':
        return this.manage(one.of, one.manager, one.kind, one.kind === 'temporary' ? one.days : undefined);
      case 'end':
        return this.end(one.at);
      case 'wait':
        this.world.at = new Date(Date.parse(this.world.at) + one.days * DAY_MS).toISOString();
        // Every process has seen what is in the log before a deadline of it can pass.
        await this.world.react();
        await this.world.tick();
        return this.check();
      case 'react':
        await this.world.react(one.most);
        return one.most === 1_000 ? this.check() : undefined;
      case 'withdraw':
        await this.world.request(REQUEST, { type: 'Withdraw', by: 'lea', at: this.world.at });
    }
  }

  private async decide({ by, how, nominee, stale }: Extract<Step, { do: 'decide' }>): Promise<void> {
    const { at, day, models } = this.world;
    const known = await this.known();
    const seen = stale ? known.revision - 1 : known.revision;
    const naming = how === 'name' ? { nominee, nomineeStanding: standingOf(models, { beneficiary: 'lea', on: day }, nominee) } : {};
    const answer = await this.world.request(
      REQUEST,
      how === 'deny' ? { type: 'Deny', by, reason: 'No', at } : { type: 'Approve', by, at, ...naming },
      seen,
    );
    const code = answer instanceof Rejection ? answer.code : undefined;
    strictEqual(code, this.naive.refusal(known, { by, seen, ...(how === 'name' && { nominee }) }, day));
    if (code === undefined) decisions.counted += 1;
    else decisions.refused.set(code, (decisions.refused.get(code) ?? 0) + 1);
  }

  private async manage(of: string, manager: string, kind: 'direct' | 'temporary' | 'alternate', days?: number): Promise<void> {
    const to = days === undefined ? undefined : this.dayAfter(days);
    const answer = await this.world.manage(of, { manager, kind, from: this.world.day, ...(to && { to }) });
    if (answer instanceof Rejection) return; // Loops and second direct managers are refused: others' suites hold that.
    const { links } = answer.events[0] as unknown as { links: readonly { id: string }[] };
    this.naive.links.push({ id: links[0]!.id, of, manager, kind, from: this.world.day, ...(to && { to }) });
  }

  private async end(at: number): Promise<void> {
    const link = this.naive.links[at % this.naive.links.length]!;
    const answer = await this.world.endLink(link.id, this.world.day);
    if (!(answer instanceof Rejection) && answer.events.length > 0) link.to = this.world.day;
  }

  /** With nothing left to do: each who is asked holds his place today, and nobody is asked only where nobody could be. */
  private async check(): Promise<void> {
    const { status, decided, slate, why } = await this.known();
    if (status !== 'open') return;
    const { day } = this.world;
    const line = this.naive.lineOf(day);
    const holds = ({ person, as, link }: Candidate) => {
      if (person === 'lea' || this.naive.inactive.has(person) || decided.includes(person)) return false;
      // He may hold it by another link than the one by which he was asked.
      return as === 'nominee' || (link === undefined ? person === 'fin' : line.has(person));
    };
    deepStrictEqual(
      why.filter((one) => !holds(one)),
      [],
    );
    if (slate.length === 0) deepStrictEqual(this.naive.approvers(day, decided), []);
  }

  /** Folds the log once more, by hand. */
  private async known(): Promise<Known & { why: readonly Candidate[] }> {
    const known: Known & { why: readonly Candidate[] } = {
      status: 'none',
      slate: [],
      why: [],
      couldDecide: [],
      decided: [],
      nominated: [],
      revision: -1,
    };
    for (const { event: recorded, revision } of await this.world.log.read(`request-${REQUEST}`)) {
      const event = recorded as RequestEvent;
      known.revision = revision;
      if (event.type === 'RequestSubmitted') known.status = 'open';
      if (event.type === 'RequestWithdrawn') known.status = 'withdrawn';
      if (event.type === 'RequestGranted' || event.type === 'RequestDenied') known.status = 'decided';
      if ('by' in event && event.type !== 'RequestWithdrawn') {
        known.decided.push(event.by);
        known.couldDecide = known.slate;
      }
      if (event.type === 'StepApproved') known.nominated.push(event.nominee);
      known.why = 'slate' in event ? event.slate : [];
      known.slate = known.why.map(({ person }) => person);
    }
    return known;
  }

  private dayAfter(days: number): string {
    return new Date(Date.parse(this.world.at) + days * DAY_MS).toISOString().slice(0, 10);
  }
}
