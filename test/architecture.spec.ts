// Who may import whom, read from the real imports. Each rule is also seen to fail on a small violation, on every run.
import { dirname, join } from 'node:path/posix';
import {
  ADAPTERS,
  FORBIDDEN_GLOBALS,
  FORBIDDEN_OF_CQRS,
  FORBIDDEN_PROPERTIES,
  MAY_IMPORT,
  NEST_FILES,
  NEST_MAY_IMPORT,
  PLUMBING,
  PURE_PACKAGES,
} from './architecture';
import { filesLike, parse, type Source } from './support/sources';

const isSpec = (path: string) => path.endsWith('.spec.ts');
const libraryOf = (path: string) => /^libs\/([^/]+)\/src\//.exec(path)?.[1];
const isNest = (path: string) => NEST_FILES.some((kind) => path.endsWith(`.${kind}.ts`));
const isPure = (path: string) => {
  const library = libraryOf(path);
  return library !== undefined && !PLUMBING.includes(library) && !isSpec(path) && !isNest(path) && !(path in ADAPTERS);
};
/** The library in `@app/<library>`, with the file behind it if one is named. */
const ours = (from: string) => (from.startsWith('@app/') ? from.slice('@app/'.length) : undefined);

/** Says of each import what is wrong with it. */
function eachImport(sources: readonly Source[], fault: (path: string, from: string, names: readonly string[]) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.filter(({ from, names }) => fault(path, from, names)).map(({ from }) => `${path}: ${from}`),
  );
}

interface Rule {
  readonly name: string;
  readonly faults: (sources: readonly Source[]) => readonly string[];
  /** Files that break the rule. */
  readonly seed: Readonly<Record<string, string>>;
}

const RULES: readonly Rule[] = [
  {
    name: 'every library has its line in the table',
    faults: (sources) => sources.flatMap(({ path }) => (libraryOf(path) === undefined || libraryOf(path)! in MAY_IMPORT ? [] : [path])),
    seed: { 'libs/payroll/src/index.ts': '' },
  },
  {
    name: 'the kernel imports nothing',
    faults: (sources) => eachImport(sources, (path, from) => libraryOf(path) === 'kernel' && !isSpec(path) && !/^\.($|\/)/.test(from)),
    seed: { 'libs/kernel/src/clock.ts': "import { hrtime } from 'node:process';" },
  },
  {
    name: 'a pure file imports its neighbours, front doors of the table, and pure packages',
    faults: (sources) =>
      eachImport(sources, (path, from) => {
        if (!isPure(path) || /^\.($|\/)/.test(from)) return false;
        const library = libraryOf(path)!;
        return !(MAY_IMPORT[library] ?? []).includes(ours(from) ?? '') && !(PURE_PACKAGES[library] ?? []).includes(from);
      }),
    seed: { 'libs/approvals/src/quorum.ts': "import { Injectable } from '@nestjs/common';" },
  },
  {
    name: 'a library uses no library against the direction of the table',
    faults: (sources) =>
      eachImport(sources, (path, from) => {
        const library = libraryOf(path);
        if (!library || isSpec(path) || !ours(from)) return false;
        const nest = !PLUMBING.includes(library) && !isPure(path) ? NEST_MAY_IMPORT : [];
        return ![...(MAY_IMPORT[library] ?? []), ...nest].includes(ours(from)!);
      }),
    seed: { 'libs/organisation/src/people.controller.ts': "import type { Chain } from '@app/approvals';" },
  },
  {
    name: 'nobody reaches past a front door, but for the modules that an application lists',
    faults: (sources) =>
      eachImport(sources, (path, from) => {
        if (libraryOf(path) && !isSpec(path)) return from.startsWith('../');
        const door = ours(from)?.split('/');
        return path.startsWith('apps/') && door !== undefined && door.length > 1 && !door[1]!.endsWith('.module') && door[0] !== 'platform';
      }),
    seed: { 'apps/api/src/shortcut.ts': "import { fold } from '@app/approvals/approval-request';" },
  },
  {
    name: 'a front door is free of Nest',
    faults: (sources) => {
      const graph = graphOf(sources);
      const byPath = new Map(sources.map((source) => [source.path, source]));
      return sources
        .filter(({ path }) => path.endsWith('/src/index.ts') && libraryOf(path) !== 'platform')
        .flatMap(({ path }) => [...reachable(graph, path)].filter((file) => libraryOf(file) === libraryOf(path)))
        .filter((file) => byPath.get(file)!.imports.some(({ from }) => /^(@nestjs\/|rxjs|fastify)/.test(from)));
    },
    seed: {
      'libs/approvals/src/index.ts': "export * from './inbox';",
      'libs/approvals/src/inbox.ts': "import './inbox.controller';",
      'libs/approvals/src/inbox.controller.ts': "import { Get } from '@nestjs/common';",
    },
  },
  {
    name: 'a pure file has no clock, no chance, and no way out',
    faults: (sources) =>
      sources
        .filter(({ path }) => isPure(path))
        .flatMap(({ path, uses }) =>
          [...FORBIDDEN_GLOBALS, ...FORBIDDEN_PROPERTIES.map((parts) => parts.join('.'))]
            .filter((name) => uses.has(name))
            .map((name) => `${path}: ${name}`),
        ),
    seed: { 'libs/approvals/src/deadline.ts': 'export const late = (due: number) => Temporal.Now.instant().epochMilliseconds > due;' },
  },
  {
    name: 'nobody takes what loses events from @nestjs/cqrs',
    faults: (sources) =>
      eachImport(
        sources,
        (_path, from, names) => from === '@nestjs/cqrs' && names.some((name) => name === '*' || FORBIDDEN_OF_CQRS.includes(name)),
      ),
    seed: { 'libs/platform/src/bus.ts': "import { CommandBus, EventBus } from '@nestjs/cqrs';" },
  },
  {
    name: 'files import one another in no circle',
    faults: (sources) => circles(graphOf(sources.filter(({ path }) => !isSpec(path)))),
    seed: {
      'libs/approvals/src/a.ts': "import './b';",
      'libs/approvals/src/b.ts': "import './c';",
      'libs/approvals/src/c.ts': "import type { A } from './a';",
    },
  },
];

