// How files are read: the presets with their columns, and the mappings that administrators save beside them.
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { reject } from '@app/kernel';
import { Allow, CallerOf, Checked, Runtime, To, type Caller } from '@app/platform';
import { text } from '@app/platform/schemas';
import { ENCODINGS } from './decode-text';
import { ELEMENTS, FIELDS } from './fields';
import type { ImportMappingCommand } from './import-mapping';
import { listMappings, mappingsFor, savedMapping, type SavedMapping } from './import-mappings';
import { requiredBy, type Mapping } from './mapping';
import { PRESETS } from './presets';
import { DELIMITER_NAMES } from './read-csv';
import { DATE_ORDERS } from './read-date';

const HEADERS_MAX = 50;
const FIELDS_MAX = 50;

const presetName = text(40).refine((name) => /^[a-z0-9][a-z0-9-]*$/.test(name), 'is no name of small letters, digits and hyphens');
const words = z.array(text(100)).max(HEADERS_MAX).optional();
const mappingBody = z.strictObject({
  element: z.enum(ELEMENTS),
  columns: z
    .record(text(100), z.array(text(100)).max(HEADERS_MAX))
    .refine((columns) => Object.keys(columns).length <= FIELDS_MAX, 'has too many fields')
    .meta({ description: 'The headers that may feed each field; the first is named when it is missing.' }),
  required: words,
  ignored: words,
  vacant: words,
  top: words,
  blankKeeps: z.boolean().optional(),
  written: z
    .strictObject({
      dates: z.enum(DATE_ORDERS).optional(),
      encoding: z.enum(ENCODINGS).optional(),
      delimiter: z.enum(DELIMITER_NAMES).optional(),
    })
    .optional(),
});
const field = { kind: z.enum(['id', 'date', 'text']), must: z.boolean(), says: z.string(), example: z.string() };
const layout = z.object({
  element: z.enum(ELEMENTS),
  columns: z.array(z.object({ field: z.string(), headers: z.array(z.string()), ...field })),
  ignored: z.array(z.string()),
});
const saved = { version: z.number().optional(), savedBy: z.string().optional(), savedAt: z.string().optional() };
const presetAnswer = z
  .object({ name: z.string(), ...saved, retired: z.boolean().optional(), mapping: mappingBody.optional(), layouts: z.array(layout) })
  .meta({ id: 'ImportPreset' });
const presetsAnswer = z
  .object({
    items: z.array(presetAnswer),
    elements: z.array(z.object({ element: z.enum(ELEMENTS), fields: z.array(z.object({ field: z.string(), ...field })) })),
  })
  .meta({ id: 'ImportPresets' });

export class ToImportMapping extends To<ImportMappingCommand> {}

@ApiTags('imports')
@ApiBearerAuth()
@Controller('import-presets')
@Allow('admin')
export class ImportPresetsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Runtime) private readonly runtime: Runtime,
  ) {}

  /** Every preset with its columns, and the fields of which a mapping can be made. */
  @Get()
  @Checked(presetsAnswer)
  all() {
    const built = Object.entries(PRESETS).map(([name, mappings]) => ({ name, layouts: mappings.map(layoutOf) }));
    const elements = ELEMENTS.map((element) => ({
      element,
      fields: Object.entries(FIELDS[element]).map(([name, { must = false, ...about }]) => ({ field: name, must, ...about })),
    }));
    return { items: [...built, ...listMappings(this.runtime.models).map(answerOf)], elements };
  }

  @Get(':id')
  @Checked(presetAnswer)
  one(@Param('id', { schema: presetName }) name: string) {
    const found = savedMapping(this.runtime.models, name);
    if (found) return answerOf(found);
    if (!Object.hasOwn(PRESETS, name)) reject('not-found', 'unknown-preset');
    return { name, layouts: mappingsFor(this.runtime.models, name).mappings.map(layoutOf) };
  }

  /** Saves a mapping under the name, as its next version. */
  @Put(':id')
  @Checked(presetAnswer)
  async save(
    @Param('id', { schema: presetName }) name: string,
    @Body({ schema: mappingBody }) mapping: z.infer<typeof mappingBody>,
    @CallerOf() me: Caller,
  ) {
    await this.bus.execute(new ToImportMapping(name, { type: 'SaveImportMapping', name, mapping }, me));
    return answerOf(savedMapping(this.runtime.models, name)!);
  }

  /** No import takes it any more; plans that were made with it can still be committed. */
  @Post(':id/retirement')
  @HttpCode(200)
  @Checked(presetAnswer)
  async retire(@Param('id', { schema: presetName }) name: string, @CallerOf() me: Caller) {
    await this.bus.execute(new ToImportMapping(name, { type: 'RetireImportMapping' }, me));
    return answerOf(savedMapping(this.runtime.models, name)!);
  }
}

function answerOf({ mapping, ...about }: SavedMapping) {
  return { ...about, mapping, layouts: [layoutOf(mapping)] };
}

function layoutOf(mapping: Mapping) {
  const { element, columns, ignored = [] } = mapping;
  const required = requiredBy(mapping);
  return {
    element,
    columns: Object.entries(columns).map(([name, headers]) => {
      const { kind, says, example } = FIELDS[element][name]!;
      return { field: name, headers, kind, must: required.includes(name), says, example };
    }),
    ignored,
  };
}
