import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller';
import { LedgerController } from './ledger.controller';
import { SnapshotController } from './snapshot.controller';

@Module({ controllers: [AuditController, LedgerController, SnapshotController] })
export class AuditModule {}
