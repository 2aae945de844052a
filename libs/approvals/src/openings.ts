// Requests for the same thing open one after the other: by asking again, and by annulling what ended an earlier one (E45).

/** What a learner asks for, and can have one open request for. */
export interface Thing {
  readonly beneficiary: string;
  readonly kind: string;
  readonly course: string | undefined;
}

/** Of this process: what keeps two replicas apart is the id that both would give, or the look at the read models alone. */
export class Openings {
  private readonly last = new Map<string, Promise<void>>();

  /** Looks and opens when all who came before for the same thing have done so. */
  oneByOne<Answer>({ beneficiary, kind, course }: Thing, open: () => Promise<Answer>): Promise<Answer> {
    const thing = JSON.stringify([beneficiary, kind, course]);
    const before = this.last.get(thing);
    const mine = before ? before.then(open) : open();
    const leave = () => {
      if (this.last.get(thing) === over) this.last.delete(thing);
    };
    const over = mine.then(leave, leave);
    this.last.set(thing, over);
    return mine;
  }
}
