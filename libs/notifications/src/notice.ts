// Who is told of one event, by which rule and channel, and how each delivery ended. Ids only: texts are made when sent.
import { reject, type Decider } from '@app/kernel';

export type Channel = 'in-app' | 'email';
/** What happened; with the rule it chooses the text. */
export type Template =
  | 'asked'
  | 'step-approved'
  | 'granted'
  | 'denied'
  | 'withdrawn'
  | 'cancelled'
  | 'job-ended'
  | 'moved'
  | 'slate-changed'
  | 'nobody-to-ask'
  | 'ratified'
  | 'voided';
/** Why a person is told, the strongest first: who is told by two rules is told once, by the stronger. */
export const RULES = [
  'asked',
  'nominated',
  'released',
  'withdrawn',
  'step-approved',
  'waiting',
  'reviewed',
  'outcome',
  'other-manager',
] as const;
export type Rule = (typeof RULES)[number];

export interface Recipient {
  readonly person: string;
  readonly rule: Rule;
  readonly channels: readonly Channel[];
}
/** Ids and codes that the texts need beside the request itself. */
export interface NoticeFacts {
  readonly step?: number;
  /** Who decided, named or withdrew. */
  readonly by?: string;
  /** Who was named as further approver. */
  readonly nominee?: string;
  readonly because?: string;
}
/** Why a delivery was not tried. */
export type Suppression = 'no-address' | 'no-channel' | 'inactive' | 'lost-relation' | 'step-over';

export type NoticeCommand =
  | {
      type: 'GiveNotice';
      source: string;
      request: string;
      template: Template;
      recipients: readonly Recipient[];
      facts: NoticeFacts;
    }
  | { type: 'RecordSent'; recipient: string; channel: Channel; attempt: number; providerId?: string }
  | { type: 'RecordFailed'; recipient: string; channel: Channel; attempts: number; reason: string }
  | { type: 'RecordSuppressed'; recipient: string; channel: Channel; reason: Suppression }
  | { type: 'RetryDelivery'; recipient: string; channel: Channel };

export type NoticeEvent =
  | {
      type: 'NoticeDue';
      source: string;
      request: string;
      template: Template;
      recipients: readonly Recipient[];
      facts: NoticeFacts;
    }
  | { type: 'DeliverySent'; recipient: string; channel: Channel; attempt: number; providerId?: string }
  | { type: 'DeliveryFailed'; recipient: string; channel: Channel; attempts: number; reason: string }
  | { type: 'DeliverySuppressed'; recipient: string; channel: Channel; reason: Suppression }
  | { type: 'DeliveryRetried'; recipient: string; channel: Channel };

/** Deliveries that have no end yet, and those that ended undelivered; `undefined` before the notice is given. */
export type NoticeState = { readonly due: readonly string[]; readonly undelivered: readonly string[] } | undefined;

/** One stream per event of which people are told: `notice-<id of the event>`. */
export const notice: Decider<NoticeState, NoticeCommand, NoticeEvent> = {
  name: 'notice',
  initial: undefined,
  begins: ['GiveNotice'],
  isOver: (state) => state?.due.length === 0,
  events: {
    NoticeDue: { source: 'text', request: 'text', template: 'text', recipients: 'list', facts: 'record' },
    DeliverySent: { recipient: 'text', channel: 'text', attempt: 'number', providerId: 'text?' },
    DeliveryFailed: { recipient: 'text', channel: 'text', attempts: 'number', reason: 'text' },
    DeliverySuppressed: { recipient: 'text', channel: 'text', reason: 'text' },
    DeliveryRetried: { recipient: 'text', channel: 'text' },
  },
  decide(command, state) {
    if (command.type === 'GiveNotice') return state || command.recipients.length === 0 ? [] : give(command);
    if (!state) return reject('not-found', 'unknown-notice');
    const { recipient, channel } = command;
    if (command.type === 'RetryDelivery') return retry(command, state);
    // A worker that died after sending comes again; the first end stands.
    if (!isDue(state, recipient, channel)) return [];
    switch (command.type) {
      case 'RecordSent': {
        const { attempt, providerId } = command;
        return [{ type: 'DeliverySent', recipient, channel, attempt, ...(providerId !== undefined && { providerId }) }];
      }
      case 'RecordFailed':
        return [{ type: 'DeliveryFailed', recipient, channel, attempts: command.attempts, reason: command.reason }];
      case 'RecordSuppressed':
        return [{ type: 'DeliverySuppressed', recipient, channel, reason: command.reason }];
    }
  },
  evolve(state, event) {
    if (event.type === 'NoticeDue') {
      const due = event.recipients.flatMap(({ person, channels }) => channels.map((channel) => keyOf(person, channel)));
      return { due, undelivered: [] };
    }
    const key = keyOf(event.recipient, event.channel);
    const [due, undelivered] = [without(key, state?.due), without(key, state?.undelivered)];
    switch (event.type) {
      case 'DeliverySent':
        return { due, undelivered };
      case 'DeliveryFailed':
      case 'DeliverySuppressed':
        return { due, undelivered: [...undelivered, key] };
      case 'DeliveryRetried':
        return { due: [...due, key], undelivered };
    }
  },
};

/** Whether the delivery was ordered and has no end yet. */
export function isDue(state: NoticeState, recipient: string, channel: Channel): boolean {
  return state?.due.includes(keyOf(recipient, channel)) ?? false;
}

/** What the list in the product shows is delivered by being recorded, so its end is recorded with its beginning. */
function give({ source, request, template, recipients, facts }: Extract<NoticeCommand, { type: 'GiveNotice' }>): readonly NoticeEvent[] {
  const inApp = recipients.filter(({ channels }) => channels.includes('in-app'));
  return [
    { type: 'NoticeDue', source, request, template, recipients, facts },
    ...inApp.map(({ person }) => ({ type: 'DeliverySent', recipient: person, channel: 'in-app', attempt: 1 }) as const),
  ];
}

/** Somebody mended the cause: what ended undelivered is due once more. What is due already needs nothing. */
function retry({ recipient, channel }: Extract<NoticeCommand, { type: 'RetryDelivery' }>, state: NonNullable<NoticeState>) {
  if (isDue(state, recipient, channel)) return [];
  if (!state.undelivered.includes(keyOf(recipient, channel))) return reject('conflict', 'nothing-to-retry');
  return [{ type: 'DeliveryRetried', recipient, channel } as const];
}

function without(key: string, keys: readonly string[] = []): readonly string[] {
  return keys.filter((one) => one !== key);
}

function keyOf(recipient: string, channel: Channel): string {
  return `${channel} ${recipient}`;
}
