// A dry run is a plan that is reviewed, committed and taken back, over HTTP and by the command line (I6, N14).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from './support/command-line';
import { temporaryFolder } from './support/folders';
import { expected, type Api, type Json } from './support/http';
import { Server, startServer } from './support/server';

const PEOPLE = 'idnumber,username,firstname,lastname\nann,ann,Ann,Lee\nbob,bob,Bob,=1+1\n';

describe('over HTTP', () => {
  const server = new Server();
  let admin: Api;
  beforeAll(async () => {
    await server.start();
    admin = server.operator;
  });
  const upload = async (text: string | Buffer, more = ''): Promise<Json> =>
    expected(
      200,
      await admin.send('POST', `/imports?preset=native&element=people${more}`, {
        body: Buffer.from(text),
        headers: { 'content-type': 'text/csv' },
      }),
    );

  test('a dry run is reviewed, committed exactly so, and undone', async () => {
    const planned = await upload(PEOPLE, '&dryRun=true&lines=true');
    expect(planned).toMatchObject({ dryRun: true, added: 2, changesCount: 2 });
    expect(planned.lines.map(({ line, verdict }: Json) => `${line} ${verdict}`)).toEqual(['2 added', '3 added']);
    expect((await admin.get('/people/ann')).status).toBe(404);
    expect(expected(200, await admin.get(`/imports/${planned.id}/changes?after=1`))).toMatchObject({
      count: 2,
      stale: false,
      changes: [{ of: 'person', id: 'bob', change: 'added', fields: { familyName: { after: '=1+1' } } }],
    });
    expect(expected(200, await admin.post(`/imports/${planned.id}/commit`, {}))).toMatchObject({ id: planned.id, added: 2 });
    expect(expected(200, await admin.get('/people/ann')).active).toBe(true);
    const undone = expected(200, await admin.post(`/imports/${planned.id}/undo`));
    expect(undone).toMatchObject({ rejected: [], noted: [{ code: 'stays-recorded' }, { code: 'stays-recorded' }] });
    expect(expected(200, await admin.get('/people/ann')).active).toBe(false);
    expect(expected(200, await admin.get(`/imports/${planned.id}`))).toMatchObject({ undoneBy: undone.id, plannedBy: expect.any(String) });
  });
  test('how the files are written is told by them or said, told again, and kept with the plan', async () => {
    const latin = Buffer.from('idnumber;username;lastname\nzoe;zoe;Zo\xeb\n', 'latin1');
    expect(await upload(latin)).toMatchObject({ added: 1, readings: [{ encoding: 'windows-1252', delimiter: 'semicolon' }] });
    const misread = await upload(
      Buffer.from('idnumber|username|lastname\nyan|yan|é\n'),
      '&dryRun=true&encoding=windows-1252&delimiter=pipe',
    );
    expect(misread).toMatchObject({ added: 1, readings: [{ encoding: 'windows-1252', delimiter: 'pipe' }] });
    expected(200, await admin.post(`/imports/${misread.id}/commit`, {}));
    expect([(await admin.get('/people/zoe')).body.name, (await admin.get('/people/yan')).body.name]).toEqual(['Zoë', 'Ã©']);
  });
  test('a plan that would do something else by now is refused', async () => {
    const { id } = await upload(PEOPLE.replace('Lee', 'Fox'), '&dryRun=true');
    await upload(PEOPLE.replace('Lee', 'Ray'));
    expect(await admin.post(`/imports/${id}/commit`, {})).toMatchObject({ status: 409, body: { code: 'plan-stale' } });
  });
  test('all rows or none, where that is wanted: at the commit of a plan, and at once (E48)', async () => {
    const half = `${PEOPLE.replace('Ann,Lee', 'Ann,Hay')}cat,,Cat,Lee\n`;
    const { id, rejected } = await upload(half, '&dryRun=true&whole=true');
    expect(rejected).toMatchObject([{ line: 4 }]);
    const refused = await admin.post(`/imports/${id}/commit`, { whole: true });
    expect(refused).toMatchObject({ status: 422, body: { code: 'rows-rejected', rejectedCount: 1, rejected: [{ line: 4 }] } });
    const at = await admin.send('POST', '/imports?preset=native&element=people&whole=true', {
      body: half,
      headers: { 'content-type': 'text/csv' },
    });
    expect(at).toMatchObject({ status: 422, body: { code: 'rows-rejected' } });
    expect((await admin.get('/people/ann')).body.name).not.toBe('Ann Hay');
    expect(expected(200, await admin.post(`/imports/${id}/commit`, {}))).toMatchObject({ rejected: [{ line: 4 }] });
    expect((await admin.get('/people/ann')).body.name).toBe('Ann Hay');
  });
  test('of many rows that are refused the first are told and all are counted; whoever asks for every row hears of each', async () => {
    const bad = `idnumber,username\n${Array.from({ length: 1_234 }, (_, at) => `bad${at},`).join('\n')}`;
    const { id, rejected, rejectedCount } = await upload(bad);
    expect([rejected.length, rejectedCount]).toEqual([1_000, 1_234]);
    expect(expected(200, await admin.get(`/imports/${id}`))).toMatchObject({ rejectedCount: 1_234, rejected });
    const whole = await upload(bad, '&lines=true');
    expect([whole.rejected.length, whole.rejectedCount, whole.lines.length]).toEqual([1_234, 1_234, 1_234]);
  });
  test('what is no plan, no import, or no such field is refused', async () => {
    const { id } = await upload(PEOPLE.replace('Lee', 'Orr'));
    expect(await admin.post(`/imports/${id}/commit`, {})).toMatchObject({ status: 409, body: { code: 'no-plan' } });
    expect((await admin.post('/imports/0195a1b0-0000-7000-8000-000000000000/undo')).status).toBe(404);
    expect((await admin.post(`/imports/${id}/commit`, { forse: 'x' })).status).toBe(400);
    expect((await admin.post(`/imports/${id}/commit`, { force: ' ' })).status).toBe(400);
  });
});

