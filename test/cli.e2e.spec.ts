// The command line as scripts and operators use it: with a server running and without, by its exit codes and its documents.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { startServer, type Server } from './support/server';

const PEOPLE = 'idnumber,username,firstname,lastname,email\nlea,lea,Lea,Learner,lea@x.example\nmel,mel,Mel,Manager,mel@x.example\n';
const ORGANISATIONS = 'idnumber,fullname,parentidnumber\nward,Ward 1,\n';
const POSITIONS = 'idnumber,fullname,parentidnumber\nboss,Ward Manager,\nnurse,Nurse,boss\n';
const ASSIGNMENTS = [
  'person_id,assignment_id,position_type,position_id,organisation_id,title,valid_from,valid_to,manager_ref,manager_kind,manager_responsibilities',
  'lea,lea-1,substantive,nurse,ward,Nurse,2026-01-01,,mel,direct,approval;reporting',
  'mel,mel-1,substantive,boss,ward,Ward Manager,2026-01-01,,,,',
  '',
].join('\n');

let data: string;
let files: string[];

beforeEach(() => {
  data = join(temporaryFolder(), 'data');
  const folder = temporaryFolder();
  // The order is the user's: what is needed first comes last here.
  files = Object.entries({ assignments: ASSIGNMENTS, positions: POSITIONS, organisations: ORGANISATIONS, people: PEOPLE }).map(
    ([name, rows]) => {
      const path = join(folder, `${name}.csv`);
      writeFileSync(path, rows);
      return path;
    },
  );
});

async function json(...words: readonly string[]) {
  const { exit, out } = await countersign(data, ...words, '--json');
  return { exit, document: JSON.parse(out) };
}

function imported() {
  return json('import', ...files, '--preset', 'native');
}

describe('wrong usage', () => {
  test.each([
    ['no verb', [], 'Usage: countersign'],
    ['a verb that does not exist', ['imprt'], 'unknown command'],
    ['help for a verb that does not exist', ['simulate', '--help'], "unknown command 'simulate'"],
    ['help for one below another', ['person', 'simulate', '--help'], "unknown command 'simulate'"],
    ['a missing option', ['token'], "required option '--for <username>' not specified"],
    ['a role that does not exist', ['token', '--for', 'lea', '--role', 'king'], 'Allowed choices are user, admin'],
    ['a date that does not exist', ['import', 'people.csv', '--preset', 'native', '--effective', '2026-02-30'], 'no date like'],
    ['a time that is no number', ['bench', 'start', '--round', 'abc'], 'no number of milliseconds'],
    ['an address and none', ['person', 'change', 'lea', '--no-email', '--email', 'x@x.example'], "cannot be used with option '--email"],
    ['none and an address', ['person', 'change', 'lea', '--email', 'x@x.example', '--no-email'], "cannot be used with option '--email"],
    ['a file that does not exist', ['import', '/nowhere/people.csv', '--preset', 'native'], '/nowhere/people.csv cannot be read'],
    ['a preset that does not exist', ['import', __filename, '--preset', 'abacus'], 'preset'],
  ])('%s ends with 2 and says why', async (_what, words, reason) => {
    const { exit, out, err } = await countersign(data, ...words);
    expect(err).toContain(reason);
    expect(out).toBe('');
    expect(exit).toBe(2);
  });

  test('a program gets one document for it too', async () => {
    expect(await json('token')).toEqual({ exit: 2, document: { code: 'usage', detail: expect.stringContaining('--for') } });
  });

  test('two files that hold the same are told apart by nobody', async () => {
    const { exit, err } = await countersign(data, 'import', files[3]!, files[3]!, '--preset', 'native');
    expect(err).toContain('both hold people');
    expect(exit).toBe(2);
  });

  test('help is no error', async () => {
    for (const [words, shown] of [
      [['import', '--help'], '--preset <name>'],
      [['import', 'people.csv', '--help'], '--preset <name>'],
      [['person', '--help'], 'deactivate'],
      [['help', 'person'], 'deactivate'],
      [['--help'], 'Exit codes'],
    ] as const) {
      const { exit, out } = await countersign(data, ...words);
      expect({ words, exit, out }).toEqual({ words, exit: 0, out: expect.stringContaining(shown) });
    }
  });
});