const files = filesLike('apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts');
const sources = files.map((path) => parse(path));

test('there are sources to look at', () => expect(sources.length).toBeGreaterThan(50));

describe.each(RULES)('$name', ({ faults, seed }) => {
  test('in the sources', () => expect(faults(sources)).toEqual([]));
  test('and is seen to fail on a violation', () =>
    expect(faults(Object.entries(seed).map(([path, text]) => parse(path, text)))).not.toEqual([]));
});

test('the table has no circle', () => {
  expect(circles(new Map(Object.entries(MAY_IMPORT)))).toEqual([]);
  expect(circles(new Map(Object.entries({ a: ['b'], b: ['a'], c: ['a'] })))).toEqual(['a', 'b']);
});
test('every adapter of the list is there', () => expect(Object.keys(ADAPTERS).filter((path) => !files.includes(path))).toEqual([]));
test.each(Object.entries(ADAPTERS))('%s reaches outside, and so needs its line: %s', (path) => {
  const source = { ...parse(path), path: path.replace('.ts', '-as-if-pure.ts') };
  expect(RULES.flatMap(({ faults }) => faults([source]))).not.toEqual([]);
});

/** The files that each file imports, of those given. */
function graphOf(all: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(all.map(({ path }) => path));
  const fileOf = (path: string, from: string) => {
    const [library, file = 'index'] = ours(from)?.split(/\/(.*)/) ?? [];
    const base = library ? `libs/${library}/src/${file}` : join(dirname(path), from);
    return [base, `${base}.ts`, `${base}/index.ts`].find((candidate) => known.has(candidate));
  };
  return new Map(
    all.map(({ path, imports }) => {
      const relative = imports.filter(({ from }) => from.startsWith('.') || from.startsWith('@app/'));
      return [path, relative.map(({ from }) => fileOf(path, from)).filter((file) => file !== undefined)];
    }),
  );
}

function reachable(graph: ReadonlyMap<string, readonly string[]>, from: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const next of graph.get(from) ?? []) reachable(graph, next, seen);
  return seen;
}

function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  return [...graph].flatMap(([node, nexts]) => (nexts.some((next) => reachable(graph, next).has(node)) ? [node] : []));
}
