// Who was told what over the whole demo: every delivery about every request, by rule and by how it ended.
import type { Api } from '../api';
import { count, table } from '../table';
import { several } from './pool';
import type { Scene } from './stage';

export interface DeliveryCounts {
  /** Told in the product, by rule. */
  readonly inApp: Readonly<Record<string, number>>;
  /** E-mails, by how they ended. */
  readonly email: Readonly<Record<string, number>>;
}
interface Delivery {
  readonly channel: string;
  readonly rule: string;
  readonly status: string;
  readonly reason: string | null;
}

const SETTLE_TIMEOUT_MS = 20_000;
const LOOK_AGAIN_MS = 100;
const AT_ONCE = 8;

const REASONS: Readonly<Record<string, string>> = {
  'no-channel': 'no mail server is set',
  'step-over': 'already decided when the mail would have gone',
  'lost-relation': 'no longer concerned',
  inactive: 'account ended',
  'no-address': 'no address known',
};

/** Waits until nothing is due any more, a bounded time, and counts. */
export async function settled(api: Api, scenes: readonly Scene[]): Promise<DeliveryCounts> {
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  let before = -1;
  for (;;) {
    const deliveries = await allOf(api, scenes);
    const due = deliveries.some(({ status }) => status === 'due');
    // Twice the same and nothing due: those who tell people have come to the end of the log.
    if ((!due && deliveries.length === before) || performance.now() > end) return counted(deliveries);
    before = deliveries.length;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

export function deliveriesReport({ inApp, email }: DeliveryCounts): readonly string[] {
  const total = Object.values(inApp).reduce((sum, told) => sum + told, 0);
  return [
    `  Told in the product: ${count(total)} times, by rule`,
    ...table(Object.entries(inApp), '    '),
    '  E-mails',
    ...table(Object.entries(email), '    '),
  ];
}

async function allOf(api: Api, scenes: readonly Scene[]): Promise<readonly Delivery[]> {
  const each = await several(scenes, AT_ONCE, ({ id }) => api.get<{ items: Delivery[] }>(`requests/${id}/deliveries`));
  return each.flatMap(({ items }) => items);
}

function counted(deliveries: readonly Delivery[]): DeliveryCounts {
  const inApp: Record<string, number> = {};
  const email: Record<string, number> = { sent: 0 };
  for (const { channel, rule, status, reason } of deliveries) {
    if (channel === 'in-app') inApp[rule] = (inApp[rule] ?? 0) + 1;
    else {
      const ending = status === 'suppressed' ? `not sent: ${REASONS[reason ?? ''] ?? reason}` : status;
      email[ending] = (email[ending] ?? 0) + 1;
    }
  }
  return { inApp, email };
}
