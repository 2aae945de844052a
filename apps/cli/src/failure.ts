// How a verb ends when it does not end well: the exit code that scripts rely on, and what people read.

/** 0 done, 1 refused or rows rejected, 2 wrong usage, 3 cannot reach. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A verb cannot do what was asked, and it is no bug of ours. */
export class Failure extends Error {
  constructor(
    readonly exit: ExitCode,
    readonly code: string,
    message: string,
    /** What the API said beside its code. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'Failure';
  }
}
