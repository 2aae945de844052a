// What the read models would show if some events were recorded: they are taken, asked, and taken back.
import { LogFull, type Cell, type NewEvent, type Recorded, type Row, type Tables, type Views } from '@app/kernel';
import { isDiskFull } from './open-log';
import type { ReadModels } from './read-models';

/** An event that is about to be recorded in a stream. */
export interface SupposedEvent extends NewEvent {
  readonly stream: string;
}

/** The question is asked in one go; nothing of what it saw stays. @throws LogFull where there is no room to suppose it */
export function supposing<Answer>(models: ReadModels, events: readonly SupposedEvent[], ask: (views: Views) => Answer): Answer {
  if (events.length === 0) return ask(models);
  try {
    return supposed(models, events, ask);
  } catch (error) {
    throw isDiskFull(error) ? new LogFull(error) : error;
  }
}

function supposed<Answer>(models: ReadModels, events: readonly SupposedEvent[], ask: (views: Views) => Answer): Answer {
  // Alone in its transaction, so that taking it back takes nothing else along.
  models.commit();
  const tables: Tables = {
    get: <Found = Row>(sql: string, ...values: Cell[]) => models.get<Found>(sql, ...values),
    all: <Found = Row>(sql: string, ...values: Cell[]) => models.all<Found>(sql, ...values),
    run: (sql, ...values) => models.run(sql, ...values),
  };
  models.run('begin immediate');
  try {
    for (const [place, { stream, event, meta }] of events.entries()) {
      const recorded: Recorded = { stream, event, meta, position: models.position + 1 + place, revision: 0 };
      for (const { on } of models.projections) on[event.type]?.(tables, event, recorded);
    }
    return ask(tables);
  } finally {
    if (models.file.inTransaction) models.run('rollback'); // A full disk has rolled back by itself.
  }
}
