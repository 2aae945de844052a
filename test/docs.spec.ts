// The lists in docs are held to the code: no code, event or rule that exists is missing, and none is listed that does not exist.
import ts from 'typescript';
import type { EventFields, Library, Typed } from '@app/kernel';
import { filesLike, ROOT, textOf } from './support/sources';

/** The rows of all tables in a file, without heads and rules; cells without the spaces around them. */
function rowsOf(path: string): readonly (readonly string[])[] {
  const lines = textOf(path).split('\n');
  const isRow = (line = '') => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line);
  return lines
    .filter((line, at) => isRow(line) && !/^\|[\s:|-]+\|$/.test(lines[at + 1] ?? ''))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const named = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, names]) => names!.split(/,\s*/));
const twice = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) !== at);

describe('docs/rejections.md', () => {
  const listed = rowsOf('docs/rejections.md').map(([code]) => named(code!)[0]!);
  const files = filesLike('apps/*/src/**/*.ts', 'libs/*/src/**/*.ts').filter((path) => !path.endsWith('.spec.ts'));
  const parsed = files.map((path) => ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ESNext, true));

  test('lists every code that a caller can meet', () =>
    expect([...codesIn(parsed)].filter((code) => !listed.includes(code)).sort()).toEqual([]));
  test('lists no code that nothing says', () => {
    const said = new Set(parsed.flatMap((file) => literalsIn(file)));
    expect(listed.filter((code) => !said.has(code))).toEqual([]);
  });
  test('lists each once, with its kind and what to do', () => {
    expect(twice(listed)).toEqual([]);
    expect(rowsOf('docs/rejections.md').filter(([, kind, what]) => !kind || !what)).toEqual([]);
  });
});

describe('docs/events.md', () => {
  const rows = rowsOf('docs/events.md').map(([event, decider, fields, meaning]) => ({
    event: named(event!)[0]!,
    decider: decider!.replaceAll('`', ''),
    fields: fields!,
    meaning,
  }));
  /** Fields as written; "as `Other`" stands for those of another event. */
  const fieldsOf = (cell: string): readonly string[] => {
    const same = /^as `(\w+)`$/.exec(cell)?.[1];
    const other = rows.find(({ event }) => event === same);
    return other ? fieldsOf(other.fields) : named(cell.replace(/ of .*/, '')).sort();
  };
  const listed = Object.fromEntries(rows.map(({ event, decider, fields }) => [`${decider} ${event}`, fieldsOf(fields)]));

  test('lists exactly the events that are recorded, with their fields', () => {
    const recorded = libraries().flatMap(({ deciders }) =>
      deciders.flatMap(({ name, events }) =>
        Object.entries(events as EventFields<Typed>).map(([type, fields]) => [`${name} ${type}`, fieldNames(fields)] as const),
      ),
    );
    expect(recorded.length).toBeGreaterThan(0);
    expect(listed).toEqual(Object.fromEntries(recorded));
  });
  test('lists each once', () => expect(twice(rows.map(({ event, decider }) => `${decider} ${event}`))).toEqual([]));
  test('says of each what it means', () => expect(rows.filter(({ meaning }) => !meaning).map(({ event }) => event)).toEqual([]));
});

describe('docs/rules.md', () => {
  const rows = rowsOf('docs/rules.md').map(([id, , spec]) => [id!, spec!.replaceAll('`', '')] as const);

  test.each(rows)('%s is shown by %s', (id, spec) => expect(textOf(spec)).toMatch(new RegExp(`\\b${id}\\b`)));
  test('lists each once', () => expect(twice(rows.map(([id]) => id))).toEqual([]));
});

function fieldNames(fields: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(fields)
    .map(([field, kind]) => (kind.endsWith('?') ? `${field}?` : field))
    .sort();
}

/** What the front doors bring to the runtime. */
function libraries(): readonly Library[] {
  const isLibrary = (value: unknown): value is Library => typeof value === 'object' && value !== null && 'deciders' in value;
  return filesLike('libs/*/src/index.ts')
    .filter((path) => !path.startsWith('libs/platform/'))
    .flatMap((path) => Object.values(jest.requireActual<Record<string, unknown>>(`${ROOT}/${path}`)).filter(isLibrary));
}

/**
 * Codes as they are written: the second argument of `reject` and `Rejection`, what is given for a parameter named
 * `code`, what a property named `code` or a function named `code…` holds, and tables with CODE in their names.
 */
function codesIn(files: readonly ts.SourceFile[]): ReadonlySet<string> {
  const places = new Map(Object.entries({ reject: 1, Rejection: 1 }));
  const codes = new Set<string>();
  const add = (node: ts.Node | undefined) =>
    node &&
    literalsIn(node)
      .filter(isCode)
      .forEach((code) => codes.add(code));
  for (const file of files) {
    walk(file, (node) => {
      if (!ts.isFunctionDeclaration(node) || !node.name) return;
      const at = node.parameters.findIndex(({ name }) => name.getText() === 'code');
      if (at >= 0) places.set(node.name.text, at);
    });
  }
  for (const file of files) {
    walk(file, (node) => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
        const at = places.get(node.expression.getText());
        if (at !== undefined) add(node.arguments?.[at]);
      } else if (ts.isPropertyAssignment(node) && /^(code|unknown|loop)$/.test(node.name.getText())) add(node.initializer);
      else if (ts.isVariableDeclaration(node) && /CODE/.test(node.name.getText())) add(node.initializer);
      else if (ts.isFunctionDeclaration(node) && node.name?.text.startsWith('code')) returnsOf(node).forEach(add);
    });
  }
  return codes;
}

const isCode = (text: string) => /^[a-z0-9]+(-[a-z0-9]+)+$/.test(text) || text === 'busy';

function returnsOf(node: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  walk(node, (part) => ts.isReturnStatement(part) && found.push(part));
  return found;
}

function literalsIn(node: ts.Node): readonly string[] {
  const found: string[] = [];
  walk(node, (part) => ts.isStringLiteralLike(part) && found.push(part.text));
  return found;
}

function walk(node: ts.Node, visit: (node: ts.Node) => unknown): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
