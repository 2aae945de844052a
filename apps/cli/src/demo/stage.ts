// Where the demo plays: people act over HTTP with their own tokens, one request at a time.
import type { Answer, Api } from '../api';
import { issueToken } from '../operator';
import type { Casting, Part } from './casting';
import { Unexpected } from './checks';
import type { Colleague, World } from './world';

export interface Asked {
  readonly course: string;
  readonly assignment?: string;
  readonly costMinor?: number;
  readonly currency?: string;
  readonly note?: string;
}
export interface Decision {
  readonly outcome: 'approve' | 'deny';
  readonly nominate?: string;
  readonly reason?: string;
}
/** Something that left no event of the request: an attempt that was refused, or what happened around it. */
export interface Aside {
  /** Revision of the request at that moment. */
  readonly after: number;
  readonly text: string;
}
export interface Candidate {
  readonly person: string;
  readonly as: string;
  readonly via?: string;
  readonly link?: string;
}

const SLATE_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 5;

export class Stage {
  private readonly tokens = new Map<string, Promise<Api>>();

  constructor(
    readonly operator: Api,
    readonly world: World,
    readonly casting: Casting,
    readonly today: string,
  ) {}

  /** The API as this person, who signs in when first needed. */
  as(person: string): Promise<Api> {
    const signedIn = this.tokens.get(person) ?? this.signIn(person);
    this.tokens.set(person, signedIn);
    return signedIn;
  }

  /** How many people have acted. */
  get signedIn(): number {
    return this.tokens.size;
  }

  /** Opens a request and gives it. */
  async ask({ learner }: Pick<Part, 'learner'>, asked: Asked): Promise<Scene> {
    const answer = await this.submit(learner, asked);
    expectAnswer(answer, 201);
    return new Scene(this, learner, answer.body.id, answer.revision!, slateOf(answer));
  }

  async submit(learner: Colleague, asked: Asked): Promise<Answer> {
    return (await this.as(learner.id)).send('POST', 'requests', { body: { kind: 'enrolment', ...asked } });
  }

  /** What the operator changes in the organisation. */
  async change(path: string, body: unknown): Promise<void> {
    await this.operator.call('POST', path, { body });
  }

  private async signIn(person: string): Promise<Api> {
    const { token } = await issueToken(this.operator, { username: this.world.person(person).username, role: 'user' });
    return this.operator.as(token);
  }
}

/** One request being played. */
export class Scene {
  readonly asides: Aside[] = [];
  /** Attempts that were refused. */
  refusals = 0;

  constructor(
    private readonly stage: Stage,
    readonly learner: Colleague,
    readonly id: string,
    /** The newest revision that was seen. */
    public revision: number,
    /** Who can decide now. */
    public slate: readonly Candidate[],
  ) {}

  /** The first who can decide now. */
  get approver(): string {
    const [first] = this.slate;
    if (!first) throw new Unexpected(`nobody is asked about request ${this.id}`);
    return first.person;
  }

  /** Decides with the revision last seen, or another. */
  async decide(by: string, decision: Decision, seen = this.revision): Promise<Answer> {
    const headers = { 'if-match': `"${seen}"` };
    return (await this.stage.as(by)).send('POST', `requests/${this.id}/decisions`, { body: decision, headers });
  }

  /** Decides, and it has to be accepted. */
  async decided(by: string, decision: Decision): Promise<void> {
    this.take(await this.decide(by, decision));
  }

  async withdraw(): Promise<Answer> {
    return (await this.stage.as(this.learner.id)).send('POST', `requests/${this.id}/withdrawal`, { body: {} });
  }

  /** An answer has to be accepted, and shows how the request stands now. */
  take(answer: Answer): void {
    expectAnswer(answer, 200);
    this.revision = answer.revision!;
    this.slate = slateOf(answer);
  }

  /** An answer has to be this refusal; the story tells of it. Gives what the refusal says. */
  refused(answer: Answer, { status, code }: { status: number; code: string }, text: (problem: any) => string): any {
    expectAnswer(answer, status, code);
    this.refusals += 1;
    this.note(`${text(answer.body)} Refused: ${status} ${code}.`);
    return answer.body;
  }

  /** The story tells of it here. */
  note(text: string): void {
    this.asides.push({ after: this.revision, text });
  }

  /** Waits until the request has moved on by itself, because the organisation changed. Gives the revision before. */
  async moved(): Promise<number> {
    const before = this.revision;
    for (const end = performance.now() + SLATE_TIMEOUT_MS; performance.now() < end;) {
      const answer = await this.stage.operator.send('GET', `requests/${this.id}`);
      if (answer.revision! > before) {
        this.take(answer);
        return before;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    throw new Unexpected(`request ${this.id} still waits at revision ${before} after ${SLATE_TIMEOUT_MS} ms`);
  }
}

/** @throws Unexpected unless the answer is this one */
export function expectAnswer({ status, body }: Answer, expected: number, code?: string): void {
  if (status === expected && (code === undefined || body?.code === code)) return;
  throw new Unexpected(`expected ${expected} ${code ?? ''}, but the answer is ${status} ${JSON.stringify(body)}`);
}

function slateOf({ body }: Answer): readonly Candidate[] {
  const last = body.chain.at(-1);
  return last?.status === 'waiting' ? last.slate : [];
}
