// Requests for the same thing open one after the other: by asking again, and by annulling what ended an earlier one (E45).
import { OneByOne } from '@app/kernel';

/** What a learner asks for, and can have one open request for. */
export interface Thing {
  readonly beneficiary: string;
  readonly kind: string;
  readonly course: string | undefined;
}

/** Of this process: what keeps two replicas apart is the id that both would give, or the look at the read models alone. */
export class Openings {
  private readonly things = new OneByOne();

  /** Looks and opens when all who came before for the same thing have done so. */
  oneByOne<Answer>({ beneficiary, kind, course }: Thing, open: () => Promise<Answer>): Promise<Answer> {
    return this.things.under(JSON.stringify([beneficiary, kind, course]), open);
  }
}
