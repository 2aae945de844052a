// One e-mail delivery: look at the log, look up the people, send, and record how it ended.
import { daysOfUtc, PAGE_EVENTS_MAX, streamOf, type DayOf, type EventLog, type Origin, type RunCommand, type Views } from '@app/kernel';
import { managersOf, personOf, type Person } from '@app/organisation';
import { urgencyOf, type Delivery } from './delivery-ledger';
import type { Job, NewJob } from './job-queue';
import { isAddress, MailNotSent, type Mail, type MailChannel } from './mail-channel';
import {
  isDue,
  notice,
  type Channel,
  type NoticeCommand,
  type NoticeEvent,
  type NoticeState,
  type Recipient,
  type Suppression,
} from './notice';
import { askedAt, involvedIn, reasonOf, subjectOf, type Subject } from './notice-subjects';
import { messageOf, type Message, type Wording } from './templates';

/** Each channel has a queue of its own, so that one that is down does not hold up another. */
export const EMAIL = 'email' satisfies Channel;

/** The read models of this process. */
export interface ModelsAtHand extends Views {
  reached(position: number): Promise<void>;
}
export interface DeliverParts {
  readonly log: EventLog;
  readonly models: ModelsAtHand;
  readonly run: RunCommand;
  /** Absent when no mail server is configured. */
  readonly channel: MailChannel | undefined;
  readonly publicUrl: string;
  /** The present instant. */
  readonly clock: () => string;
  /** Where days begin; in UTC without it. */
  readonly dayOf?: DayOf;
}

type Due = Extract<NoticeEvent, { type: 'NoticeDue' }>;
interface Given {
  readonly due: Due;
  readonly event: string;
  readonly position: number;
  readonly correlation: string;
  readonly state: NoticeState;
  /** The event of the last retry, by recipient: each retry ends once. */
  readonly retries: ReadonlyMap<string, string>;
}
type End = Exclude<NoticeCommand, { type: 'GiveNotice' | 'RetryDelivery' }>;

/** The job of a delivery. Its id is made of what it delivers, so that adding it twice adds it once. A heartbeat passes it. */
export function jobOf({ source, recipient, channel, rule }: Pick<Delivery, 'source' | 'recipient' | 'channel' | 'rule'>): NewJob {
  const id = `${source}-${encodeURIComponent(recipient)}-${channel}`;
  return { queue: channel, id, payload: { source, recipient }, priority: 1 + urgencyOf(rule) };
}

/** What the queue calls: a delivery is tried, and given up. */
export class Deliver {
  /** Mails that went out but are not recorded yet: while the log refuses, they must not go out again and again. */
  private readonly unrecorded = new Map<string, string>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly parts: DeliverParts) {}

  /** A queue that forgot a job that runs is given it again: the second run is the first one. */
  attempt(job: Job): Promise<void> {
    const running = this.running.get(job.id) ?? this.deliver(job).finally(() => this.running.delete(job.id));
    this.running.set(job.id, running);
    return running;
  }

  async giveUp(job: Job, error: unknown): Promise<void> {
    const given = await this.noticeOf(partsOfJob(job).source);
    if (!given) return;
    if (this.unrecorded.has(job.id)) return this.recordSent(job, given);
    await this.recordFailed(job, given, error instanceof MailNotSent ? error.code : error instanceof Error ? error.name : 'unknown');
  }

  private async deliver(job: Job): Promise<void> {
    const { source, recipient } = partsOfJob(job);
    const given = await this.noticeOf(source);
    const addressed = given?.due.recipients.find(({ person }) => person === recipient);
    // The log has the last word: somebody else may have ended it, or the job is not one of ours.
    if (!given || !addressed || !isDue(given.state, recipient, 'email')) return;
    await this.parts.models.reached(given.position);
    try {
      if (!this.unrecorded.has(job.id)) {
        const ready = this.prepared(given, addressed, job);
        if (typeof ready === 'string') {
          return await this.record(job, given, { type: 'RecordSuppressed', recipient, channel: 'email', reason: ready });
        }
        this.unrecorded.set(job.id, await ready.channel.send(ready.mail));
      }
    } catch (error) {
      if (!(error instanceof MailNotSent && error.because === 'refused')) throw error;
      return this.recordFailed(job, given, error.code);
    }
    await this.recordSent(job, given);
  }

  private async noticeOf(source: string): Promise<Given | undefined> {
    const stream = streamOf(notice, source);
    let given: Given | undefined;
    let state = notice.initial;
    const retries = new Map<string, string>();
    for (let from = 0; ; from += PAGE_EVENTS_MAX) {
      const page = await this.parts.log.read(stream, { from });
      for (const { event, meta, position } of page) {
        const happened = event as NoticeEvent;
        state = notice.evolve(state, happened);
        if (happened.type === 'DeliveryRetried') retries.set(happened.recipient, meta.id);
        if (happened.type === 'NoticeDue') {
          given = { due: happened, event: meta.id, position, correlation: meta.correlation ?? meta.command, state, retries };
        }
      }
      if (page.length < PAGE_EVENTS_MAX) return given && { ...given, state };
    }
  }

  /** The mail, ready to go, or why it must not. Everything is looked up now, not when the notice was given. */
  private prepared({ due }: Given, addressed: Recipient, { id }: Job): { channel: MailChannel; mail: Mail } | Suppression {
    const { models, channel, publicUrl, clock, dayOf = daysOfUtc } = this.parts;
    const today = dayOf(clock());
    const reader = personOf(models, addressed.person, today);
    const subject = subjectOf(models, due.request);
    if (!reader?.active) return 'inactive';
    if (!subject) return 'lost-relation';
    const unrelated = relationLost(models, { subject, addressed, step: due.facts.step, today });
    if (unrelated) return unrelated;
    if (!channel) return 'no-channel';
    if (reader.email === undefined || !isAddress(reader.email)) return 'no-address';
    return { channel, mail: { id, to: reader.email, ...messageFor(models, { due, addressed, subject, publicUrl }) } };
  }

  private async recordSent(job: Job, given: Given): Promise<void> {
    const { recipient } = partsOfJob(job);
    const providerId = this.unrecorded.get(job.id);
    await this.record(job, given, { type: 'RecordSent', recipient, channel: 'email', attempt: job.attempt, providerId });
    this.unrecorded.delete(job.id);
  }

  private recordFailed(job: Job, given: Given, reason: string): Promise<void> {
    const { recipient } = partsOfJob(job);
    return this.record(job, given, { type: 'RecordFailed', recipient, channel: 'email', attempts: job.attempt, reason });
  }

  private async record(job: Job, { due, event, correlation, retries }: Given, end: End): Promise<void> {
    const round = retries.get(end.recipient);
    const origin: Origin = {
      command: round === undefined ? `${job.id}/end` : `${job.id}/end/${round}`,
      actor: 'deliver',
      at: this.parts.clock(),
      causation: event,
      correlation,
    };
    await this.parts.run(notice, due.source, end, origin);
  }
}

