/** Packages that jest's CommonJS module system cannot load as they are: written as ES modules, or with import() in them. */
const withImports = ['jose', '@opentelemetry/otlp-exporter-base', '@actions'];

export default {
  rootDir: '.',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/second-attempt.ts'],
  transform: {
    '^.+\\.[mc]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(.+/node_modules/)?(${withImports.join('|')})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^cdktf-oci-mcp$': '<rootDir>/lib/index.ts',
    // Said to be for import alone.
    '^@actions/(expressions|workflow-parser)$': '<rootDir>/node_modules/@actions/$1/dist/index.js',
    '^@actions/(expressions|workflow-parser)/(?!dist)(.*)$': '<rootDir>/node_modules/@actions/$1/dist/$2',
    '^oci-mcp-gateway/clients$': '<rootDir>/gateway-runtime/src/clients/index.ts',
    '^oci-mcp-gateway/config$': '<rootDir>/gateway-runtime/src/config/index.ts',
  },
  testTimeout: 30_000,
  maxWorkers: '100%',
  // What earlier tests leave behind makes later ones slow: a process begins anew when it holds more.
  workerIdleMemoryLimit: '700MB',
};
