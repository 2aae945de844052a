// The cluster tier's second process: a share of the sagas, the timers and the deliveries. Where PORT is set it tells its health there.
import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { addressOf, configFrom, ConfigError, endOfFailedStart, endOfSlowStop, LOG_FAILED, Runtime, watchEventLoop } from '@app/platform';
import { Metrics } from '@app/platform/metrics';
import { serveHealth } from './health-server';
import { WorkerModule } from './worker.module';

async function main(): Promise<void> {
  const config = configFrom(process.env);
  if (config.EVENT_STORE_URL === undefined) {
    throw new ConfigError('EVENT_STORE_URL: is needed by a worker; without a cluster the server does its work itself');
  }
  let stop = (code: number): void => process.exit(code);
  const module = WorkerModule.with(config, (error) => {
    console.error(`countersign: the log or the disk failed: ${String(error)}`);
    stop(LOG_FAILED);
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  app.useLogger(app.get(Logger));
  const health = process.env['PORT'] ? await serveHealth(partsOf(app), { host: config.HOST, port: config.PORT }) : undefined;
  let stopping = false;
  stop = (code) => {
    if (stopping) return;
    stopping = true;
    endOfSlowStop(code);
    // Others go on with the sagas while the mails on their way are waited for.
    health?.server.close().closeAllConnections();
    Promise.all([app.get(Runtime).leave(), app.close()]).then(
      () => process.exit(code),
      (error: unknown) => {
        console.error(`countersign: the stop failed: ${String(error)}`);
        process.exit(code || 1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
  watchEventLoop();
  console.log(health ? `Countersign works, and tells its health on ${addressOf(config.HOST, health.port)}` : 'Countersign works');
}

function partsOf(app: INestApplicationContext) {
  return { runtime: app.get(Runtime), metrics: app.get(Metrics) };
}

main().catch(endOfFailedStart);
