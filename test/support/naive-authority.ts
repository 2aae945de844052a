// Who may decide, told a second time and as simply as can be: what the rules are held against.

export interface Link {
  readonly id: string;
  readonly of: string;
  readonly manager: string;
  readonly kind: 'direct' | 'temporary' | 'alternate';
  readonly from: string;
  to?: string;
}
/** What the log says of a request so far. */
export interface Known {
  status: 'none' | 'open' | 'withdrawn' | 'decided';
  slate: readonly string[];
  /** Who could have made the last decision. */
  couldDecide: readonly string[];
  readonly decided: string[];
  readonly nominated: string[];
  revision: number;
}

export class NaiveAuthority {
  readonly inactive = new Set<string>();
  readonly links: Link[] = [];

  constructor(
    private readonly learner: string,
    private readonly fallback: string,
  ) {}

  inEffect(on: string): readonly Link[] {
    return this.links.filter(({ from, to }) => from <= on && (to === undefined || on < to));
  }

  /** Everybody who may be asked first, or nobody. */
  approvers(on: string, decided: readonly string[]): readonly string[] {
    const links = this.inEffect(on);
    const able = (one: string) => one !== this.learner && !this.inactive.has(one) && !decided.includes(one);
    const fit = (one: string) => able(one) && !this.isBelow(one, on);
    const seen = new Set<string>();
    for (let level = [this.learner]; level.length > 0;) {
      const above = links.filter(({ of }) => level.includes(of));
      const first = above.filter(({ kind, manager }) => kind !== 'alternate' && fit(manager));
      const next = first.length > 0 ? first : above.filter(({ manager }) => fit(manager));
      if (next.length > 0) return next.map(({ manager }) => manager);
      const direct = above.filter(({ kind }) => kind === 'direct');
      level = (direct.length > 0 ? direct : above).map(({ manager }) => manager).filter((one) => !seen.has(one));
      for (const one of level) seen.add(one);
    }
    return able(this.fallback) ? [this.fallback] : [];
  }

  /** Everybody who stands above the learner, at any distance. */
  lineOf(on: string): ReadonlySet<string> {
    const line = new Set<string>();
    for (let level = [this.learner]; level.length > 0;) {
      level = this.inEffect(on)
        .filter(({ of, manager }) => level.includes(of) && !line.has(manager))
        .map(({ manager }) => manager);
      for (const one of level) line.add(one);
    }
    return line;
  }

  /** Whether somebody works, at any distance, under the learner; who only is to step in for him manages nobody. */
  isBelow(person: string, on: string): boolean {
    const below = new Set([this.learner]);
    for (let size = 0; size < below.size;) {
      size = below.size;
      for (const { of, manager, kind } of this.inEffect(on)) if (kind !== 'alternate' && below.has(manager)) below.add(of);
    }
    return person !== this.learner && below.has(person);
  }

  /** What a decision is answered: a code, or nothing when it counts. */
  refusal(known: Known, { by, nominee, seen }: { by: string; nominee?: string; seen: number }, on: string): string | undefined {
    if (known.status === 'none') return 'unknown-request';
    if (known.status === 'withdrawn') return 'already-withdrawn';
    if (known.status === 'decided') return 'already-decided';
    if (by === this.learner) return 'self-approval';
    if (!known.slate.includes(by)) {
      if (known.decided.includes(by)) return 'distinct-approver';
      return known.couldDecide.includes(by) ? 'already-decided' : 'not-current-approver';
    }
    if (nominee !== undefined) {
      if (nominee === by || nominee === this.learner) return 'ineligible-nominee';
      if (known.nominated.includes(nominee) || known.decided.includes(nominee)) return 'nomination-cycle';
      if (this.inactive.has(nominee) || this.isBelow(nominee, on)) return 'ineligible-nominee';
    }
    return seen === known.revision ? undefined : 'stale-revision';
  }
}
