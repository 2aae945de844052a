// Lets a plain process run the TypeScript of the suites as they do: node -r ./test/support/typescript.cjs FILE.ts
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file).code, file);
