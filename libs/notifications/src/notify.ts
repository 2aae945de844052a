// Who is told what happened to a request, and by which rule (T1, T2).
import { partsOf, type Happened, type Saga, type Send, type Views } from '@app/kernel';
import type { RequestEvent } from '@app/approvals';
import { managersOf } from '@app/organisation';
import { notice, RULES, type Channel, type NoticeCommand, type NoticeFacts, type Recipient, type Rule, type Template } from './notice';
import { askedAt, decidersOf, subjectOf, type Subject } from './notice-subjects';

/** The people whom each rule names, before anybody is left out. */
type Told = Partial<Record<Rule, readonly string[]>>;
interface Telling {
  readonly template: Template;
  readonly facts: NoticeFacts;
  readonly told: Told;
  /** Who knows already: the one who acted, and who is asked by the event that follows. */
  readonly except?: readonly string[];
}
type Ended = Extract<RequestEvent, { type: 'RequestGranted' | 'RequestDenied' }>;

export const notify: Saga<RequestEvent> = {
  name: 'notify',
  on: {
    ApproverAsked: ({ step, slate, nominatedBy }, happened) =>
      tell(happened, {
        template: 'asked',
        facts: { step, ...(nominatedBy !== undefined && { by: nominatedBy }) },
        told: { [nominatedBy === undefined ? 'asked' : 'nominated']: slate.map(({ person }) => person) },
      }),
    StepApproved: ({ step, by, nominee }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'step-approved',
        facts: { step, by, nominee },
        told: { 'step-approved': learnersOf(subject), 'other-manager': othersConcerned(views, subject, { step, on: happened.on }) },
        except: [by, nominee],
      })),
    RequestGranted: (event, happened, views) => tellEnd('granted', event, happened, views),
    RequestDenied: (event, happened, views) => tellEnd('denied', event, happened, views),
    RequestWithdrawn: ({ by }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'withdrawn',
        facts: { step: subject.step, by },
        told: { withdrawn: askedAt(views, subject) },
        except: [by],
      })),
    // Nobody of them ended it, so all of them hear of it.
    RequestCancelled: ({ because }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'cancelled',
        facts: { step: subject.step, because },
        told: { withdrawn: askedAt(views, subject), outcome: [...learnersOf(subject), ...decidersOf(views, subject.request)] },
      })),
    AskingJobEnded: (_event, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'job-ended',
        facts: { step: subject.step },
        told: { waiting: learnersOf(subject) },
      })),
    RequestMoved: ({ by }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'moved',
        facts: { step: subject.step, by },
        told: { outcome: [...learnersOf(subject), ...decidersOf(views, subject.request)] },
        except: [by],
      })),
    SlateChanged: ({ step, added, removed, because }, happened) =>
      tell(happened, { template: 'slate-changed', facts: { step, because }, told: { asked: added, released: removed } }),
    DecisionRatified: ({ step, decider, by }, happened) =>
      tell(happened, { template: 'ratified', facts: { step, by }, told: { reviewed: [decider] }, except: [by] }),
    DecisionVoided: ({ step, deciders, by }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'voided',
        facts: { step, by },
        told: { released: askedAt(views, subject), reviewed: deciders, outcome: learnersOf(subject) },
        except: [by],
      })),
    NobodyToAsk: ({ step, because }, happened, views) =>
      withSubject(happened, views, (subject) => ({
        template: 'nobody-to-ask',
        facts: { step, because },
        told: { waiting: learnersOf(subject) },
      })),
  },
};

/** The same for a site that has only some of the channels: nothing is due through the others. */
export function notifyThrough(channels: readonly Channel[]): typeof notify {
  const handlers = Object.entries(notify.on) as [string, (...happening: unknown[]) => readonly Send[]][];
  const on = handlers.map(([type, handler]) => [type, (...happening: unknown[]) => handler(...happening).map(narrowed)]);
  return { ...notify, on: Object.fromEntries(on) };

  function narrowed(send: Send): Send {
    const { recipients, ...command } = send.command as Extract<NoticeCommand, { type: 'GiveNotice' }>;
    return { ...send, command: { ...command, recipients: recipients.map((one) => ({ ...one, channels })) } as NoticeCommand };
  }
}

function tellEnd(template: 'granted' | 'denied', { step, by }: Ended, happened: Happened, views: Views): readonly Send[] {
  return withSubject(happened, views, (subject) => ({
    template,
    facts: { step, by },
    told: {
      outcome: [...learnersOf(subject), ...decidersOf(views, subject.request)],
      'other-manager': othersConcerned(views, subject, { step, on: happened.on }),
    },
    except: [by],
  }));
}

/** The managers of the asking assignment who approve or want to know, and those who could have decided as well (T2). */
function othersConcerned(views: Views, { request, assignment }: Subject, { step, on }: { step: number; on: string }): readonly string[] {
  const managers = managersOf(views, { assignment, responsibilities: ['approval', 'notification'], asOf: on });
  return [...managers.map(({ person }) => person), ...askedAt(views, { request, step })];
}

function withSubject(happened: Happened, views: Views, telling: (subject: Subject) => Telling): readonly Send[] {
  const subject = subjectOf(views, partsOf(happened.stream).id);
  return subject ? tell(happened, telling(subject)) : [];
}

function tell({ stream, meta }: Happened, { template, facts, told, except = [] }: Telling): readonly Send[] {
  const recipients = recipientsOf(told, except);
  if (recipients.length === 0) return [];
  const request = partsOf(stream).id;
  const command = { type: 'GiveNotice', source: meta.id, request, template, recipients, facts } satisfies NoticeCommand;
  return [{ decider: notice, id: meta.id, command }];
}

/** One notice per person and event: the strongest rule that names the person. */
function recipientsOf(told: Told, except: readonly string[]): readonly Recipient[] {
  const named = new Set(except);
  const recipients: Recipient[] = [];
  for (const rule of RULES) {
    for (const person of told[rule] ?? []) {
      if (named.has(person)) continue;
      named.add(person);
      recipients.push({ person, rule, channels: ['in-app', 'email'] });
    }
  }
  return recipients;
}

function learnersOf({ beneficiary, requester }: Subject): readonly string[] {
  return [beneficiary, requester];
}
