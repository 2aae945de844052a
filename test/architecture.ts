// Who may import whom. The linter (oxlint.config.ts) and test/architecture.spec.ts both keep this table.

/** The libraries whose front doors each library may use. One that is not listed does not belong yet. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  'event-log': ['kernel'],
  platform: ['kernel', 'event-log'],
  organisation: ['kernel'],
  'directory-sync': ['kernel', 'organisation'],
  approvals: ['kernel', 'organisation'],
  notifications: ['kernel', 'organisation', 'approvals'],
  access: ['kernel', 'organisation'],
  audit: ['kernel', 'organisation', 'directory-sync', 'approvals', 'notifications', 'access'],
};

/** Packages that a pure file may use: values in, values out, like our own. */
export const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  organisation: ['immutable'],
};

/** Libraries that are plumbing from end to end. */
export const PLUMBING: readonly string[] = ['event-log', 'platform'];

/** Files of domain libraries that reach outside, and what for. All others are pure, but for Nest's own kinds of file. */
export const ADAPTERS: Readonly<Record<string, string>> = {
  'libs/access/src/authentication.ts': 'compares tokens in constant time, for the guard of Nest',
  'libs/approvals/src/request-reader.ts': 'a provider of Nest: what the caller may read of requests',
  'libs/directory-sync/src/packed-file.ts': 'compresses files, and takes digests of plans',
  'libs/directory-sync/src/read-csv.ts': 'streams CSV through a parser',
  'libs/notifications/src/bullmq-queue.ts': 'speaks to Redis',
  'libs/notifications/src/in-process-queue.ts': 'waits for delays by the clock',
  'libs/notifications/src/smtp-channel.ts': 'speaks to a mail server',
  'libs/notifications/src/delivery-metrics.ts': 'gives figures to the registry of metrics',
  'libs/notifications/src/feed.ts': 'looks again every quarter of a minute',
  'libs/notifications/src/queue-watch.ts': 'sends a heartbeat every minute',
  'libs/notifications/src/within.ts': 'ends a wait by the clock',
};

/** Kinds of file that belong to Nest: they translate or list, and hold no rules. */
export const NEST_FILES: readonly string[] = ['controller', 'module', 'dto'];

/** What Nest files and adapters may use of our libraries beside what the rest of their library may. */
export const NEST_MAY_IMPORT: readonly string[] = ['platform', 'platform/metrics', 'platform/schemas', 'event-log', 'access'];

/** What a pure file cannot have: a clock, chance, or a way out of the process. */
export const FORBIDDEN_GLOBALS: readonly string[] = [
  'Date',
  'crypto',
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'globalThis',
];
export const FORBIDDEN_PROPERTIES: readonly (readonly [object: string, property: string])[] = [
  ['Math', 'random'],
  ['Temporal', 'Now'],
];

/** What loses events: it lives in memory and swallows what is thrown. */
export const FORBIDDEN_OF_CQRS: readonly string[] = ['EventBus', 'EventsHandler', 'Saga', 'AggregateRoot', 'EventPublisher'];
