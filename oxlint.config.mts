// The linter's rules: sizes, promises, exhaustive switches, and the table of test/architecture.ts.
import { defineConfig } from 'oxlint';
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
} from './test/architecture.ts';

const libraries = Object.keys(MAY_IMPORT);
const domains = libraries.filter((library) => !PLUMBING.includes(library));

/** Refuses the imports of these groups, and the parts of @nestjs/cqrs that lose events. */
function imports(...group: readonly string[]) {
  return [
    'error' as const,
    {
      paths: [{ name: '@nestjs/cqrs', importNames: [...FORBIDDEN_OF_CQRS], message: 'It loses events; follow the log instead.' }],
      patterns: group.length > 0 ? [{ group: [...group], message: 'See the table in test/architecture.ts.' }] : [],
    },
  ] as const;
}

function frontDoors(library: string): string[] {
  return (MAY_IMPORT[library] ?? []).map((other) => `!@app/${other}`);
}

/** A pure file imports its neighbours, front doors in the direction of the table, and pure packages. */
function onlyPure(library: string) {
  return imports('**', '!.', '!./*', ...frontDoors(library), ...(PURE_PACKAGES[library] ?? []).map((name) => `!${name}`));
}

/** Plumbing and Nest files import packages too, but of our libraries only those of the table. */
function onlyDownwards(library: string, ...more: readonly string[]) {
  return imports('../**', '@app/**', ...frontDoors(library), ...more);
}

export default defineConfig({
  plugins: ['typescript', 'import', 'promise', 'jest', 'unicorn', 'oxc'],
  options: { typeAware: true },
  categories: { correctness: 'error' },
  ignorePatterns: ['dist', 'node_modules', 'coverage'],
  rules: {
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 70 }],
    'no-restricted-imports': imports(),
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      { allowDefaultCaseForExhaustiveSwitch: false, considerDefaultExhaustiveForUnions: true },
    ],
    'typescript/ban-ts-comment': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    'import/no-self-import': 'error',
    'typescript/restrict-template-expressions': 'off',
    'jest/no-focused-tests': 'error',
    'jest/no-disabled-tests': 'error',
    'jest/expect-expect': 'off', // A scenario and a property assert by themselves.
  },
  overrides: [
    ...domains.map((library) => ({
      files: [`libs/${library}/src/**/*.ts`],
      rules: {
        'no-restricted-imports': onlyPure(library),
        'no-restricted-globals': ['error' as const, ...FORBIDDEN_GLOBALS],
        'no-restricted-properties': ['error' as const, ...FORBIDDEN_PROPERTIES.map(([object, property]) => ({ object, property }))],
      },
    })),
    ...domains.map((library) => ({
      files: [
        ...NEST_FILES.map((kind) => `libs/${library}/src/**/*.${kind}.ts`),
        ...Object.keys(ADAPTERS).filter((path) => path.startsWith(`libs/${library}/`)),
      ],
      rules: { ...unrestricted(), 'no-restricted-imports': onlyDownwards(library, ...NEST_MAY_IMPORT.map((other) => `!@app/${other}`)) },
    })),
    ...PLUMBING.map((library) => ({
      files: [`libs/${library}/src/**/*.ts`],
      rules: { 'no-restricted-imports': onlyDownwards(library) },
    })),
    {
      files: ['**/*.spec.ts', 'test/**/*.ts'],
      rules: { ...unrestricted(), 'no-restricted-imports': imports(), 'max-lines-per-function': 'off' },
    },
  ],
});

function unrestricted() {
  return { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' } as const;
}
