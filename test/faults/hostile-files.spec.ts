// Files that are broken, odd or meant to harm, to a real server with a small heap: a clear refusal or a verdict for each row, and
// no event of the organisation. Its memory stays where it was, and it goes on.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { countersignWith } from '../support/command-line';
import { temporaryFolder } from '../support/folders';
import { hostileFiles, type HostileFile } from '../support/hostile-files';
import { expected, type Answer, type Api, type Json } from '../support/http';
import { residentMb } from '../support/memory';
import { register } from '../support/organisation';
import { randomFrom, seedOf } from '../support/random';
import { Server } from '../support/server';
import { rounds } from './rounds';

const FILES = rounds(300, 3_000);
/** As much as a small machine has; a file that is kept whole in some clumsy way does not fit. */
const HEAP_MB = 512;
const RESIDENT_MB_MAX = 1_024;
/** The command line starts a process for each file. */
const BY_COMMAND_LINE = 8;
const random = randomFrom(seedOf());
const server = new Server({ NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
let admin: Api;
beforeAll(async () => {
  await server.start();
  admin = server.operator;
  await register(admin, 'ann');
});

test(`${FILES} hostile files: refused or judged row by row, nothing harmed (SEED=${random.seed})`, async () => {
  const figures = { refused: 0, rows: 0, taken: 0, byCommandLine: 0, restingMb: residentMb(server.pid), peakMb: 0 };
  const wrong: string[] = [];
  const folder = temporaryFolder();
  let at = 0;
  for (const file of hostileFiles(random, FILES)) {
    const before = await position();
    const answer = await admin.send('POST', `/imports?${file.query}`, {
      body: file.content,
      headers: { 'content-type': 'text/csv', prefer: 'wait=60', ...file.headers },
    });
    const fault = faultIn(file, answer) ?? (answer.status >= 400 && (await position()) !== before ? 'something was recorded' : undefined);
    if (fault) wrong.push(`file ${at}, ${file.what}: ${fault}`);
    if (file.refused && !file.headers && random.below(FILES) < BY_COMMAND_LINE * 2) {
      figures.byCommandLine++;
      const path = join(folder, `${at}.csv`);
      writeFileSync(path, file.content);
      const element = file.query.includes('people') ? 'people' : 'assignments';
      const words = ['import', path, '--preset', 'native', '--element', element, '--json'];
      const { exit, out } = await countersignWith({ DATA_DIR: server.folder }, ...words);
      if (exit !== 1 || !file.refused.includes(JSON.parse(out).code))
        wrong.push(`file ${at}, ${file.what}, by command line: ${exit} ${out}`);
    }
    figures[file.refused ? 'refused' : file.rows ? 'rows' : 'taken']++;
    figures.peakMb = Math.max(figures.peakMb, residentMb(server.pid));
  }
  console.log(`hostile files: ${JSON.stringify({ ...figures, seed: random.seed })}`);
  expect(wrong).toEqual([]);
  expect(figures.peakMb).toBeLessThan(RESIDENT_MB_MAX);
  expect(server.said).not.toMatch(/unexpected/);
  expect(expected(200, await admin.get('/people/ann')).username).toBe('ann');
});

test('a row of 500 MB is refused while it comes, and the sender is cut off', async () => {
  const before = [await position(), residentMb(server.pid)] as const;
  const { status, code, sentMb } = await pour('idnumber,username\n"', Buffer.alloc(1024 * 1024, 'x'), 500);
  console.log(`a row of 500 MB: ${JSON.stringify({ status, code, sentMb, grownMb: residentMb(server.pid) - before[1] })}`);
  expect({ status, code }).toEqual({ status: 422, code: 'row-too-large' });
  expect(sentMb).toBeLessThan(100);
  expect(await position()).toBe(before[0]);
});

/** What is wrong with the answer, or nothing. */
function faultIn(file: HostileFile, { status, body }: Answer): string | undefined {
  const said = `${status} ${JSON.stringify(body).slice(0, 300)}`;
  if (file.refused) {
    const clear = file.refused.includes(body.code) && (status !== 422 || typeof body.line === 'number');
    return status >= 400 && status < 500 && clear ? undefined : said;
  }
  if (status !== 200 || body.added !== (file.taken ?? 0) || body.changed + body.ended > 0) return said;
  const rows = body.rejected.map(({ line, code }: Json) => `${line} ${code}`);
  return JSON.stringify(rows) === JSON.stringify(file.rows ?? []) ? undefined : said;
}

async function position(): Promise<number> {
  return expected(200, await admin.get('/audit/proof')).position;
}

/** Sends the same piece over and over, as one does who does not listen, until all is sent or the server hangs up. */
async function pour(head: string, piece: Buffer, times: number): Promise<{ status: number; code: string; sentMb: number }> {
  const { hostname, port } = new URL(admin.url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  let gone = false;
  socket.on('data', (chunk) => (heard += String(chunk))).on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const headers = [`Host: ${hostname}`, `Authorization: Bearer ${admin.token}`, 'Content-Type: text/csv', 'Transfer-Encoding: chunked'];
  socket.write(['POST /api/v1/imports?preset=native&element=people HTTP/1.1', ...headers, '', ''].join('\r\n'));
  const chunk = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  socket.write(chunk(Buffer.from(head)));
  let sent = 0;
  for (const bytes = chunk(piece); sent < times && !gone; sent++) {
    if (!socket.write(bytes))
      await Promise.race([closed.then(() => (gone = true)), new Promise((resolve) => socket.once('drain', resolve))]);
  }
  socket.destroy();
  await closed;
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1]);
  return { status, code: /"code":"([\w-]+)"/.exec(heard)?.[1] ?? '', sentMb: sent };
}
