// A ledger as a file: JSON Lines, line n is event n, and one closing line. A backup, and how a history moves between logs.
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Entry } from './hash-chain';
import { Chain, proofOf, type Ledger, type Proof } from './ledger';

const FORMAT = 'countersign-log/1';
/** An event has at most 1 MiB, and JSON within JSON adds nothing. */
const LINE_UNITS_MAX = 4 * 1024 * 1024;
const PAGE_ENTRIES = 1_000;

/** The file is there already: nothing is written over. */
export class FileExists extends Error {
  constructor(path: string) {
    super(`${path} exists already`);
    this.name = 'FileExists';
  }
}

/** The lines of a ledger, a page at a time. Its closing line says how it ended; without one it was cut off. */
export async function* linesOf(ledger: Ledger): AsyncGenerator<string> {
  for (;;) {
    const { done, value } = await ledger.next();
    if (done) return yield closingLine(value);
    yield value.map(lineOf).join('');
  }
}

/** Reads lines as they come, and proves what they hold; line n is event n, so that a fault's position is its line. */
export async function* ledgerOf(chunks: AsyncIterable<string>): Ledger {
  const chain = new Chain();
  let page: Entry[] = [];
  let end: Proof | undefined;
  for await (const line of linesIn(chunks)) {
    const read = parsed(line);
    if (end) return chain.proof('there is more behind the closing line');
    if (read && 'format' in read) {
      end = ended(chain, line, read);
      if (end.fault) return end;
      continue;
    }
    const reason = read && lineOf(read) === `${line}\n` ? chain.add(read) : 'the line is not as it was written';
    if (reason !== undefined) return chain.proof(reason);
    page.push(read as Entry);
    if (page.length === PAGE_ENTRIES) {
      yield page;
      page = [];
    }
  }
  if (!end) return chain.proof('the file ends here, without its closing line');
  if (page.length > 0) yield page;
  return end;
}

export function ledgerInFile(path: string): Ledger {
  return ledgerOf(createReadStream(path, 'utf8'));
}

/**
 * Writes a ledger to a new file that its owner alone can read; it has its name when all of it is on the disk.
 * A ledger with a fault leaves no file.
 * @throws FileExists
 */
export async function writeLedger(path: string, ledger: Ledger): Promise<Proof> {
  if (existsSync(path)) throw new FileExists(path);
  const part = `${path}.part`;
  await rm(part, { force: true });
  const file = await open(part, 'wx', 0o600);
  try {
    const proof = await proofOf(ledger, (entries) => file.appendFile(entries.map(lineOf).join('')));
    if (!proof.fault) {
      await file.appendFile(closingLine(proof));
      await file.sync();
      await rename(part, path);
      await syncFolder(dirname(path));
    }
    return proof;
  } finally {
    await file.close();
    await rm(part, { force: true });
  }
}

/** Makes the names in a folder outlast a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What the closing line says has to be what was read up to it. */
function ended(chain: Chain, line: string, { events, hash, fault }: Closing): Proof {
  if (fault) return { ...chain.proof(), fault };
  if (closingLine({ events, hash }) !== `${line}\n`) return chain.proof('the closing line is not as it was written');
  if (events === chain.position && hash === chain.hash) return chain.proof();
  return chain.proof(`the file has to have ${events} events and to end with ${hash}`);
}

type Closing = Proof & { readonly format: string };

function closingLine(proof: Proof): string {
  return `${JSON.stringify({ format: FORMAT, ...proof })}\n`;
}

/** The texts go in as they are: they are JSON, and the hash is of their letters. */
function lineOf({ position, stream, revision, data, meta, hash }: Entry): string {
  return `{"position":${position},"stream":${JSON.stringify(stream)},"revision":${revision},"event":${data},"meta":${meta},"hash":"${hash}"}\n`;
}

function parsed(line: string): Entry | Closing | undefined {
  try {
    const { event, meta, ...rest } = JSON.parse(line);
    return 'format' in rest ? rest : { ...rest, data: JSON.stringify(event), meta: JSON.stringify(meta) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Only line feeds end a line: JSON may hold the other characters that some take for an end. */
async function* linesIn(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > LINE_UNITS_MAX) break;
  }
  if (rest !== '') yield rest;
}
