import { Inject, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { CONFIG, handlerOf, now, Runtime, type Config } from '@app/platform';
import { createBullMqQueue } from './bullmq-queue';
import { createInProcessQueue } from './in-process-queue';
import { notice } from './notice';
import { NotificationsController, ToNotice } from './notifications.controller';
import { createSmtpChannel } from './smtp-channel';
import { startDeliveries, type Deliveries } from './start-deliveries';

@Module({ controllers: [NotificationsController], providers: [handlerOf(ToNotice, notice)] })
export class NotificationsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private deliveries?: Deliveries;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Runtime) private readonly runtime: Runtime,
    @InjectPinoLogger('deliveries') private readonly logger: PinoLogger,
  ) {}

  onApplicationBootstrap(): void {
    const { REDIS_URL, SMTP_URL, PUBLIC_URL, HOST, PORT } = this.config;
    const { log, models, run, signal } = this.runtime;
    const warn = (message: string, facts: Readonly<Record<string, unknown>>) => this.logger.warn(facts, message);
    const publicUrl = PUBLIC_URL ?? `http://${HOST}:${PORT}`;
    const from = `Countersign <no-reply@${new URL(publicUrl).hostname}>`;
    this.deliveries = startDeliveries({
      log,
      models,
      run,
      signal,
      warn,
      clock: now,
      publicUrl,
      queue: REDIS_URL ? createBullMqQueue({ url: REDIS_URL, warn }) : createInProcessQueue(),
      channel: SMTP_URL ? createSmtpChannel({ url: SMTP_URL, from }) : undefined,
    });
    this.deliveries.done.catch((error: unknown) => this.runtime.fail(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.deliveries?.close();
  }
}
