// The files of a plan, kept in its stream, so that whoever commits it commits what was planned, on any replica.
import { reject, streamOf, type EventLog, type Origin, type RunCommand } from '@app/kernel';
import { changeSet, type ChangeSetEvent } from './change-set';
import { packed, unpacked, wholeOf } from './packed-file';
import { FILE_BYTES_MAX, type Content } from './read-csv';

interface WholeFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The files in memory: they are read twice, once to plan and once to keep. */
export async function buffered(files: readonly { readonly name: string; readonly content: Content }[]): Promise<readonly WholeFile[]> {
  const whole: WholeFile[] = [];
  for (const { name, content } of files) {
    const refuse = () =>
      reject('invalid', 'file-too-large', { file: name, line: 1, detail: `the file is larger than ${FILE_BYTES_MAX} bytes` });
    whole.push({ name, content: await wholeOf(content, refuse) });
  }
  return whole;
}

export async function keepFiles(run: RunCommand, id: string, files: readonly WholeFile[], origin: Origin): Promise<void> {
  for (const [file, { name, content }] of files.entries()) {
    for (const [part, text] of (await packed(content)).entries()) {
      const command = { type: 'KeepFilePart', file, name, part, content: text } as const;
      await run(changeSet, id, command, { ...origin, command: `${id}/file${file}.${part}` });
    }
  }
}

export async function keptFiles(log: EventLog, id: string): Promise<readonly WholeFile[]> {
  const files: { name: string; parts: string[] }[] = [];
  for (let from = 0; ;) {
    const page = await log.read(streamOf(changeSet, id), { from, max: PAGE_EVENTS });
    for (const { event } of page) {
      const kept = event as ChangeSetEvent;
      if (kept.type !== 'ImportFileKept') continue;
      const file = (files[kept.file] ??= { name: kept.name, parts: [] });
      file.parts[kept.part] = kept.content;
    }
    if (page.length < PAGE_EVENTS) break;
    from = page.at(-1)!.revision + 1;
  }
  return Promise.all(files.map(async ({ name, parts }) => ({ name, content: await unpacked(parts) })));
}

/** Parts of files are large, so that a page of them is kept short. */
const PAGE_EVENTS = 20;
