// A log of many events, with read models of the whole product that show them all.
import { join } from 'node:path';
import { ReadModels, SqliteEventLog } from '@app/event-log';
import { PAGE_EVENTS_MAX, type NewEvent } from '@app/kernel';
import type { RequestEvent } from '@app/approvals';
import { newId, now, projectionsOf } from '@app/platform';
import { librariesFor } from '../../../api/src/libraries';
import { asks } from './people';
import type { Ask } from './side';

const LIBRARIES = librariesFor({});

const TOGETHER = 200;

/** Fills the folder; nobody is told of what happened in it, as if that had been done long ago. */
export async function fill(folder: string, events: number): Promise<void> {
  const log = new SqliteEventLog(folder, {}, { synchronous: 'normal' });
  const models = new ReadModels(join(folder, 'views.db'), projectionsOf(LIBRARIES));
  const next = asks();
  while ((await log.head()).position < events) {
    const together = Array.from({ length: TOGETHER }, () => next.next().value);
    await Promise.all(together.map((ask) => log.append(`request-${ask.request}`, -1, eventsOf(ask))));
    for (let page = PAGE_EVENTS_MAX; page === PAGE_EVENTS_MAX;) {
      const batch = await log.readAll({ after: models.position, max: PAGE_EVENTS_MAX });
      models.apply(batch);
      page = batch.length;
    }
  }
  for (const { name } of LIBRARIES.flatMap(({ sagas }) => sagas)) models.saveCheckpoint(name, models.position);
  models.close();
  await log.close();
}

/** All events of one approval. */
function eventsOf({ course, learner, assignment, manager, finance }: Ask): readonly NewEvent<RequestEvent>[] {
  const at = now();
  const asked = { requester: learner, beneficiary: learner, assignment, costMinor: 120_000, currency: 'EUR', on: at.slice(0, 10) };
  const events: readonly RequestEvent[] = [
    { type: 'RequestSubmitted', kind: 'enrolment', course, ...asked },
    { type: 'ApproverAsked', step: 1, slate: [{ person: manager, as: 'direct' }], skipped: [] },
    { type: 'StepApproved', step: 1, by: manager, at, nominee: finance },
    { type: 'ApproverAsked', step: 2, slate: [{ person: finance, as: 'nominee', via: manager }], skipped: [], nominatedBy: manager },
    { type: 'RequestGranted', step: 2, by: finance, at },
  ];
  const command = newId();
  return events.map((event) => ({ event, meta: { id: newId(), command, actor: learner, at } }));
}
