// The linter's own rules, each seen to fail on a violation in a copy of the configuration, on every run.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './support/folders';
import { ROOT } from './support/sources';

const lines = (count: number) => Array.from({ length: count }, (_, n) => `  console.log(${n});`).join('\n');

const SEEDS: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['eslint(no-restricted-imports)', 'libs/approvals/src/nest.ts', "import '@nestjs/common';"],
  ['eslint(no-restricted-imports)', 'libs/approvals/src/node.ts', "import 'node:fs';"],
  ['eslint(no-restricted-imports)', 'libs/approvals/src/driver.ts', "import 'ioredis';"],
  ['eslint(no-restricted-imports)', 'libs/kernel/src/anything.ts', "import 'immutable';"],
  ['eslint(no-restricted-imports)', 'libs/organisation/src/upwards.ts', "import '@app/approvals';"],
  ['eslint(no-restricted-imports)', 'libs/organisation/src/upwards.controller.ts', "import '@app/approvals';"],
  ['eslint(no-restricted-imports)', 'libs/approvals/src/past-the-door.ts', "import '@app/organisation/person';"],
  ['eslint(no-restricted-imports)', 'libs/approvals/src/around-the-door.ts', "import '../../organisation/src/person';"],
  ['eslint(no-restricted-imports)', 'libs/event-log/src/domain.ts', "import '@app/approvals';"],
  ['eslint(no-restricted-imports)', 'libs/platform/src/domain.ts', "import '@app/approvals';"],
  ['eslint(no-restricted-imports)', 'apps/api/src/bus.ts', "import { EventBus } from '@nestjs/cqrs';\nconsole.log(EventBus);"],
  ['eslint(no-restricted-globals)', 'libs/approvals/src/clock.ts', 'export const now = () => Date.now();'],
  ['eslint(no-restricted-globals)', 'libs/approvals/src/timer.ts', 'setTimeout(() => undefined, 1);'],
  ['eslint(no-restricted-properties)', 'libs/approvals/src/chance.ts', 'export const chance = () => Math.random();'],
  ['eslint(no-restricted-properties)', 'libs/approvals/src/today.ts', 'export const today = () => Temporal.Now.plainDateISO();'],
  ['eslint(max-lines)', 'libs/platform/src/long.ts', lines(301)],
  ['eslint(max-lines-per-function)', 'libs/platform/src/tall.ts', `export function tall() {\n${lines(70)}\n}`],
  ['typescript(no-floating-promises)', 'libs/platform/src/floating.ts', 'async function go() {}\ngo();'],
  [
    'typescript(switch-exhaustiveness-check)',
    'libs/platform/src/forgotten.ts',
    "export function one(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}",
  ],
  ['jest(no-focused-tests)', 'libs/platform/src/focused.spec.ts', `test.${'only'}('one', () => expect(1).toBe(1));`],
  ['jest(no-disabled-tests)', 'libs/platform/src/disabled.spec.ts', `test.${'skip'}('one', () => expect(1).toBe(1));`],
];

/** What is allowed, so that the rules are not merely red everywhere. */
const ALLOWED: Readonly<Record<string, string>> = {
  'libs/approvals/src/pure.ts': "import '@app/kernel';\nimport '@app/organisation';\nimport './quorum';",
  'libs/organisation/src/maps.ts': "import 'immutable';",
  'libs/approvals/src/some.controller.ts': "import '@nestjs/common';\nimport '@app/platform';\nconsole.log(Date.now());",
  'libs/notifications/src/bullmq-queue.ts': "import 'bullmq';\nimport 'node:os';",
  'libs/approvals/src/some.spec.ts': "import '@app/event-log';\nconsole.log(Date.now());",
};

interface Finding {
  readonly code: string;
  readonly filename: string;
}

let findings: readonly Finding[];
beforeAll(() => {
  const folder = temporaryFolder();
  const write = (path: string, put: (to: string) => void) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    put(join(folder, path));
  };
  for (const path of ['oxlint.config.mts', 'tsconfig.json', 'test/architecture.ts'])
    write(path, (to) => copyFileSync(join(ROOT, path), to));
  for (const [, path, text] of SEEDS) write(path, (to) => writeFileSync(to, text));
  for (const [path, text] of Object.entries(ALLOWED)) write(path, (to) => writeFileSync(to, text));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['-f', 'json', 'apps', 'libs'], { cwd: folder, encoding: 'utf8' });
  findings = (JSON.parse(stdout) as { diagnostics: readonly Finding[] }).diagnostics;
});

test.each(SEEDS)('%s fails on %s', (rule, path) => {
  expect(findings.filter(({ filename }) => filename === path).map(({ code }) => code)).toContain(rule);
});
test.each(Object.keys(ALLOWED))('nothing fails on %s', (path) => {
  expect(findings.filter(({ filename, code }) => filename === path && code.includes('no-restricted'))).toEqual([]);
});
