// Approvals over HTTP: the whole product in a process of its own, beside Nest + Fastify with the same durable writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { IN_FLIGHT } from './approvals';
import { Connection, type Call } from './http-client';
import { asks, EMPLOYEES, SINCE } from './people';
import type { Line } from './report';
import { alternating, round, type Round } from './rounds';
import { startProduct, startReference, type Server } from './servers';
import { requireShown, timed, type Ask } from './side';

/** Rounds that a server that has just started spends on compiling, the larger one more. */
const WARM_UP_ROUNDS = 4;
/** Each look costs the server some milliseconds, so it is looked seldom while there is much to do. */
const LOOK_AGAIN_MS = 10;
const LOOK_AGAIN_LATER_MS = 60;
const MUCH_EVENTS = 500;

/** One server as its callers see it. */
export interface Target {
  readonly server: Server;
  readonly tokens: ReadonlyMap<string, string>;
  /** Settles when everything that its callers caused is done. */
  readonly settle?: () => Promise<void>;
}
type Send = (call: Omit<Call, 'token'> & { readonly by: string }) => Promise<any>;

export async function http(folder: string, roundMs: number): Promise<readonly Line[]> {
  const product = await startProduct(join(folder, 'http product'));
  const reference = await startReference(join(folder, 'http reference'));
  try {
    const operator: string = JSON.parse(readFileSync(join(folder, 'http product/secrets.json'), 'utf8')).operator;
    const ours: Target = { server: product, tokens: await recordOrganisation(product, operator), settle: () => caughtUp(product) };
    const its: Target = { server: reference, tokens: new Map(EMPLOYEES.map(({ id }) => [id, id])) };
    return await compare(ours, its, roundMs);
  } finally {
    await Promise.all([product.stop(), reference.stop()]);
  }
}

async function compare(ours: Target, its: Target, roundMs: number): Promise<readonly Line[]> {
  const next = asks();
  const play = (target: Target, connections: number, ms: number) => approvalsOver(target, next, { connections, ms });
  for (const target of [ours, its]) await play(target, 64, roundMs * WARM_UP_ROUNDS);
  const lines: Line[] = [];
  for (const connections of IN_FLIGHT) {
    const [mine, theirs] = await alternating([ours, its], roundMs, (target, ms) => play(target, connections, ms));
    lines.push({ what: 'http', at: `${connections} connections`, unit: '/s', ours: mine!, beside: 'Nest + Fastify', its: theirs! });
  }
  return lines;
}

/** Approvals over so many connections, for so long, or while it goes on. */
export async function approvalsOver(
  { server, tokens, settle }: Target,
  next: Generator<Ask, never>,
  { connections, ...until }: { readonly connections: number; readonly ms: number; readonly goesOn?: () => boolean },
): Promise<Round> {
  const free = await Promise.all(Array.from({ length: connections }, () => Connection.open(server.port)));
  const work = async (took: (ms: number) => void) => {
    const connection = free.pop()!;
    const send: Send = ({ by, ...call }) => connection.call({ ...call, token: tokens.get(by)! });
    await approveOver(send, next.next().value, took);
    free.push(connection);
  };
  const given = await round(connections, work, { ...until, ...(settle && { settle }) });
  for (const connection of free) connection.close();
  return given;
}

/** The reference writes its notices with what they are about; the product's come after it, and belong to its time too. */
async function caughtUp({ port }: Server): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const lags = [...metrics.matchAll(/^countersign_follower_lag_events\{.*\} (\d+)$/gm)].map(([, events]) => Number(events));
    if (lags.length === 0) throw new Error('the server does not tell how far its followers are');
    if (lags.every((events) => events === 0)) return;
    await wait(lags.some((events) => events >= MUCH_EVENTS) ? LOOK_AGAIN_LATER_MS : LOOK_AGAIN_MS);
  }
}

/** The unit of work over HTTP: three commands and two looks into an inbox. */
async function approveOver(send: Send, ask: Ask, took: (ms: number) => void): Promise<void> {
  const { course, learner, assignment, manager, finance } = ask;
  const body = { kind: 'enrolment', course, assignment, costMinor: 120_000, currency: 'EUR' };
  const { id } = await timed(send({ method: 'POST', path: '/api/v1/requests', by: learner, body }), took);
  const decide = async (by: string, nominate?: string) => {
    const { items } = await send({ method: 'GET', path: '/api/v1/inbox?limit=20', by });
    const found = items.find(({ request }: { request: string }) => request === id);
    requireShown(found ? [id] : [], { request: id });
    const path = `/api/v1/requests/${id}/decisions`;
    await timed(send({ method: 'POST', path, by, seen: found.revision, body: { outcome: 'approve', nominate } }), took);
  };
  await decide(manager, finance);
  await decide(finance);
}

/** Records everybody over HTTP and answers the token of each. */
export async function recordOrganisation({ port }: Server, operator: string): Promise<ReadonlyMap<string, string>> {
  const connections = await Promise.all(Array.from({ length: 16 }, () => Connection.open(port)));
  const tokens = new Map<string, string>();
  const each = async (
    work: (post: (path: string, body: object) => Promise<any>, employee: (typeof EMPLOYEES)[number]) => Promise<void>,
  ) => {
    const left = EMPLOYEES.values();
    await Promise.all(
      connections.map(async (connection) => {
        const post = (path: string, body: object) => connection.call({ method: 'POST', path: `/api/v1/${path}`, token: operator, body });
        for (const employee of left) await work(post, employee);
      }),
    );
  };
  await connections[0]!.call({
    method: 'POST',
    path: '/api/v1/position-types',
    token: operator,
    body: { id: 'employee', name: 'Employee' },
  });
  await each(async (post, { id, assignment }) => {
    await post('people', { id, username: id, givenName: id, familyName: 'Bench', email: `${id}@example.org` });
    await post(`people/${id}/assignments`, { id: assignment, positionType: 'employee', from: SINCE });
    tokens.set(id, (await post('tokens', { username: id })).token);
  });
  await each(async (post, { assignment, manager }) => {
    if (manager) await post(`assignments/${assignment}/managers`, { manager, kind: 'direct', responsibilities: ['approval'] });
  });
  for (const connection of connections) connection.close();
  return tokens;
}
