// Imported first: keeps compiled code on disk, so that the next start is faster.
import { enableCompileCache } from 'node:module';

enableCompileCache();
