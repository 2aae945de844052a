// `preset`: how files for `import` are read, and mappings that are saved for systems that no preset knows.
import { readFileSync } from 'node:fs';
import type { Api } from './api';
import { EXIT, Failure } from './failure';
import { table } from './table';

interface Column {
  readonly field: string;
  readonly headers: readonly string[];
  readonly kind: string;
  readonly must: boolean;
  readonly says: string;
  readonly example: string;
}
export interface Preset {
  readonly name: string;
  /** Of a saved mapping. */
  readonly version?: number;
  readonly retired?: boolean;
  readonly layouts: readonly { readonly element: string; readonly columns: readonly Column[]; readonly ignored: readonly string[] }[];
}

export async function listPresets(api: Api): Promise<readonly Preset[]> {
  return (await api.get<{ items: readonly Preset[] }>('import-presets')).items;
}

export function showPreset(api: Api, name: string): Promise<Preset> {
  return api.get(`import-presets/${encodeURIComponent(name)}`);
}

/** Saves the mapping that the file holds as JSON: `{"element": "people", "columns": {"person": ["Staff No"], …}}`. */
export function savePreset(api: Api, name: string, path: string): Promise<Preset> {
  return api.call('PUT', `import-presets/${encodeURIComponent(name)}`, { body: jsonIn(path) });
}

export function retirePreset(api: Api, name: string): Promise<Preset> {
  return api.call('POST', `import-presets/${encodeURIComponent(name)}/retirement`);
}

export function presetsReport(presets: readonly Preset[]): readonly string[] {
  return table(presets.map((preset) => [preset.name, kindOf(preset), preset.layouts.map(({ element }) => element).join(', ')]));
}

export function presetReport(preset: Preset): readonly string[] {
  const layouts = preset.layouts.flatMap(({ element, columns, ignored }) => [
    `${element}:`,
    ...table([
      ['column', 'cell', '', 'for example', 'field', ''],
      ...columns.map(({ field, headers, kind, must, says, example }) => [
        headers.join(' or '),
        kind,
        must ? 'must' : '',
        example,
        field,
        says.replaceAll('`', ''),
      ]),
    ]),
    ...(ignored.length > 0 ? [`  read for nothing: ${ignored.join(', ')}`] : []),
  ]);
  return [`${preset.name}, ${kindOf(preset)}`, ...layouts];
}

function kindOf({ version, retired }: Preset): string {
  if (version === undefined) return 'built in';
  return `saved, version ${version}${retired ? ', retired' : ''}`;
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(EXIT.usage, 'unreadable-file', `${path} cannot be read as JSON: ${error.message}`);
  }
}
