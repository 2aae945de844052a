// What every library's module stands on: the running core, the command door, problem+json, health, logs.
import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import type { Library } from '@app/kernel';
import type { Upcasters } from '@app/event-log';
import type { Config } from './config';
import { Cursors } from './cursor';
import { HealthController } from './health.controller';
import { loggingOf } from './logging';
import { Metrics } from './metrics';
import { ProblemFilter } from './problem.filter';
import { Runtime, type ClusterMember } from './runtime';
import { secretsOf, type Secrets } from './secrets';

export const CONFIG = 'config';
export const SECRETS = 'secrets';

export interface PlatformParts {
  readonly config: Config;
  readonly libraries: readonly Library[];
  readonly upcasters?: Upcasters;
  /** Whether this process is a worker of a cluster. */
  readonly worker?: boolean;
  /** Called when the log or the disk fails; the process has to end. */
  readonly fatal: (error: unknown) => void;
}

@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(@Inject(Runtime) private readonly runtime: Runtime) {}

  static with({ config, libraries, upcasters, worker = false, fatal }: PlatformParts): DynamicModule {
    const runtime = {
      provide: Runtime,
      // Its own logger: what the start has to say comes before Nest has been given one.
      inject: [PinoLogger],
      useFactory: async (logger: PinoLogger) => {
        const warn = (message: string, facts: object) => logger.warn({ ...facts, context: 'runtime' }, message);
        const { DATA_DIR: folder, TIME_ZONE: zone } = config;
        const started = new Runtime({ folder, cluster: memberOf(config, worker), libraries, upcasters, zone, warn, fatal });
        await started.start();
        return started;
      },
    };
    const secrets = { provide: SECRETS, useFactory: () => secretsOf(config) };
    const cursors = { provide: Cursors, useFactory: ({ cursor }: Secrets) => new Cursors(cursor), inject: [SECRETS] };
    const settings = { provide: CONFIG, useValue: config };
    const shared = [runtime, secrets, cursors, settings, Metrics];
    return {
      module: PlatformModule,
      imports: [CqrsModule.forRoot(), DiscoveryModule, LoggerModule.forRoot(loggingOf(config))],
      controllers: [HealthController],
      providers: [...shared, { provide: APP_FILTER, useClass: ProblemFilter }],
      exports: [...shared, CqrsModule],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.runtime.stop();
  }
}

function memberOf({ EVENT_STORE_URL: eventStore, REDIS_URL: redis }: Config, worker: boolean): ClusterMember | undefined {
  return eventStore !== undefined && redis !== undefined ? { eventStore, redis, worker } : undefined;
}
