// A process that brings the read models in DATA_DIR to the end of the log, and dies right after their KILL_AT-th statement.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as EventLogs from '@app/event-log';
import type { AnyProjection, Tables } from '@app/kernel';
import type { Runtime } from '@app/platform';
import type * as Libraries from '../../apps/api/src/libraries.js';
import type * as EveryEvent from './every-event.js';

const load = createRequire(import.meta.url);
const { followWithReadModels, ReadModels, SqliteEventLog } = load('../../dist/libs/event-log/src/index.js') as typeof EventLogs;
const { projectionsOf } = load('../../dist/libs/platform/src/runtime.js') as {
  projectionsOf: (libraries: Runtime['libraries']) => readonly AnyProjection[];
};
const { librariesFor } = load('../../dist/apps/api/src/libraries.js') as typeof Libraries;
const { everyEventOf } = load('./every-event.ts') as typeof EveryEvent;
const { DATA_DIR = '', KILL_AT = '' } = process.env;
let statements = 0;

const libraries = librariesFor({});
const log = new SqliteEventLog(DATA_DIR);
const models = new ReadModels(join(DATA_DIR, 'views.db'), [...projectionsOf(libraries), everyEventOf(libraries)].map(mortal));
const stop = new AbortController();
// A transaction for each batch, where there would be one for many: deaths fall in the middle of some and between others.
const take = models.apply.bind(models);
models.apply = (batch) => {
  take(batch);
  models.commit();
};
const following = followWithReadModels(log, models, stop.signal);
await models.reached((await log.head()).position);
stop.abort();
await following;
models.close();
await log.close();

/** The same read model, whose statements are counted: the last one before the death may be in the middle of an event. */
function mortal(projection: AnyProjection): AnyProjection {
  const on = Object.entries(projection.on).map(([type, handle]) => {
    const counted: typeof handle = (tables, event, recorded) => handle!(counting(tables), event, recorded);
    return [type, counted];
  });
  return { ...projection, on: Object.fromEntries(on) };
}

function counting(tables: Tables): Tables {
  return {
    get: (sql, ...values) => tables.get(sql, ...values),
    all: (sql, ...values) => tables.all(sql, ...values),
    run(sql, ...values) {
      const written = tables.run(sql, ...values);
      statements += 1;
      if (statements === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL');
      return written;
    },
  };
}
