// Timers: a row for each fact that something becomes due, and a command when the clock has passed it.
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import {
  daysIn,
  daysOfUtc,
  LogFailed,
  originOf,
  type AnyProjection,
  type AnySaga,
  type DayOf,
  type Metadata,
  type Moment,
  type RunCommand,
  type Timer,
  type Typed,
} from '@app/kernel';
import { refusalOf, whenRoom } from './follow';
import type { ReadModels } from './read-models';

interface DueRow extends Timer {
  readonly saga: string;
  readonly event: string;
}

/** Marks a day among the instants: in text order a day comes before every instant of that date. */
const DAY_LENGTH = '2026-11-21'.length;

/**
 * The read model of all timers of the sagas. Which of them have fired is kept beside it, so that a rebuild is equal.
 * @param zone an IANA name; in another zone other days have begun, and the read model is made anew
 */
export function timersOf(sagas: readonly AnySaga[], zone = 'UTC'): AnyProjection {
  const dayOf = daysIn(zone);
  const on: Record<string, AnyProjection['on'][string]> = {};
  for (const { name, timers } of sagas) {
    for (const [type, timersAt] of Object.entries(timers?.on ?? {})) {
      const others = on[type];
      on[type] = (tables, event: Typed, recorded) => {
        others?.(tables, event, recorded);
        const today = dayOf(recorded.meta.at);
        for (const { key, dueAt } of timersAt!(event)) {
          if (dueAt.length === DAY_LENGTH && dueAt <= today) tables.run('delete from timers where saga = ? and key = ?', name, key);
          else tables.run('insert or replace into timers values (?, ?, ?, ?)', name, key, dueAt, recorded.meta.id);
        }
      };
    }
  }
  return {
    name: 'timers',
    schema: `create table timers (saga text not null, key text not null, due_at text not null, event text not null, primary key (saga, key)) strict;
      create index timers_by_due on timers (due_at) -- days of ${zone}`,
    tables: ['timers'],
    on,
  };
}

export interface TimerParts {
  readonly models: ReadModels;
  readonly sagas: readonly AnySaga[];
  readonly run: RunCommand;
  /** Now, as an instant in UTC. */
  readonly clock: () => string;
  /** Where days begin; in UTC without it. */
  readonly dayOf?: DayOf | undefined;
  /** Told of a timer that could not be fired; it is tried again at the next tick. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** An event that sets a timer once more sets it again, even where the clock of another process was ahead and it has fired. */
const FIRED = `create table timers_done (saga text not null, key text not null, due_at text not null, event text not null,
  primary key (saga, key)) strict`;
const HAS_FIRED = "select 1 from sqlite_schema where name = 'timers_done'";
const DUE = `select t.saga, t.key, t.due_at as dueAt, t.event from timers t left join timers_done f using (saga, key)
  where t.due_at <= max(?1, ?2) and t.due_at <= case length(t.due_at) when ${DAY_LENGTH} then ?2 else ?1 end
    and (f.due_at is null or f.due_at <> t.due_at or f.event <> t.event) order by t.due_at, t.key limit 500`;

/** Fires what is due, once. Answers how many fired. A crash in between repeats commands, whose ids make them one. */
export async function fireDueTimers(parts: TimerParts): Promise<number> {
  const { models, sagas, clock, dayOf = daysOfUtc } = parts;
  // A file that was built anew has taken the place of the one in which it was. In a transaction of its own: a full disk takes back all.
  if (!models.get(HAS_FIRED)) models.transaction(() => models.run(FIRED));
  const at = clock();
  const moment = { at, on: dayOf(at) };
  const over: DueRow[] = [];
  for (const group of groupsOf(models.all<DueRow>(DUE, moment.at, moment.on), sagas)) {
    if (await fired(group.at(-1)!, moment, parts)) over.push(...group);
  }
  if (over.length > 0) models.transaction(() => over.forEach((row) => noteFired(models, row)));
  return over.length;
}

function noteFired(models: ReadModels, { saga, key, dueAt, event }: DueRow): void {
  models.run('insert or replace into timers_done values (?, ?, ?, ?)', saga, key, dueAt, event);
}

/** Those for which one answer is enough, as one. */
function groupsOf(rows: readonly DueRow[], sagas: readonly AnySaga[]): Iterable<readonly DueRow[]> {
  const together = new Set(sagas.filter(({ timers }) => timers?.together).map(({ name }) => name));
  return Map.groupBy(rows, (row) => (together.has(row.saga) ? row.saga : row)).values();
}

/** Whether it went through; if not, it is told. */
async function fired(row: DueRow, moment: Moment, parts: TimerParts): Promise<boolean> {
  try {
    await fire(row, moment, parts);
    return true;
  } catch (error) {
    if (error instanceof LogFailed) throw error;
    const { saga, key, dueAt } = row;
    parts.warn('timer not fired', { saga, key, dueAt, reason: String(error) });
    return false;
  }
}

async function fire({ saga: name, key, dueAt, event }: DueRow, moment: Moment, { models, sagas, run }: TimerParts): Promise<void> {
  const saga = sagas.find((one) => one.name === name);
  const meta: Metadata = { id: `${event}/${key}/${dueAt}`, command: event, actor: name, at: moment.at };
  let place = 0;
  for (const sends of saga?.timers?.due({ key, dueAt }, models, moment) ?? []) {
    for (const send of sends) await refusalOf(run, send, originOf({ name }, meta, place++, moment.at));
    await breathe();
  }
}

const ZONE = 'create table if not exists timers_zone (zone text not null) strict';

/**
 * Lets those who look at everything look once, where days begin elsewhere than when this was last asked: a day that is no
 * timer in this zone, because it had begun when the fact was recorded, may have been none of today's in the other. What could
 * not be looked at is left to the next start.
 */
export async function lookInNewZone(parts: TimerParts, zone: string): Promise<void> {
  const { models, sagas, clock, dayOf = daysOfUtc } = parts;
  models.transaction(() => models.run(ZONE));
  if (models.get<{ zone: string }>('select zone from timers_zone')?.zone === zone) return;
  const at = clock();
  for (const { name, timers } of sagas) {
    if (timers?.together && !(await fired({ saga: name, key: zone, dueAt: at, event: 'zone' }, { at, on: dayOf(at) }, parts))) return;
  }
  models.transaction(() => {
    models.run('delete from timers_zone');
    models.run('insert into timers_zone values (?)', zone);
  });
}

const TICK_MS = 1_000;

export interface TimersRun {
  readonly zone: string;
  /** Settles when the read models show all that was recorded until now. */
  readonly shown: Promise<void>;
  readonly signal: AbortSignal;
}

/** Fires timers every second until the signal; while the disk is full they wait. Where days begin elsewhere than the last time, all is looked at once. */
export async function runTimers(parts: TimerParts, { zone, shown, signal }: TimersRun): Promise<void> {
  const look = shown.then(() => (signal.aborted ? undefined : whenRoom(() => lookInNewZone(parts, zone), signal)));
  await Promise.all([tickOn(parts, signal), look]);
}

async function tickOn(parts: TimerParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    while ((await whenRoom(() => fireDueTimers(parts), signal)) > 0 && !signal.aborted);
    await sleep(TICK_MS, undefined, { signal }).catch(ignoreAbort);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(Error.isError(error) && error.name === 'AbortError')) throw error;
}
