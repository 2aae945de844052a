// How much memory a process holds, and what many such figures say.
import { readFileSync } from 'node:fs';

/** What the process holds in memory, of everything. It needs Linux. */
export function residentMb(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 102.4) / 10;
}

export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;
}

export interface Slope {
  /** Change of y for each step of x. */
  readonly perStep: number;
  /** With a confidence of 95 % the change is at most so far from it; infinite where there are too few points to say. */
  readonly plusMinus: number;
}

/** Student's t for 95 % by the degrees of freedom, from 1 on; with more of them it is nearly 2. */
const T95 = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

/** Least squares. The points should lie far enough apart that one says little about the next. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): Slope {
  const mean = (of: (point: { x: number; y: number }) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  if (spread === 0) return { perStep: 0, plusMinus: Infinity }; // One point, or none.
  const perStep = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  const rest = points.reduce((sum, point) => sum + (point.y - y - perStep * (point.x - x)) ** 2, 0);
  const freedom = points.length - 2;
  return { perStep, plusMinus: freedom < 1 ? Infinity : (T95[freedom - 1] ?? 2.1) * Math.sqrt(rest / freedom / spread) };
}
