import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller';
import { LedgerController } from './ledger.controller';

@Module({ controllers: [AuditController, LedgerController] })
export class AuditModule {}
