import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { CONFIG, handlerOf, now, Runtime, type Config } from '@app/platform';
import { createInProcessQueue } from './in-process-queue';
import type { JobQueue } from './job-queue';
import type { MailChannel } from './mail-channel';
import { notice } from './notice';
import { NotificationsController, ToNotice } from './notifications.controller';
import { startDeliveries, type Deliveries } from './start-deliveries';

@Module({ controllers: [NotificationsController], providers: [handlerOf(ToNotice, notice)] })
export class NotificationsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private deliveries?: Deliveries;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Runtime) private readonly runtime: Runtime,
    @InjectPinoLogger('deliveries') private readonly logger: PinoLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { PUBLIC_URL, HOST, PORT } = this.config;
    const { log, models, patient: run, signal } = this.runtime;
    const warn: Warn = (message, facts) => this.logger.warn(facts, message);
    const publicUrl = PUBLIC_URL ?? `http://${HOST}:${PORT}`;
    this.deliveries = startDeliveries({
      log,
      models,
      run,
      signal,
      warn,
      clock: now,
      publicUrl,
      queue: await queueOf(this.config, warn),
      channel: await channelOf(this.config, `Countersign <no-reply@${new URL(publicUrl).hostname}>`),
    });
    this.deliveries.done.catch((error: unknown) => this.runtime.fail(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.deliveries?.close();
  }
}

type Warn = (message: string, facts: Readonly<Record<string, unknown>>) => void;

// Loaded only where they are used: together they cost a third of a second at every start.
async function queueOf({ REDIS_URL }: Config, warn: Warn): Promise<JobQueue> {
  if (!REDIS_URL) return createInProcessQueue();
  const { createBullMqQueue } = await import('./bullmq-queue.js');
  return createBullMqQueue({ url: REDIS_URL, warn });
}

async function channelOf({ SMTP_URL }: Config, from: string): Promise<MailChannel | undefined> {
  if (!SMTP_URL) return undefined;
  const { createSmtpChannel } = await import('./smtp-channel.js');
  return createSmtpChannel({ url: SMTP_URL, from });
}
