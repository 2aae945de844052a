// From the start of a process to its first answered query, with a long log and read models present.
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Connection } from './http-client';
import { fill } from './filled';
import type { Line } from './report';
import { median, ROUNDS } from './rounds';
import { startProduct, startReference, type Server } from './servers';

const EVENTS = 200_000;

export async function start(folder: string): Promise<readonly Line[]> {
  const place = join(folder, 'start');
  await fill(place, EVENTS);
  // The first start makes the compile cache and the secrets.
  await firstAnswer(startProduct(place), () => operatorOf(place));
  const [ours, its]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < ROUNDS; turn++) {
    ours.push(await firstAnswer(startProduct(place), () => operatorOf(place)));
    its.push(await firstAnswer(startReference(join(folder, `start reference ${turn}`)), () => 'anybody'));
  }
  const [mine, theirs] = [{ value: median(ours) }, { value: median(its) }];
  return [{ what: 'start', at: `${EVENTS} events`, unit: ' ms', ours: mine, beside: 'empty Nest + Fastify', its: theirs }];
}

async function firstAnswer(starting: Promise<Server>, token: () => string): Promise<number> {
  const begun = performance.now();
  const server = await starting;
  const connection = await Connection.open(server.port);
  await connection.call({ method: 'GET', path: '/api/v1/inbox', token: token() });
  const took = performance.now() - begun;
  connection.close();
  await server.stop();
  return took;
}

function operatorOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).operator;
}