test('the command line plans, commits and undoes, and writes what became of every row', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const process = await startServer(data);
  const run = async (...words: readonly string[]) => {
    const { exit, out } = await countersign(data, ...words, '--json');
    return { exit, document: JSON.parse(out) };
  };
  const path = join(folder, 'people.csv');
  writeFileSync(path, `${PEOPLE}cat,,Cat,Ray\n"=cmd|' /C calc'!A0",dan,Dan,Fox\n`);
  const results = join(folder, 'results.csv');
  const planned = await run('import', path, '--preset', 'native', '--dry-run', '--result', results);
  expect(planned).toMatchObject({ exit: 1, document: { dryRun: true, added: 2, rejected: [{ line: 4 }, { line: 5 }] } });
  expect(readFileSync(results, 'utf8').trimEnd().split('\r\n')).toEqual([
    'file,line,verdict,code,detail',
    `${path},2,added,,`,
    `${path},3,added,,`,
    `${path},4,rejected,missing-value,username is blank`,
    expect.stringMatching(/,5,rejected,bad-id,/),
  ]);
  writeFileSync(join(folder, 'staff.csv'), 'idnumber;username\nzoë;zoe\n', 'latin1');
  const told = await countersign(data, 'import', join(folder, 'staff.csv'), '--preset', 'native', '--element', 'people', '--dry-run');
  expect(told.out).toContain('staff.csv as windows-1252, semicolon');
  expect(await run('import', join(folder, 'staff.csv'), '--preset', 'native', '--element', 'people', '--encoding', 'utf-8')).toMatchObject({
    exit: 1,
    document: { code: 'undecodable', line: 2 },
  });
  expect(await run('import', path, '--preset', 'native', '--result', results)).toMatchObject({
    exit: 2,
    document: { code: 'unwritable-file' },
  });
  expect(await run('import', 'commit', planned.document.id)).toMatchObject({ exit: 1, document: { added: 2 } });
  expect(await run('import', 'undo', planned.document.id)).toMatchObject({ exit: 0, document: { rows: 4, rejected: [] } });
  expect(await run('import', 'undo', planned.document.id)).toMatchObject({ exit: 1, document: { code: 'already-undone' } });
  const many = join(folder, 'many-people.csv');
  writeFileSync(many, `idnumber,username\n${Array.from({ length: 1_234 }, (_, at) => `bad${at},`).join('\n')}`);
  const report = await countersign(data, 'import', many, '--preset', 'native');
  expect(report).toMatchObject({ exit: 1, out: expect.stringMatching(/rejected +1.234\n[^]*and 1.184 more, use --result FILE/) });
  const every = join(folder, 'every.csv');
  await run('import', many, '--preset', 'native', '--result', every);
  expect(readFileSync(every, 'utf8').match(/rejected,missing-value/g)).toHaveLength(1_234);
  expect(await process.stop()).toMatchObject({ code: 0 });
});
