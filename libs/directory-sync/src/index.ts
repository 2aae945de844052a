import type { Library } from '@app/kernel';
import { changeSet } from './change-set';
import { importMapping } from './import-mapping';
import { importMappings } from './import-mappings';
import { imports } from './imports';

export * from './change-set';
export type { Change } from './changes';
export * from './commit-plan';
export * from './import-csv';
export { importMapping } from './import-mapping';
export * from './imports';
export { ELEMENTS, type Element } from './fields';
export type { Mapping } from './mapping';
export { PRESETS } from './presets';
export { ENCODINGS, type Encoding } from './decode-text';
export { DELIMITER_NAMES, FILE_BYTES_MAX, ROW_CHARACTERS_MAX, type Content, type Delimiter } from './read-csv';
export { DATE_ORDERS, type DateOrder } from './read-date';
export * from './undo-import';
export type { Remark } from './sheet';

/** What other systems say of the organisation, taken over row by row. */
export const directorySync: Library = {
  deciders: [changeSet, importMapping],
  projections: [imports, importMappings],
  sagas: [],
};
