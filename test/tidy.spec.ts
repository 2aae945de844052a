// What a reader would trip over, in every file of ours.
import { filesLike, textOf } from './support/sources';

const LINES_MAX = 300;
/** Written apart, so that whoever searches for these words does not find them here. */
const word = (...parts: readonly string[]) => parts.join('');

const UNWANTED: readonly (readonly [what: string, where: RegExp])[] = [
  ['a test that does not run', /\b(describe|it|test)\.(only|skip|todo|failing)\b|\b(xit|[xf]describe|[xf]test)\(/],
  ['a type error that is hushed', new RegExp(word('@ts-', '(ignore|expect-error|nocheck)'))],
  ['a lint rule that is hushed', new RegExp(word('(ox|es)lint-', 'disable'))],
  ['an open end', new RegExp(word('\\b(TO', 'DO|FIX', 'ME|XX', 'X)\\b'))],
  ['something outside the project', new RegExp(word('\\.\\./sha', 'red|/work/'))],
  ['a thing that is not real', new RegExp(word('\\b(stub(bed)? out|for n', 'ow|fake data|hard-?coded for|not implemen', 'ted)\\b'), 'i')],
  ['a module that is mocked', new RegExp(word('jest\\.', '(mock|doMock|spyOn)\\('))],
];

const code = filesLike('apps/**/*.{ts,tsx,mts}', 'libs/**/*.{ts,tsx,mts}', 'test/**/*.{ts,tsx,mts}', '*.{ts,mts,js}');
const texts = [...code, ...filesLike('*.md', '{docs,libs,apps,test}/**/*.md', '*.json', '*.sh', '.ci/*', 'docker/**/*')].filter(
  (path) => !['package-lock.json', 'test/tidy.spec.ts'].includes(path),
);

test('there are files to look at', () => expect(texts.length).toBeGreaterThan(50));

test(`no file has more than ${LINES_MAX} lines`, () => {
  const long = code.filter((path) => textOf(path).trimEnd().split('\n').length > LINES_MAX);
  expect(long).toEqual([]);
});

test.each(UNWANTED)('no file holds %s', (_what, where) => {
  const found = texts.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, at) => (where.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
  );
  expect(found).toEqual([]);
});

test('every library has its README', () => {
  const libraries = filesLike('libs/*/src/index.ts').map((path) => path.split('/')[1]);
  expect(libraries.filter((library) => filesLike(`libs/${library}/README.md`).length === 0)).toEqual([]);
});

test('the lock file names the builds for other machines too, without which `npm ci` refuses', () => {
  const { packages } = JSON.parse(textOf('package-lock.json')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});
