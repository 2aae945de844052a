// The embedded tier: one process. Ctrl-C and SIGTERM drain it.
import './compile-cache';
import { rmSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { addressOf, configFrom, endOfFailedStart, endOfSlowStop, LOG_FAILED, watchEventLoop } from '@app/platform';
import { createApp } from './app';
import { lettingGoOf } from './half-sent';

const LOOPBACK = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);
const DRAIN_STEP_MS = 50;
/** Whoever is sending when the stop begins has this long to come to an end. */
const REST_MS_MAX = 1_000;

async function main(): Promise<void> {
  const config = configFrom(process.env);
  const place = join(config.DATA_DIR, 'server.json');
  let stop = (code: number): void => process.exit(code);
  const app = await createApp(config, (error) => {
    console.error(`countersign: the log or the disk failed: ${String(error)}`);
    stop(LOG_FAILED);
  });
  const letGo = lettingGoOf(app.getHttpServer());
  let stopping = false;
  stop = (code) => {
    if (stopping) return;
    stopping = true;
    endOfSlowStop(code);
    rmSync(place, { force: true });
    // A connection that was busy when the closing began falls idle later, and would be waited for.
    setInterval(() => app.getHttpServer().closeIdleConnections(), DRAIN_STEP_MS).unref();
    setTimeout(() => setInterval(letGo, DRAIN_STEP_MS).unref(), REST_MS_MAX).unref();
    app.close().then(
      () => process.exit(code),
      (error: unknown) => {
        console.error(`countersign: the stop failed: ${String(error)}`);
        process.exit(code || 1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
  await app.listen(config.PORT, config.HOST);
  watchEventLoop();
  announce(place, reachable(app.getHttpServer().address() as AddressInfo));
  // Now and not at the end: a process that is killed would leave nothing for the next start.
  flushCompileCache();
}

/** Whoever listens on every address of the machine is reached on its loopback. */
function reachable({ address, port }: AddressInfo): string {
  return addressOf(LOOPBACK.get(address) ?? address, port);
}

/** Says where the server is: to people, and to the command line through a file in the data folder. */
function announce(place: string, address: string): void {
  writeFileSync(place, JSON.stringify({ address, pid: process.pid }), { mode: 0o600 });
  console.log(`Countersign answers on ${address} (API under /api/v1, described at ${address}/docs)`);
  console.log('To sign in: npm run -s countersign -- token --for USERNAME [--role admin], then send "Authorization: Bearer TOKEN"');
}

main().catch(endOfFailedStart);
