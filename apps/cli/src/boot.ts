// The application inside the command line's own process, on a port of the loopback that nobody else knows.
import type { AddressInfo } from 'node:net';
import type { Config } from '@app/platform/config';
import { createApp } from '../../api/src/app';

export async function bootApplication(
  config: Config,
  worker: boolean,
): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const app = await createApp(config, failed, { worker });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** The log or the disk failed under us: what was answered is safe, nothing more can be done. */
function failed(error: unknown): never {
  console.error(`countersign: the log or the disk failed: ${error}`);
  process.exit(1);
}
