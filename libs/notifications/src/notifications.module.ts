import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { addressOf, CONFIG, ConfigError, handlerOf, now, Runtime, type Config } from '@app/platform';
import { Metrics } from '@app/platform/metrics';
import type { GuardedChannel } from './circuit';
import { DeliveriesController } from './deliveries.controller';
import { measureDeliveries, measureMailServer } from './delivery-metrics';
import { createInProcessQueue } from './in-process-queue';
import { QueueUnavailable, type JobQueue, type Rate } from './job-queue';
import { mailRateOf } from './mail-rate';
import { notice } from './notice';
import { JOB_QUEUE, NotificationsController, ToNotice } from './notifications.controller';
import { QueueWatch } from './queue-watch';
import { startDeliveries, type Deliveries } from './start-deliveries';

const CLOSE_MS_MAX = 2_000;

type Warn = (message: string, facts: Readonly<Record<string, unknown>>) => void;

const queue = {
  provide: JOB_QUEUE,
  useFactory: (config: Config, logger: PinoLogger) => queueOf(config, (message, facts) => logger.warn(facts, message)),
  inject: [CONFIG, PinoLogger],
};

@Module({ controllers: [NotificationsController, DeliveriesController], providers: [handlerOf(ToNotice, notice), queue] })
export class NotificationsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private deliveries?: Deliveries;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Runtime) private readonly runtime: Runtime,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @InjectPinoLogger('deliveries') private readonly logger: PinoLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.check().catch(unlessUnavailable);
    const { log, models, patient: run, signal, dayOf } = this.runtime;
    const warn: Warn = (message, facts) => this.logger.warn(facts, message);
    const watch = new QueueWatch({ queue: this.queue, warn });
    watch.run(signal).catch((error: unknown) => this.runtime.fail(error));
    measureDeliveries(this.metrics.registry, { models, health: () => watch.health });
    if (!this.runtime.delivers) return;
    const { PUBLIC_URL, HOST, PORT } = this.config;
    const publicUrl = PUBLIC_URL ?? addressOf(HOST, PORT);
    const { channel, rate } = await mailOf(this.config, `Countersign <no-reply@${new URL(publicUrl).hostname}>`);
    const deliveries = startDeliveries({
      log,
      models,
      run,
      signal,
      warn,
      clock: now,
      dayOf,
      publicUrl,
      queue: this.queue,
      channel,
      rate,
    });
    this.deliveries = deliveries;
    measureMailServer(this.metrics.registry, () => channel?.down ?? false);
    deliveries.done.catch((error: unknown) => this.runtime.fail(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.deliveries) await this.deliveries.close();
    else await this.queue.close(CLOSE_MS_MAX);
  }
}

/** A Redis that is away does not keep the product from starting; one that loses jobs does. */
function unlessUnavailable(error: unknown): void {
  if (!(error instanceof QueueUnavailable)) throw error;
}

// Loaded only where they are used: together they cost a third of a second at every start.
async function queueOf({ REDIS_URL }: Config, warn: Warn): Promise<JobQueue> {
  if (!REDIS_URL) return createInProcessQueue();
  const { createBullMqQueue } = await import('./bullmq-queue.js');
  return createBullMqQueue({ url: REDIS_URL, warn });
}

async function mailOf({ SMTP_URL }: Config, from: string): Promise<{ channel?: GuardedChannel; rate?: Rate }> {
  if (!SMTP_URL) return {};
  const rate = mailRateOf(SMTP_URL);
  if (!rate) throw new ConfigError('SMTP_URL: mails-per-minute is not a number above 0');
  const [{ createSmtpChannel }, { guarded }] = await Promise.all([import('./smtp-channel.js'), import('./circuit.js')]);
  return { rate, channel: guarded(createSmtpChannel({ url: SMTP_URL, from }), () => performance.now()) };
}
