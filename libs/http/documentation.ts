import type { INestApplication } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Door } from './door.js';
import { buildOpenApi } from './openapi.js';

/** The files of the readable page that come with @nestjs/swagger, and their media types. */
const ASSETS: { readonly [name: string]: string } = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** The page's own policy: our files only; the library sets styles on its elements. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Redress API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>This page draws the document at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const DOCS_START = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

export type Asset = { readonly mediaType: string; readonly content: Buffer };

/** The OpenAPI document and the files of its page; each made when first asked for, then kept. */
export class Documentation {
  readonly #assets = new Map<string, Asset>();
  #application: INestApplication | undefined;
  #document: string | undefined;

  constructor(private readonly door: Door) {}

  /** The document describes this application; it exists only after its modules do. */
  describe(application: INestApplication): void {
    this.#application = application;
  }

  openApi(): string | undefined {
    if (!this.#application) return undefined;
    const { problems, options } = this.door;
    this.#document ??= JSON.stringify(
      buildOpenApi(this.#application, { version: options.version, problems }),
    );
    return this.#document;
  }

  async asset(name: string): Promise<Asset | undefined> {
    const mediaType = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (mediaType === undefined) return undefined;
    const known = this.#assets.get(name);
    if (known) return known;
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('swagger-ui-dist/package.json'));
    const asset = { mediaType, content: await readFile(join(folder, name)) };
    this.#assets.set(name, asset);
    return asset;
  }
}
