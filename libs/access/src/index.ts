import type { Library } from '@app/kernel';
import { account, tokens } from './account';

export const access: Library = { deciders: [account], projections: [tokens], sagas: [] };
export * from './account';
export * from './policy';
