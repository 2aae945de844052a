import type { Library } from '@app/kernel';
import { changeSet } from './change-set';
import { imports } from './imports';

export * from './change-set';
export * from './import-csv';
export * from './imports';
export { ELEMENTS, PRESETS, type Element, type Mapping } from './mapping';
export { FILE_BYTES_MAX, ROW_CHARACTERS_MAX, type Content } from './read-csv';
export type { Remark } from './sheet';

/** What other systems say of the organisation, taken over row by row. */
export const directorySync: Library = { deciders: [changeSet], projections: [imports], sagas: [] };
