// `snapshot`: the read models of a server in a file, with which another replica starts.
import { closeSync, createWriteStream, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Api } from './api';
import { EXIT, Failure } from './failure';
import { unwritable } from './files';
import { count } from './table';

export interface Snapshot {
  readonly file: string;
  readonly bytes: number;
}

/** Writes the file under another name and names it when it is whole and on the disk. */
export async function takeSnapshot(api: Api, file: string): Promise<Snapshot> {
  if (existsSync(file)) throw new Failure(EXIT.usage, 'file-exists', `${file} exists already`);
  const part = `${file}.part`;
  const { length, content } = await api.bytes('audit/snapshot');
  try {
    const out = createWriteStream(part, { mode: 0o600 });
    await pipeline(content, out);
    if (out.bytesWritten !== length) throw new Failure(EXIT.unreachable, 'cut-off', 'the snapshot was cut off; take it again');
    const kept = openSync(part, 'r+');
    fsyncSync(kept);
    closeSync(kept);
    renameSync(part, file);
    return { file, bytes: length };
  } catch (error) {
    throw error instanceof Failure ? error : unwritable(file, error);
  } finally {
    rmSync(part, { force: true });
  }
}

export function snapshotReport({ file, bytes }: Snapshot): readonly string[] {
  return [`${file} holds the read models (${count(Math.ceil(bytes / 1024))} KiB). A replica starts with it as views.db in its DATA_DIR.`];
}
