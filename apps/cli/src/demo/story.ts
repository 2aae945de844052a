// One request as a story, told from what the product recorded: the chain, the history, who was told and by which rule.
import type { Aside, Candidate, Scene, Stage } from './stage';

interface Entry {
  readonly event: string;
  readonly revision: number;
  readonly recordedAt: string;
  readonly facts: Facts;
}
type Facts = Readonly<Record<string, any>>;
interface Delivery {
  readonly recipient: string;
  readonly channel: string;
  readonly rule: string;
  readonly status: string;
}

const RULES: Readonly<Record<string, string>> = {
  asked: 'asked to decide',
  nominated: 'named as further approver',
  released: 'is no longer asked',
  withdrawn: 'need not decide any more',
  'step-approved': 'how it goes on',
  waiting: 'nobody can be asked yet',
  reviewed: 'what became of the own decision',
  outcome: 'how it ended',
  'other-manager': 'what another one decided',
};
const PLACE = ' '.repeat(16);
const WIDTH = 118;

/** The lines of a story. */
export async function tell(stage: Stage, scene: Scene): Promise<readonly string[]> {
  const { operator } = stage;
  const request = await operator.get(`requests/${scene.id}`);
  const { items } = await operator.get<{ items: Entry[] }>(`requests/${scene.id}/history`);
  const { items: deliveries } = await operator.get<{ items: Delivery[] }>(`requests/${scene.id}/deliveries`);
  return [
    ...opening(stage, request),
    '',
    ...items.flatMap((entry) => happened(stage, request, entry, scene.asides)),
    '',
    ...told(stage, deliveries, request),
  ];
}

function opening(stage: Stage, { id, beneficiary, assignment, course, costMinor, currency }: any): readonly string[] {
  const { name } = stage.world.person(beneficiary);
  const job = stage.world.job(assignment);
  const cost = costMinor === undefined ? '' : `, ${currency} ${(costMinor / 100).toLocaleString('en-GB', { minimumFractionDigits: 2 })}`;
  return [
    `  learner       ${name} (${beneficiary}), ${stage.world.describe(job)}, job ${assignment} since ${job.from}`,
    `  asks for      ${course}${cost}`,
    `  request       ${id}`,
  ];
}

/** One event, and what happened after it that left none. */
function happened(stage: Stage, request: any, { event, revision, recordedAt, facts }: Entry, asides: readonly Aside[]): readonly string[] {
  const after = asides.filter((aside) => aside.after === revision);
  return [
    ...wrapped(`  ${recordedAt.slice(11, 23)}  ${sentence(stage, request, event, facts)}`),
    ...after.flatMap(({ text }) => wrapped(`${PLACE}(${text})`)),
  ];
}

function sentence(stage: Stage, { beneficiary, assignment }: any, event: string, facts: Facts): string {
  const name = (id: string) => stage.world.person(id).name;
  const reason = facts['reason'] ? ` “${facts['reason']}”` : '';
  switch (event) {
    case 'RequestSubmitted':
      return `${name(beneficiary)} asks in the name of job ${assignment}.`;
    case 'ApproverAsked':
      return `Step ${facts['step']} asks ${slate(stage, assignment, facts['slate'])}.`;
    case 'StepApproved':
      return `${name(facts['by'])} approves and names ${name(facts['nominee'])} as further approver.${reason}`;
    case 'RequestGranted':
      return `${name(facts['by'])} approves: GRANTED.${reason}`;
    case 'RequestDenied':
      return `${name(facts['by'])} denies: DENIED.${reason}`;
    case 'RequestWithdrawn':
      return `${name(facts['by'])} takes the request back: WITHDRAWN.`;
    case 'SlateChanged':
      return `${changed(stage, facts)} Step ${facts['step']} asks ${slate(stage, assignment, facts['slate'])}.`;
    default:
      return `${event}`;
  }
}

function changed(stage: Stage, { removed, because }: Facts): string {
  const names = removed.map((id: string) => stage.world.person(id).name).join(', ');
  if (because === 'approver-left') return `${names} leaves; the slot is filled again.`;
  return names ? `The managers of this job change; ${names} is no longer asked.` : 'The managers of this job change.';
}

function slate(stage: Stage, assignment: string, candidates: readonly Candidate[]): string {
  if (candidates.length === 0) return 'nobody';
  const each = candidates.map((one) => `${stage.world.introduce(one.person)}, ${why(stage, assignment, one)}`);
  return each.length === 1 ? each[0]! : `${each.join('; or ')}; whoever of them decides first`;
}

function why(stage: Stage, assignment: string, { as, via, link }: Candidate): string {
  const by = via === undefined ? '' : stage.world.person(via).name;
  const until = stage.world.job(assignment).managers.find((manager) => manager.link === link)?.to;
  switch (as) {
    case 'direct':
      return 'the direct manager of this job';
    case 'temporary':
      return `who stands in for the direct manager${until ? ` until ${until}` : ''}`;
    case 'alternate':
      return 'an alternate manager of this job';
    case 'next-level':
      return `one level above ${by}`;
    case 'fallback':
      return 'the fallback approver';
    default:
      return `named by ${by}`;
  }
}

/** Who was told, and by which rules, in the order in which each was first told. */
function told(stage: Stage, deliveries: readonly Delivery[], { beneficiary, chain }: any): readonly string[] {
  const asked = chain.flatMap((step: { slate: Candidate[] }) => step.slate.map(({ person }) => person));
  const known: readonly string[] = [beneficiary, ...asked];
  const notices = deliveries.filter(({ channel }) => channel === 'in-app');
  return [...Map.groupBy(notices, ({ recipient }) => recipient)].flatMap(([recipient, all], at) => {
    const rules = [...Map.groupBy(all, ({ rule }) => rule)].map(([rule, same]) => {
      const times = same.length > 1 ? `, ${same.length} times` : '';
      return `${RULES[rule] ?? rule} (rule ${rule}${times})`;
    });
    const mails = deliveries.filter((one) => one.channel === 'email' && one.status === 'sent' && one.recipient === recipient).length;
    const mailed = mails > 0 ? `; ${mails} by e-mail too` : '';
    return wrapped(
      `  ${at === 0 ? 'told' : '    '}          ${known.includes(recipient) ? stage.world.person(recipient).name : stage.world.introduce(recipient)}: ${rules.join(', ')}${mailed}`,
    );
  });
}

/** Lines of a readable width; those after the first stand under its text. */
function wrapped(text: string): readonly string[] {
  if (text.length <= WIDTH) return [text];
  const space = text.lastIndexOf(' ', WIDTH);
  const at = space > PLACE.length ? space : WIDTH;
  return [text.slice(0, at), ...wrapped(`${PLACE}${text.slice(at).trimStart()}`)];
}
