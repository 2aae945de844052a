// Timers: a row for each fact that something becomes due, and a command when the clock has passed it.
import { setTimeout as sleep } from 'node:timers/promises';
import { LogFailed, originOf, type AnyProjection, type AnySaga, type Metadata, type RunCommand, type Timer, type Typed } from '@app/kernel';
import { refusalOf } from './follow';
import type { ReadModels } from './read-models';

interface DueRow extends Timer {
  readonly saga: string;
  readonly event: string;
}

/** The read model of all timers of the sagas. Which of them have fired is kept beside it, so that a rebuild is equal. */
export function timersOf(sagas: readonly AnySaga[]): AnyProjection {
  const on: Record<string, AnyProjection['on'][string]> = {};
  for (const { name, timers } of sagas) {
    for (const [type, timersAt] of Object.entries(timers?.on ?? {})) {
      const others = on[type];
      on[type] = (tables, event: Typed, recorded) => {
        others?.(tables, event, recorded);
        for (const { key, dueAt } of timersAt!(event)) {
          tables.run('insert or replace into timers values (?, ?, ?, ?)', name, key, dueAt, recorded.meta.id);
        }
      };
    }
  }
  return {
    name: 'timers',
    schema: `create table timers (saga text not null, key text not null, due_at text not null, event text not null, primary key (saga, key)) strict;
      create index timers_by_due on timers (due_at)`,
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
  /** Told of a timer that could not be fired; it is tried again at the next tick. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

const FIRED = `create table if not exists timers_fired (saga text not null, key text not null, due_at text not null, primary key (saga, key)) strict`;
const DUE = `select t.* from timers t left join timers_fired f using (saga, key)
  where t.due_at <= ? and (f.due_at is null or f.due_at <> t.due_at) order by t.due_at, t.key limit 500`;

/** Fires what is due, once. Answers how many fired. A crash in between repeats commands, whose ids make them one. */
export async function fireDueTimers(parts: TimerParts): Promise<number> {
  const { models, clock, warn } = parts;
  models.run(FIRED);
  const now = clock();
  let fired = 0;
  for (const { saga, key, due_at: dueAt, event } of models.all<DueRow & { due_at: string }>(DUE, now)) {
    try {
      await fire({ saga, key, dueAt, event }, now, parts);
      models.run('insert or replace into timers_fired values (?, ?, ?)', saga, key, dueAt);
      fired++;
    } catch (error) {
      if (error instanceof LogFailed) throw error;
      warn('timer not fired', { saga, key, dueAt, reason: String(error) });
    }
  }
  return fired;
}

async function fire({ saga: name, key, dueAt, event }: DueRow, now: string, { models, sagas, run }: TimerParts): Promise<void> {
  const saga = sagas.find((one) => one.name === name);
  const sends = saga?.timers?.due({ key, dueAt }, models, now) ?? [];
  const meta: Metadata = { id: `${event}/${key}/${dueAt}`, command: event, actor: name, at: now };
  for (const [place, send] of sends.entries()) await refusalOf(run, send, originOf({ name }, meta, place, now));
}

const TICK_MS = 1_000;

/** Fires timers every second until the signal. */
export async function runTimers(parts: TimerParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    while ((await fireDueTimers(parts)) > 0 && !signal.aborted);
    await sleep(TICK_MS, undefined, { signal }).catch(ignoreAbort);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
