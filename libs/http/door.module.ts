import { Module, type DynamicModule } from '@nestjs/common';
import { Documentation } from './documentation.js';
import { Door, type DoorOptions } from './door.js';
import { OperationsController } from './operations.controller.js';

/** The door and the routes that every server has; global, so that contexts find {@link Door}. */
@Module({})
export class DoorModule {
  static with(options: DoorOptions): DynamicModule {
    const door = new Door(options);
    return {
      module: DoorModule,
      global: true,
      controllers: [OperationsController],
      providers: [
        { provide: Door, useValue: door },
        { provide: Documentation, useValue: new Documentation(door) },
      ],
      exports: [Door],
    };
  }
}
