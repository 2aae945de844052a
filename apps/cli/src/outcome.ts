// What a verb comes to, and how it is told: one document for programs, or lines for people.
import { configFrom, type Config } from '@app/platform/config';
import type { Api } from './api';
import { EXIT, type ExitCode } from './failure';
import { reach } from './reach';

export interface Json {
  readonly json?: boolean;
}
/** What a verb answers: one document for programs, or lines for people. */
export interface Outcome {
  readonly document: unknown;
  readonly lines: readonly string[];
  readonly exit?: ExitCode;
}

export async function finish({ json }: Json, act: () => Promise<Outcome>): Promise<void> {
  const { document, lines, exit = EXIT.done } = await act();
  console.log(json ? JSON.stringify(document) : lines.join('\n'));
  process.exitCode = exit;
}

export async function withApi<Answer>(options: Json, act: (api: Api) => Promise<Answer>): Promise<Answer> {
  const { api, close } = await reach(configOf(options));
  try {
    return await act(api);
  } finally {
    await close();
  }
}

/** An application in this process keeps quiet unless asked, and never speaks between a program and its document. */
export function configOf({ json }: Json): Config {
  const level = (!json && process.env['LOG_LEVEL']) || 'silent';
  return configFrom({ ...process.env, LOG_LEVEL: level });
}
