// How far an import is, for whoever waits for it. Kept by the process that carries it out; what it came to is in the log.
import { LogFailed, Rejection } from '@app/kernel';

export const PHASES = ['reading', 'comparing', 'recording'] as const;
export interface Progress {
  readonly phase: (typeof PHASES)[number];
  /** Rows; known once the files are read. */
  readonly done: number;
  readonly total: number;
}
export type Tell = (progress: Progress) => void;

export function toNobody(): void {}

/** One that is carried out here, and how it ended. */
export interface UnderWay<Answer> {
  readonly progress: Progress;
  readonly answer?: Answer;
  /** Why it was refused, or failed. */
  readonly problem?: { readonly code: string } & Readonly<Record<string, unknown>>;
}
type Followed<Answer> = { -readonly [Field in keyof UnderWay<Answer>]: UnderWay<Answer>[Field] };

/** Ended ones that are remembered, for those who were told to ask again. */
const KEPT_MAX = 10;

export class ImportsUnderWay<Answer> {
  private readonly all = new Map<string, Followed<Answer>>();

  get(id: string): UnderWay<Answer> | undefined {
    return this.all.get(id);
  }

  /** Does the work under the id, which is known from now on until it is forgotten. */
  follow(id: string, work: (tell: Tell) => Promise<Answer>): Promise<Answer> {
    const followed: Followed<Answer> = { progress: { phase: 'reading', done: 0, total: 0 } };
    this.all.delete(id);
    this.all.set(id, followed);
    const ended = [...this.all].filter(([, one]) => one.answer ?? one.problem);
    for (const [old] of ended.slice(0, Math.max(0, ended.length - KEPT_MAX))) this.all.delete(old);
    const working = work((progress) => (followed.progress = progress));
    working.then(
      (answer) => (followed.answer = answer),
      (error: unknown) => (followed.problem = problemOf(error)),
    );
    return working;
  }

  /** It has been answered at once, so nobody will ask. */
  forget(id: string): void {
    this.all.delete(id);
  }
}

function problemOf(error: unknown): { readonly code: string } {
  if (error instanceof Rejection) return { code: error.code, ...error.facts };
  return { code: error instanceof LogFailed ? 'log-failed' : 'internal-error' };
}
