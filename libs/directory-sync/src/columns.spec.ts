// docs/import-columns.md is held to the presets: every column is there, and none that is not read (M7).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRESETS } from './presets';
import { readSheet } from './read-sheet';
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

/** The columns that each product writes, as its own manual has them. */
const WRITTEN: readonly (readonly [string, string, string])[] = [
  [
    'totara',
    'jobs',
    'idnumber,useridnumber,timemodified,deleted,fullname,startdate,enddate,orgidnumber,posidnumber,appraiseridnumber,manageridnumber,managerjaidnumber,tempmanageridnumber,tempmanagerjaidnumber,tempmanagerexpirydate',
  ],
  [
    'totara12',
    'jobs',
    'idnumber,useridnumber,timemodified,deleted,fullname,startdate,enddate,orgidnumber,posidnumber,appraiseridnumber,manageridnumber,managerjobassignmentidnumber',
  ],
  [
    'totara25',
    'users',
    'idnumber,timemodified,username,deleted,firstname,lastname,email,orgidnumber,postitle,posidnumber,posstartdate,posenddate,manageridnumber,appraiseridnumber',
  ],
  [
    'workplace',
    'users',
    'username,firstname,lastname,email,tenant,jobdepartment1,jobposition1,jobstartdate1,jobenddate1,jobdepartment2,jobposition2,jobstartdate2,jobenddate2',
  ],
  ['latitude', 'users', 'Username,First Name,Last Name,Email,Manager Username,Alternate Manager Usernames'],
  [
    'native',
    'assignments',
    'person_id,assignment_id,position_type,position_id,organisation_id,title,valid_from,valid_to,manager_ref,manager_responsibilities,manager_kind,manager_valid_from,manager_valid_to,cost_centre,deleted',
  ],
  [
    'native',
    'assignments',
    'useridnumber,idnumber,timemodified,deleted,fullname,startdate,enddate,orgidnumber,posidnumber,manageridnumber',
  ],
];
test.each(WRITTEN)('%s reads every column of %s that its product writes', async (preset, element, header) => {
  const content = Buffer.from(`${header}\n${header.replaceAll(/[^,]+/g, 'x')}`);
  const { sheet } = await readSheet({ name: 'file.csv', content, mappings: PRESETS[preset]!, element, stated: {} });
  expect(sheet.noted).toEqual([]);
});
