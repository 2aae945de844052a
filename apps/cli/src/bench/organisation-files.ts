// An organisation as CSV files, always the same for one size: three jobs each, units in a tree, the head of a unit above its people.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export const JOBS_EACH = 3;
const PEOPLE_PER_UNIT = 20;
const UNITS_PER_UNIT = 8;

export const FILES = ['organisations.csv', 'people.csv', 'assignments.csv'] as const;

/** Writes the files and answers how many rows they have. With `changed`, one of so many people is another in each of his rows. */
export async function writeFiles(folder: string, people: number, changed?: number): Promise<number> {
  const units = Math.ceil(people / PEOPLE_PER_UNIT);
  const isChanged = (person: number) => changed !== undefined && person % changed === 0;
  const rows = {
    'organisations.csv': unitRows(units),
    'people.csv': personRows(people, isChanged),
    'assignments.csv': jobRows(people, units, isChanged),
  };
  for (const name of FILES) await pipeline(Readable.from(rows[name]), createWriteStream(join(folder, name)));
  return units + people + people * JOBS_EACH;
}

function* unitRows(units: number): Generator<string> {
  yield 'idnumber,fullname,parentidnumber\n';
  for (let unit = 0; unit < units; unit++) yield `U${unit},Unit number ${unit},${unit === 0 ? '' : `U${above(unit)}`}\n`;
}

function* personRows(people: number, isChanged: (person: number) => boolean): Generator<string> {
  yield 'idnumber,username,firstname,lastname,email\n';
  for (let person = 0; person < people; person++) {
    yield `P${person},user${person},Given ${person},Family${isChanged(person) ? ' New' : ''},user${person}@example.org\n`;
  }
}

function* jobRows(people: number, units: number, isChanged: (person: number) => boolean): Generator<string> {
  yield 'person_id,assignment_id,position_type,organisation_id,title,valid_from,manager_ref,manager_kind,manager_responsibilities\n';
  for (let person = 0; person < people; person++) {
    for (let job = 0; job < JOBS_EACH; job++) {
      // Who heads a unit has all jobs there, under the head of the unit above; others have each job elsewhere.
      const heads = person < units;
      const unit = heads ? person : (person * (2 * job + 1) + job) % units;
      const manager = !heads ? `P${unit}` : unit === 0 ? '' : `P${above(unit)}`;
      const title = isChanged(person) ? 'Senior Nurse' : 'Nurse';
      yield `P${person},P${person}-${job},substantive,U${unit},${title},2024-01-01,${manager},direct,approval;reporting\n`;
    }
  }
}

function above(unit: number): number {
  return Math.floor((unit - 1) / UNITS_PER_UNIT);
}
