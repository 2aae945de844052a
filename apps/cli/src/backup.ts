// `backup`, `restore` and the proof of a log: one file for both tiers, line n is event n.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  EventStoreDbEventLog,
  FileExists,
  ledgerIn,
  ledgerInFile,
  ledgerOf,
  LogRefused,
  NotEmpty,
  proofOf,
  restoreEventStore,
  restoreLog,
  writeLedger,
  type Ledger,
  type Proof,
} from '@app/event-log';
import type { Config } from '@app/platform/config';
import { EXIT, Failure } from './failure';
import { unreadable, unwritable } from './files';
import { livingServer } from './reach';
import { count } from './table';

/** What a backup holds, by which a restore can be held to it. */
export interface Receipt extends Proof {
  readonly file: string;
}

const SQLITE_BUSY = 5;

/** Writes the whole log to a new file: from the event store, from the server that has it open, or from its own file. */
export async function backUp(config: Config, file: string): Promise<Receipt> {
  const proof = await orRefused(config, async () => {
    const ledger = await ledgerFor(config);
    return writeLedger(file, ledger).catch((error: unknown) => orUnwritable(file, error));
  });
  if (proof.fault) throw new Failure(EXIT.refused, 'log-damaged', unsound('The log', proof.fault), { ...proof });
  return { file, ...proof };
}

/** Makes a log from a backup, where there is none. */
export async function restore(config: Config, file: string): Promise<Receipt> {
  const { DATA_DIR, EVENT_STORE_URL: url } = config;
  const proof = await orRefused(config, async () => {
    if (url === undefined) return restoreLog(DATA_DIR, backupIn(file));
    // What is in an event store stays there, so the file is read to its end first.
    const read = await proofOf(backupIn(file));
    return read.fault ? read : restoreEventStore(url, backupIn(file));
  });
  if (proof.fault) throw new Failure(EXIT.refused, 'bad-backup', unsound(file, proof.fault), { file, line: proof.fault.position });
  return { file, ...proof };
}

/** Proves the log, or a backup of it. With no server running it is read from its file, so that a damaged log is named instead of refused. */
export async function verify(config: Config, file: string | undefined): Promise<Proof> {
  if (file !== undefined) return proofOf(backupIn(file));
  const server = config.EVENT_STORE_URL === undefined && (await livingServer(config));
  if (server) return server.get<Proof>('audit/proof');
  return orRefused(config, async () => proofOf(await ledgerFor(config)));
}

export function backupReport({ file, events, hash }: Receipt): readonly string[] {
  return [`${file} holds ${count(events)} events, every one chained to the one before it.`, `  head ${hash}`];
}

export function restoreReport({ events, hash }: Receipt, { DATA_DIR, EVENT_STORE_URL }: Config): readonly string[] {
  const where = EVENT_STORE_URL === undefined ? DATA_DIR : 'the event store';
  return [`${count(events)} events are in ${where}, read back and proven.`, `  head ${hash}`];
}

async function ledgerFor(config: Config): Promise<Ledger> {
  const { DATA_DIR, EVENT_STORE_URL: url } = config;
  if (url !== undefined) return eventStoreLedger(url);
  const server = await livingServer(config);
  if (server) return ledgerOf(await server.stream('audit/ledger'));
  if (!existsSync(join(DATA_DIR, 'log.db'))) throw new Failure(EXIT.unreachable, 'no-log', `there is no log in ${DATA_DIR}`);
  return ledgerIn(DATA_DIR);
}

async function* eventStoreLedger(url: string): Ledger {
  const log = new EventStoreDbEventLog(url);
  try {
    return yield* log.ledger();
  } finally {
    await log.close();
  }
}

function backupIn(file: string): Ledger {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (statSync(file).isDirectory()) throw new Failure(EXIT.usage, 'unreadable-file', `${file} cannot be read: it is a folder`);
  return ledgerInFile(file);
}

/** What the log or its server has to say goes on; it has no system call of ours in it. */
function orUnwritable(file: string, error: unknown): never {
  throw error instanceof FileExists ? error : unwritable(file, error);
}

/** What stands in the way, in words and with its exit code. */
async function orRefused<Answer>({ DATA_DIR }: Config, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FileExists) throw new Failure(EXIT.usage, 'file-exists', error.message);
    if (error instanceof NotEmpty) throw new Failure(EXIT.refused, 'not-empty', error.message);
    if (error instanceof LogRefused) throw new Failure(EXIT.refused, 'log-refused', error.message);
    if (error instanceof Error && error.name === 'LogFailed') throw new Failure(EXIT.unreachable, 'unreachable', error.message);
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)
      throw new Failure(EXIT.refused, 'log-refused', `${join(DATA_DIR, 'log.db')} is being written by another process`);
    throw error;
  }
}

function unsound(what: string, { position, reason }: { readonly position: number; readonly reason: string }): string {
  return `${what} is not sound: at event ${position}, ${reason}`;
}
