import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { LodgeComplaintBody } from '#complaints';
import { readBody } from '#http';

@Controller('echo')
class EchoRoute {
  @Post()
  echo(@Body() raw: object): object {
    return { id: 'echo', product: readBody(LodgeComplaintBody, raw).product };
  }
}

@Module({ controllers: [EchoRoute] })
class EchoModule {}

export type Echo = { readonly address: string; close(): Promise<void> };

/** The bound: bare Nest on Fastify that validates the same body by the same rules and answers. */
export async function startEcho(): Promise<Echo> {
  const application = await NestFactory.create<NestFastifyApplication>(
    EchoModule,
    new FastifyAdapter(),
    { logger: false },
  );
  await application.listen(0, '127.0.0.1');
  const { port } = application.getHttpServer().address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => application.close() };
}