describe('without a server', () => {
  test('files are imported in any order, a second time changes nothing, and a dry run changes nothing', async () => {
    const dry = await json('import', ...files, '--preset', 'native', '--dry-run');
    expect(dry).toMatchObject({ exit: 0, document: { dryRun: true, rows: 7, added: 7, rejected: [] } });
    // The plan itself: four files, and what they come to.
    expect(await json('verify')).toMatchObject({ document: { events: 5 } });
    expect(await imported()).toMatchObject({ exit: 0, document: { dryRun: false, rows: 7, added: 7, unchanged: 0, rejected: [] } });
    expect(await imported()).toMatchObject({ exit: 0, document: { rows: 7, added: 0, changed: 0, unchanged: 7, rejected: [] } });
  });

  test('a rejected row is named by file and line, and ends with 1', async () => {
    await imported();
    const path = join(temporaryFolder(), 'more-people.csv');
    writeFileSync(path, 'idnumber,username,firstname,lastname,email\nnew,new,New,Comer,new@x.example\n,nobody,No,Body,no@x.example\n');
    const { exit, out } = await countersign(data, 'import', path, '--preset', 'native', '--dry-run');
    expect(out).toMatch(/^Dry run: nothing was changed/);
    expect(out).toMatch(/^ {2}added +1$/m);
    expect(out).toContain(`  ${path}:3  `);
    expect(exit).toBe(1);
  });

  test('a file that cannot be read as a whole is refused by its name', async () => {
    const path = join(temporaryFolder(), 'people.csv');
    writeFileSync(path, 'colour\nred\n');
    const { exit, err } = await countersign(data, 'import', path, '--preset', 'native');
    expect(err).toContain(`${path}:1: missing: `);
    expect(exit).toBe(1);
  });

  test('a token is alone on stdout, and an unknown username is refused', async () => {
    await imported();
    const { exit, out, err } = await countersign(data, 'token', '--for', 'lea');
    expect(out).toMatch(/^cs_[\w-]{43}\n$/);
    expect(err).toMatch(/^For lea, role user, until /);
    expect(exit).toBe(0);
    expect(await json('token', '--for', 'nobody')).toMatchObject({ exit: 1, document: { code: 'unknown-username' } });
  });

  test('a read model that differs from the log is found, and mended by a replay', async () => {
    await imported();
    expect(await json('replay', '--check')).toMatchObject({ exit: 0, document: { different: [] } });
    change('views.db', "update people set family_name = 'Liar' where id = 'lea'");
    expect(await json('replay', '--check')).toMatchObject({ exit: 1, document: { different: ['hierarchy'] } });
    expect(await json('replay')).toMatchObject({ exit: 0, document: { different: ['hierarchy'] } });
    expect(await json('replay', '--check')).toMatchObject({ exit: 0, document: { different: [] } });
  });

  test('an event that was changed is found, and named by its position', async () => {
    await imported();
    const before = await json('verify');
    expect(before).toEqual({ exit: 0, document: { events: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    change('log.db', "drop trigger events_keep; update events set data = replace(data, 'Lea', 'Liar')");
    const { exit, out } = await countersign(data, 'verify');
    expect(out).toMatch(/^The log is not sound: at position \d+, the event is not the one that was recorded\.\n/);
    expect(exit).toBe(1);
  });

  test('where there is no log there is nothing to prove', async () => {
    expect(await json('verify')).toMatchObject({ exit: 3, document: { code: 'no-log' } });
  });
});

function change(file: string, sql: string): void {
  const db = new DatabaseSync(join(data, file));
  db.exec(sql);
  db.close();
}

describe('a backup', () => {
  const aside = () => join(temporaryFolder(), 'log.jsonl');

  test('is one file for its owner, proven, and restored where there is nothing yet', async () => {
    await imported();
    const { document: proof } = await json('verify');
    const file = aside();
    expect(await json('backup', file)).toEqual({ exit: 0, document: { file, ...proof } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8')).operator);
    expect(await json('verify', file)).toEqual({ exit: 0, document: proof });
    expect(await json('export', file)).toMatchObject({ exit: 2, document: { code: 'file-exists' } });
    expect(await json('restore', file)).toMatchObject({ exit: 1, document: { code: 'not-empty' } });
    data = join(temporaryFolder(), 'elsewhere');
    expect(await json('restore', file)).toEqual({ exit: 0, document: { file, ...proof } });
    expect(await json('replay', '--check')).toMatchObject({ exit: 0, document: { different: [] } });
    expect(await json('verify')).toEqual({ exit: 0, document: proof });
    expect(await json('token', '--for', 'lea')).toMatchObject({ exit: 0 });
  });

  test('with a fault is refused by its line, and leaves nothing behind', async () => {
    await imported();
    const file = aside();
    await json('backup', file);
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.with(3, lines[3]!.replace('command', 'commend')).join('\n'));
    data = temporaryFolder();
    expect(await json('restore', file)).toMatchObject({ exit: 1, document: { code: 'bad-backup', line: 4 } });
    expect(readdirSync(data)).toEqual([]);
    expect((await json('verify', file)).document).toMatchObject({ fault: { position: 4 } });
    expect(await json('restore', '/nowhere/log.jsonl')).toMatchObject({ exit: 2, document: { code: 'unreadable-file' } });
  });

  test('is not made of a log with a fault, nor where there is no log', async () => {
    expect(await json('backup', aside())).toMatchObject({ exit: 3, document: { code: 'no-log' } });
    await imported();
    change('log.db', "drop trigger events_keep; update events set data = replace(data, 'Lea', 'Liar')");
    const file = aside();
    expect(await json('backup', file)).toMatchObject({ exit: 1, document: { code: 'log-damaged', fault: { reason: expect.any(String) } } });
    expect(existsSync(file)).toBe(false);
    const server = await startServer(data);
    expect(await json('backup', file)).toMatchObject({ exit: 1, document: { code: 'log-damaged', fault: { reason: expect.any(String) } } });
    expect(existsSync(file)).toBe(false);
    await server.kill();
  });
});

describe('beside a running server', () => {
  let server: Server;
  beforeEach(async () => {
    server = await startServer(data);
  });
  afterEach(() => server.kill());

  test('every verb goes through it, and it shows the change at once', async () => {
    expect(await imported()).toMatchObject({ exit: 0, document: { added: 7 } });
    const { document } = await json('token', '--for', 'lea');
    const answer = await fetch(`${server.address}/api/v1/me`, { headers: { authorization: `Bearer ${document.token}` } });
    expect(await answer.json()).toMatchObject({ username: 'lea', assignments: [{ id: 'lea-1' }] });
    const { document: proof } = await json('verify');
    const file = join(temporaryFolder(), 'log.jsonl');
    expect(await json('backup', file)).toEqual({ exit: 0, document: { file, ...proof } });
    expect(await json('verify', file)).toEqual({ exit: 0, document: proof });
    expect(await json('replay', '--check')).toMatchObject({ exit: 0, document: { different: [] } });
    expect(await server.stop()).toMatchObject({ code: 0 });
  });

  test('a second writer is refused', async () => {
    rmSync(join(data, 'server.json'));
    const { exit, out, err } = await countersign(data, 'token', '--for', 'lea');
    expect(err).toBe(`countersign: ${join(data, 'log.db')} is being written by another process (log-refused)\n`);
    expect(out).toBe('');
    expect(exit).toBe(1);
    expect(await json('verify')).toMatchObject({ exit: 1, document: { code: 'log-refused' } });
  });

  test('a server that does not answer cannot be reached, and is not gone round', async () => {
    const address = 'http://127.0.0.1:1';
    writeFileSync(join(data, 'server.json'), JSON.stringify({ address, pid: server.pid }));
    const { exit, document } = await json('token', '--for', 'lea');
    expect(document).toEqual({ code: 'unreachable', detail: `process ${server.pid} has ${data} open and does not answer on ${address}` });
    expect(exit).toBe(3);
  });

  test('what a killed server left behind counts for nothing', async () => {
    await imported();
    await server.kill();
    expect(await json('token', '--for', 'lea')).toMatchObject({ exit: 0, document: { username: 'lea' } });
  });
});
