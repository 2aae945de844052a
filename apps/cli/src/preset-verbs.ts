// The verbs of `preset`.
import type { Command } from 'commander';
import type { Api } from './api';
import { finish, withApi, type Json } from './outcome';
import { listPresets, presetReport, presetsReport, retirePreset, savePreset, showPreset, type Preset } from './presets';

export function addPresetVerbs(presets: Command): void {
  presets
    .command('list')
    .description('name them all')
    .option('--json', 'one JSON document on stdout and nothing else')
    .action((_own: unknown, command: Command) => {
      const options: Json = command.optsWithGlobals();
      return finish(options, () =>
        withApi(options, async (api) => {
          const items = await listPresets(api);
          return { document: items, lines: presetsReport(items) };
        }),
      );
    });
  aboutPreset(presets, 'show', 'its columns: what each says, other names of it, an example', showPreset);
  aboutPreset(presets, 'save', 'save the mapping in a JSON file under a name of its own, as the next version', savePreset, '<file>');
  aboutPreset(presets, 'retire', 'let no import take a saved mapping any more', retirePreset);
}

/** A verb of `preset` about the one that is named. */
function aboutPreset(
  presets: Command,
  name: string,
  description: string,
  act: (api: Api, preset: string, ...more: string[]) => Promise<Preset>,
  ...more: readonly string[]
): void {
  const command = presets.command(name).description(description).argument('<name>', 'the name of the preset');
  for (const argument of more) command.argument(argument);
  command.option('--json', 'one JSON document on stdout and nothing else').action(() => {
    const options: Json = command.optsWithGlobals();
    const [preset, ...rest] = command.args as [string, ...string[]];
    return finish(options, () =>
      withApi(options, async (api) => {
        const found = await act(api, preset, ...rest);
        return { document: found, lines: presetReport(found) };
      }),
    );
  });
}
