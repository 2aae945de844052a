// Suites of faults have a short form, which `npm test` runs, and a full one, which `npm run test:faults` runs.

/** How often a suite goes round: ROUNDS says it, else its form. */
export function rounds(short: number, full: number): number {
  return Number(process.env['ROUNDS'] ?? (process.env['FULL'] ? full : short));
}

/** How long a suite runs: SECONDS says it, else its form. */
export function seconds(short: number, full: number): number {
  return Number(process.env['SECONDS'] ?? (process.env['FULL'] ? full : short));
}
