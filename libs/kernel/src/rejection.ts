// The one way a rule says no. Anything else that is thrown is a bug of ours.

/** What the caller did wrong, in the four classes that HTTP knows as 422 (400), 403, 404 and 409 (412). */
export type RejectionKind = 'invalid' | 'forbidden' | 'not-found' | 'conflict';

/** Facts that help the caller to go on: who decided, which choices there are, where the other request is. */
export type RejectionFacts = Readonly<Record<string, unknown>>;

/** A rule said no; nothing was recorded. `code` is kebab-case and has a line in `docs/rejections.md`. */
export class Rejection extends Error {
  constructor(
    readonly kind: RejectionKind,
    readonly code: string,
    readonly facts: RejectionFacts = {},
  ) {
    super(code);
    this.name = 'Rejection';
  }
}

/**
 * Says no.
 * @param kind who is at fault, and so which class of answer the caller sees
 * @param code stable kebab-case name of what is so, listed in `docs/rejections.md`
 * @param facts plain JSON for the caller; a `detail` in it becomes the sentence that people read
 * @throws Rejection always
 */
export function reject(kind: RejectionKind, code: string, facts?: RejectionFacts): never {
  throw new Rejection(kind, code, facts);
}

/** What was decided, or the rejection in its place; anything else that is thrown goes on rising. */
export function unlessRejected<Decided>(decide: () => Decided): Decided | Rejection {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
}
