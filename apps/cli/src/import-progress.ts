// Waits for an import that takes longer than an answer should, and says how far it is.
import { setTimeout as sleep } from 'node:timers/promises';
import { refusal, type Api, type Sending } from './api';
import { EXIT, Failure } from './failure';
import { count } from './table';

interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}
interface State {
  readonly id: string;
  readonly state: 'running' | 'failed' | 'planned' | 'unfinished' | 'finished';
  readonly progress?: Progress;
  readonly problem?: { readonly code: string };
}

const ASK_AGAIN_MS = 300;
const PREFER = { prefer: 'wait=1' };

/** Sends it and gives what it came to in the end. @throws Failure when it is refused, or was cut off */
export async function outcomeOf<Body>(api: Api, path: string, sending: Sending = {}): Promise<Body> {
  const { status, body } = await api.send('POST', path, { ...sending, headers: PREFER });
  if (status >= 400) throw refusal(status, body);
  if (status !== 202) return body;
  const line = new ProgressLine();
  let state: State = body;
  while (state.state === 'running') {
    line.show(state.progress!);
    await sleep(ASK_AGAIN_MS);
    state = await api.get<State>(`imports/${body.id}`);
  }
  line.end();
  if (state.state === 'failed') throw refusal(409, state.problem);
  if (state.state === 'unfinished') {
    throw new Failure(EXIT.refused, 'import-cut-off', 'the server ended before the import did: the same command again completes it');
  }
  return state as Body;
}

/** On a terminal one line that changes; elsewhere a line for each phase and each tenth of it. A program that reads JSON hears nothing. */
class ProgressLine {
  private last = '';

  show({ phase, done, total }: Progress): void {
    if (process.argv.includes('--json')) return;
    const percent = total === 0 ? 0 : Math.floor((done / total) * 100);
    const rows = total === 0 ? '' : ` ${count(total)} rows${done === 0 ? '' : `, ${percent} %`}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001B[K${phase}${rows}`);
      return;
    }
    const step = `${phase} ${Math.floor(percent / 10)}`;
    if (step !== this.last) process.stderr.write(`${phase}${rows}\n`);
    this.last = step;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  }
}
