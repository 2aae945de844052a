// Figures of the deliveries and their queue.
import { Gauge, type Registry } from '@prometheus-io/client';
import type { Views } from '@app/kernel';
import { countDue, countFailed } from './delivery-ledger';
import type { QueueHealth } from './queue-watch';

const COUNTED_MAX = 100_000;

export interface MeasuredDeliveries {
  readonly models: Views;
  readonly health: () => QueueHealth;
}

/** What every process can tell. */
export function measureDeliveries(registry: Registry, { models, health }: MeasuredDeliveries): void {
  const gauge = gaugesOf(registry);
  gauge(
    'queue_heartbeat_age_seconds',
    'Since a job came through the queue; one is sent each minute, so 180 means that jobs are not run',
    () => health().beatAgeMs / 1000,
  );
  gauge('queue_fault', 'Whether the job queue cannot be used (1): Redis is away, or set up so that it loses jobs', () =>
    Number(health().fault !== undefined),
  );
  gauge(
    'queue_store_fullness',
    'Share of maxmemory that Redis uses; from 0.7 on do something, at 1 jobs are neither taken nor run',
    () => health().fullness,
  );
  gauge('deliveries_failed', 'Deliveries that were given up; see GET /api/v1/deliveries', () => countFailed(models, COUNTED_MAX));
  new Gauge({
    name: 'countersign_deliveries_due',
    help: `Mails to be sent, by urgency; at most ${COUNTED_MAX} are counted`,
    labelNames: ['urgency'] as const,
    registers: [registry],
    collect() {
      const { urgent, usual } = countDue(models, COUNTED_MAX);
      this.set({ urgency: 'urgent' }, urgent);
      this.set({ urgency: 'usual' }, usual);
    },
  });
}

/** What only a process that delivers can tell. */
export function measureMailServer(registry: Registry, down: () => boolean): void {
  gaugesOf(registry)('mail_server_down', 'Whether the mail server is held to be down (1); one mail is tried now and then', () =>
    Number(down()),
  );
}

function gaugesOf(registry: Registry): (name: string, help: string, value: () => number) => void {
  return (name, help, value) =>
    void new Gauge({
      name: `countersign_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
}
