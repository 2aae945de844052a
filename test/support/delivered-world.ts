// Deliveries that run: the small organisation, a mail server that can fail, and what became of every mail.
import { createInProcessQueue } from '@app/notifications/in-process-queue';
import type { JobQueue } from '@app/notifications/job-queue';
import type { MailChannel } from '@app/notifications/mail-channel';
import { ledgerOf } from '@app/notifications/delivery-ledger';
import { createSmtpChannel } from '@app/notifications/smtp-channel';
import { startDeliveries, type Deliveries } from '@app/notifications/start-deliveries';
import { openWorld, type World } from './notified-world';
import { startSmtp, type SmtpServer } from './smtp';
import { until } from './until';

interface Asked {
  readonly queue?: JobQueue;
  /** `null` for a site without a mail server. */
  readonly channel?: MailChannel | null;
  readonly jobsMax?: number;
  /** Whether it comes along with the log; else it is far behind. */
  readonly follows?: boolean;
  readonly retry?: { readonly attemptsMax: number; readonly backoffMs: number };
}
const RETRY = { attemptsMax: 3, backoffMs: 20 };

/** For one spec file: every test has an organisation of its own, and deliveries once it asks for them. */
export class DeliveredWorld {
  smtp!: SmtpServer;
  world!: World;
  deliveries!: Deliveries;
  readonly warnings: string[] = [];

  constructor() {
    beforeAll(async () => {
      this.smtp = await startSmtp();
    });
    afterAll(() => this.smtp.stop());
    beforeEach(async () => {
      this.smtp.heal();
      this.smtp.mails.length = this.warnings.length = 0;
      this.smtp.tries.clear();
      this.world = await openWorld();
    });
    afterEach(async () => {
      await this.deliveries.close();
      await this.world.close();
    });
  }

  /** As patient as the product, unless it is told otherwise. */
  readonly smtpChannel = ({ url } = this.smtp, timeoutMs?: number) =>
    createSmtpChannel({ url, from: 'Countersign <no-reply@hospital.example>', timeoutMs });

  readonly deliver = ({
    queue = createInProcessQueue(),
    channel = this.smtpChannel(),
    jobsMax,
    follows = true,
    retry = RETRY,
  }: Asked = {}): void => {
    this.deliveries = startDeliveries({
      ...this.world,
      log: follows ? this.world.log : Object.create(this.world.log, { subscribe: { value: nothing } }),
      queue,
      channel: channel ?? undefined,
      publicUrl: 'https://learn.example/',
      clock: () => '2026-11-21T11:00:00.000Z',
      warn: (message) => void this.warnings.push(message),
      signal: new AbortController().signal,
      reconcileEveryMs: 100,
      againMs: 50,
      ...(jobsMax !== undefined && { jobsMax }),
      retry,
    });
  };

  /** How every e-mail of the request ended, once each has an end. */
  readonly ends = (request: string) =>
    until(async () => {
      await this.world.settled();
      const mails = ledgerOf(this.world.models, request).filter(({ channel }) => channel === 'email');
      return (
        mails.length > 0 &&
        mails.every(({ status }) => status !== 'due') &&
        mails.map(({ recipient, status, attempts, reason }) => `${recipient} ${status} ${attempts} ${reason}`)
      );
    }, 25_000);

  readonly receivers = () => this.smtp.mails.flatMap(({ envelopeTo }) => envelopeTo).sort();

  readonly askMel = async (request: string): Promise<void> => {
    await this.world.submit(request);
    await this.world.ask(request, { step: 1, slate: ['mel'] });
  };
}

/** A log that never gets there. */
async function* nothing(): AsyncGenerator<never> {}
