// Records the history of a release: VERSION=0.2.0 npx jest --testMatch '**/test/golden/record.ts'
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from '../support/command-line';
import { Server } from '../support/server';
import { startSmtp } from '../support/smtp';
import { FOLDER, goldenOf, histories, replayed } from './histories';
import { playHistory } from './story';

test('the history of this release is recorded, and what each history leads to where that is not yet said', async () => {
  const { VERSION: version } = process.env;
  if (version !== undefined) await record(join(FOLDER, `${version}.jsonl`));
  for (const path of histories().filter((history) => !existsSync(goldenOf(history)))) {
    writeFileSync(goldenOf(path), `${JSON.stringify((await replayed(path)).golden, undefined, 2)}\n`);
  }
});

/** What was recorded once is never recorded again: the command line writes over no file. */
async function record(file: string): Promise<void> {
  const smtp = await startSmtp();
  const server = new Server({ SMTP_URL: smtp.url });
  try {
    await server.start();
    await playHistory(server, smtp);
    const { exit, err } = await countersign(server.folder, 'backup', file);
    if (exit !== 0) throw new Error(err);
    await server.stop();
  } finally {
    await smtp.stop();
  }
}
