import { Module } from '@nestjs/common';
import { handlerOf } from '@app/platform';
import { importMapping } from './import-mapping';
import { ImportPresetsController, ToImportMapping } from './import-presets.controller';
import { ImportsController } from './imports.controller';

@Module({ controllers: [ImportsController, ImportPresetsController], providers: [handlerOf(ToImportMapping, importMapping)] })
export class DirectorySyncModule {}
