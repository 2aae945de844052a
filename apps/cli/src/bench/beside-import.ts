// Approvals over HTTP while a large import is compared and recorded, beside the same server at rest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { approvalsOver, recordOrganisation, type Target } from './http';
import { FILES } from './organisation-files';
import { asks } from './people';
import type { Line } from './report';
import { startProduct } from './servers';

const CONNECTIONS = 4;
const WARM_UP_ROUNDS = 4;
const ASK_AGAIN_MS = 200;

/** One round of each: an import that is there already would record nothing. */
export async function besideImport(folder: string, files: string, roundMs: number): Promise<Line> {
  const server = await startProduct(folder);
  try {
    const operator: string = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).operator;
    const target: Target = { server, tokens: await recordOrganisation(server, operator) };
    const next = asks();
    const play = (goesOn?: () => boolean) =>
      approvalsOver(target, next, { connections: CONNECTIONS, ms: roundMs, ...(goesOn && { goesOn }) });
    for (let warm = 0; warm < WARM_UP_ROUNDS; warm++) await play();
    const its = await play();
    let running = true;
    const importing = importOver(`http://127.0.0.1:${server.port}/api/v1/imports`, { operator, files }).finally(() => (running = false));
    const [ours] = await Promise.all([play(() => running), importing]);
    return { what: 'http beside an import', at: `${CONNECTIONS} connections`, unit: '/s', ours, beside: 'at rest', its };
  } finally {
    await server.stop();
  }
}

/** Sends the files and waits for the end. */
async function importOver(place: string, { operator, files }: { readonly operator: string; readonly files: string }): Promise<void> {
  const form = new FormData();
  for (const name of FILES) form.append(name.slice(0, name.indexOf('.')), new Blob([readFileSync(join(files, name))]), name);
  const headers = { authorization: `Bearer ${operator}`, prefer: 'wait=0' };
  let answer: Response = await fetch(`${place}?preset=native`, { method: 'POST', headers, body: form });
  for (;;) {
    const said = (await answer.json()) as { readonly id: string; readonly state?: string };
    const { id, state = 'finished' } = said;
    if (answer.ok && state === 'finished') return;
    if (!answer.ok || state !== 'running') throw new Error(`the import came to ${JSON.stringify(said)}`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    answer = await fetch(`${place}/${id}`, { headers });
  }
}
