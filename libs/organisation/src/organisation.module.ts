import { Module } from '@nestjs/common';
import { handlerOf } from '@app/platform';
import { AssignmentsController, ToReporting } from './assignments.controller';
import { ChartController } from './chart.controller';
import { PeopleController, ToPerson } from './people.controller';
import { person } from './person';
import { positionTree } from './position-tree';
import { positionTypes } from './position-types';
import { reporting } from './reporting';
import { reportingModes } from './reporting-modes';
import { ReportingModesController, ToReportingModes } from './reporting-modes.controller';
import { StructureController, ToPositions, ToPositionTypes, ToUnits } from './structure.controller';
import { unitTree } from './unit-tree';

@Module({
  controllers: [PeopleController, AssignmentsController, ChartController, StructureController, ReportingModesController],
  providers: [
    handlerOf(ToPerson, person),
    handlerOf(ToReporting, reporting),
    handlerOf(ToReportingModes, reportingModes),
    handlerOf(ToUnits, unitTree),
    handlerOf(ToPositions, positionTree),
    handlerOf(ToPositionTypes, positionTypes),
  ],
})
export class OrganisationModule {}
