// What the demo expects, and whether it was so. One that is not so makes the demo fail.
import { count } from '../table';

export interface Check {
  readonly check: string;
  readonly expected: unknown;
  readonly found: unknown;
  readonly ok: boolean;
}

export class Checks {
  private readonly all: Check[] = [];

  /** Notes what was found; gives a line for people. */
  equal(check: string, found: string | number, expected: string | number): string {
    const ok = found === expected;
    this.all.push({ check, expected, found, ok });
    return ok ? `ok    ${check}: ${text(found)}` : `FAIL  ${check}: ${text(found)}, but ${text(expected)} was expected`;
  }

  get results(): readonly Check[] {
    return this.all;
  }

  get failed(): readonly Check[] {
    return this.all.filter(({ ok }) => !ok);
  }
}

/** An answer that the story does not allow. */
export class Unexpected extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unexpected';
  }
}

function text(value: string | number): string {
  return typeof value === 'number' ? count(value) : value;
}
