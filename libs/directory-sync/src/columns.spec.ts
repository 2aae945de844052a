// docs/import-columns.md is held to the presets: every column is there, and none that is not read (M7).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRESETS } from './presets';
import { FIELDS } from './fields';
import { requiredBy, type Mapping } from './mapping';

const DOC = readFileSync(join(__dirname, '../../../docs/import-columns.md'), 'utf8');

/** One line for each column: preset, element, headers, what the cell is, whether it must be there, what it says. */
function linesOf(preset: string, mapping: Mapping): readonly string[] {
  return Object.entries(mapping.columns).map(([field, names]) => {
    const { kind, says, example } = FIELDS[mapping.element][field]!;
    const must = requiredBy(mapping).includes(field) ? 'yes' : '';
    return [preset, mapping.element, names.join(' or '), kind, must, says, `\`${example}\``].join(' | ');
  });
}
const expected = Object.entries(PRESETS).flatMap(([preset, mappings]) => mappings.flatMap((mapping) => linesOf(preset, mapping)));
const sections = DOC.split(/^## /m).slice(1);
const documented = sections.flatMap((section) => {
  const [, preset, element] = /^`(\w+)`: `(\w+)`/.exec(section)!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) => {
    const [names, kind, required, says, example] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return [preset, element, names!.replaceAll('`', ''), kind, required, says, example].join(' | ');
  });
});

test('every column that a preset reads is documented, with its kind and whether it must be there', () =>
  expect(documented.toSorted()).toEqual(expected.toSorted()));
test('columns that are known and feed nothing are named too', () => {
  for (const [preset, mappings] of Object.entries(PRESETS)) {
    for (const { element, ignored = [] } of mappings) {
      const section = sections.find((one) => one.startsWith(`\`${preset}\`: \`${element}\``))!;
      for (const name of ignored) expect(section).toContain(`\`${name}\``);
    }
  }
});
test('words for nobody are named', () => {
  const words = Object.values(PRESETS).flatMap((mappings) => mappings.flatMap(({ vacant = [], top = [] }) => [...vacant, ...top]));
  for (const word of words.filter((one) => one !== '')) expect(DOC).toContain(`\`${word}\``);
});