/** What a person is told in words, made of what is known now. */
export function messageFor(
  views: Views,
  {
    due,
    addressed,
    subject,
    publicUrl,
  }: {
    due: Pick<Due, 'source' | 'template' | 'facts'>;
    addressed: Pick<Recipient, 'person' | 'rule'>;
    subject: Subject;
    publicUrl: string;
  },
): Message {
  const { by, nominee } = due.facts;
  const reason = reasonOf(views, due.source);
  const wording: Wording = {
    template: due.template,
    rule: addressed.rule,
    reader: addressed.person === subject.beneficiary ? 'learner' : addressed.person === subject.requester ? 'requester' : 'other',
    learner: nameOf(views, subject.beneficiary),
    kind: subject.kind,
    ...(subject.course !== null && { course: subject.course }),
    ...(by !== undefined && { by: nameOf(views, by) }),
    ...(nominee !== undefined && { nominee: nameOf(views, nominee) }),
    ...(reason !== undefined && { reason }),
    link: `${publicUrl.replace(/\/+$/, '')}/requests/${encodeURIComponent(subject.request)}`,
  };
  return messageOf(wording);
}

/** Nobody is told of a request with which he has nothing to do any more, and nobody is asked what is decided. */
function relationLost(
  views: Views,
  { subject, addressed, step, today }: { subject: Subject; addressed: Recipient; step: number | undefined; today: string },
): Suppression | undefined {
  const { person, rule } = addressed;
  switch (rule) {
    case 'asked':
    case 'nominated':
      if (step !== subject.step || !subject.waits) return 'step-over';
      return askedAt(views, subject).includes(person) ? undefined : 'lost-relation';
    case 'other-manager': {
      const { assignment, request } = subject;
      const managers = managersOf(views, { assignment, responsibilities: ['approval', 'notification'], asOf: today });
      return managers.some((manager) => manager.person === person) || involvedIn(views, request).includes(person)
        ? undefined
        : 'lost-relation';
    }
    case 'released':
    case 'withdrawn':
    case 'step-approved':
    case 'waiting':
    case 'reviewed':
    case 'outcome':
      return undefined;
  }
}

function nameOf(views: Views, id: string): string {
  const person: Person | undefined = personOf(views, id);
  return person?.name ?? id;
}

function partsOfJob({ payload }: Job): { readonly source: string; readonly recipient: string } {
  return { source: payload['source'] ?? '', recipient: payload['recipient'] ?? '' };
}
