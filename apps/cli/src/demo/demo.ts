// `countersign demo`: a whole organisation at work, told so that a visitor can follow it, checked so that a machine can.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { daysIn } from '@app/kernel';
import type { Config } from '@app/platform/config';
import { now } from '@app/platform/ids';
import type { Api } from '../api';
import { EXIT, type ExitCode } from '../failure';
import { proofReport, replay, replayReport } from '../operator';
import { boot } from '../reach';
import { branches } from './branches';
import { Casting } from './casting';
import { Checks } from './checks';
import { importHospitals, importMinistry } from './organisation';
import { Stage } from './stage';
import { tell } from './story';
import { playAll, tally, type Played } from './tally';
import { deliveriesReport, settled } from './told';

interface Parts {
  readonly api: Api;
  readonly checks: Checks;
  readonly say: (...lines: readonly string[]) => void;
  readonly today: string;
}

/** Runs the demo in a folder of its own. Gives the exit code: 1 when anything was not as it has to be. */
export async function runDemo(config: Config, { json }: { json: boolean }): Promise<ExitCode> {
  const start = performance.now();
  const folder = join(config.DATA_DIR, 'demo');
  rmSync(folder, { recursive: true, force: true });
  // In a cluster this process is a worker too, so that the demo needs nothing beside the event store and Redis.
  const { EVENT_STORE_URL, REDIS_URL } = config;
  const settings = { ...config, DATA_DIR: folder, REDIS_URL: EVENT_STORE_URL === undefined ? undefined : REDIS_URL };
  const { api, close } = await boot(settings, { worker: true });
  try {
    const today = daysIn(config.TIME_ZONE)(now());
    const parts: Parts = { api, checks: new Checks(), say: (...lines) => void (json || console.log(lines.join('\n'))), today };
    parts.say(...welcome(today, folder, config.SMTP_URL !== undefined), '');
    const report = await perform(parts);
    const seconds = (performance.now() - start) / 1000;
    const { failed, results } = parts.checks;
    const ending = failed.length === 0 ? `All ${results.length} checks hold.` : `${failed.length} of ${results.length} checks FAILED.`;
    parts.say(`${ending} The whole demo took ${seconds.toFixed(1)} s.`);
    if (json) console.log(JSON.stringify({ ok: failed.length === 0, seconds, folder, ...report, checks: results }));
    return failed.length === 0 ? EXIT.done : EXIT.refused;
  } finally {
    await close();
  }
}

function welcome(today: string, folder: string, mails: boolean): readonly string[] {
  return [
    'COUNTERSIGN: who must agree before this person may take this learning, and did they?',
    '',
    `Everything below happens now, ${today}, over HTTP, each person with a token of their own. The log is in ${folder}.`,
    mails
      ? 'People are told in the product and by e-mail, through the server of SMTP_URL.'
      : 'People are told in the product; no mail server is set (SMTP_URL), so no e-mail is sent.',
  ];
}

async function perform({ api, checks, say, today }: Parts) {
  say('1  TWO ORGANISATIONS', '');
  const { lines, world, chief } = await importHospitals(api, checks, today);
  say(...indented(lines), '');
  say(...indented(await importMinistry(api, checks)), '');
  await api.call('PUT', 'fallback-approver', { body: { person: chief } });
  say(`  Where no manager can be asked, ${world.introduce(chief)} is.`, '');

  const stage = new Stage(api, world, new Casting(world), today);
  const played: Played[] = [];
  for (const [at, branch] of branches.entries()) played.push(await playAll(stage, branch, at));
  const scenes = played.flatMap((one) => one.scenes);
  const deliveries = await settled(api, scenes);

  const told = played.filter(({ branch, scenes: [first] }) => branch.story && first);
  say(`2  ${told.length} REQUESTS OF ${scenes.length}, AS RECORDED`, '');
  for (const [
    at,
    {
      branch,
      scenes: [first],
    },
  ] of told.entries())
    say(`  Story ${at + 1}. ${branch.story}`, '', ...(await tell(stage, first!)), '');

  say(`3  ALL ${scenes.length} REQUESTS, BY WHAT HAPPENED`, '');
  const tallied = await tally(api, played, checks);
  say(...tallied.lines, '', `  ${stage.signedIn} people took part.`, ...deliveriesReport(deliveries), '');

  say('4  PROOF', '');
  const proof = await api.get('audit/proof');
  const replayed = await replay(api, true);
  say(...indented(proofReport(proof)), ...indented(replayReport(replayed, true)), '');
  say(`  ${checks.equal('the log', proof.fault ? 'has a fault' : 'is sound', 'is sound')}`);
  say(`  ${checks.equal('read models that differ from the replay', replayed.different.length, 0)}`, '');
  return { branches: tallied.rows, deliveries, proof, replay: replayed };
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
