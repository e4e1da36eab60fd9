/** ESM-only packages that jest must transform before its CommonJS module system can load them. */
const esmOnly = ['jose'];

export default {
  rootDir: '.',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
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
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^cdktf-oci-mcp$': '<rootDir>/lib/index.ts',
    '^oci-mcp-gateway/config$': '<rootDir>/gateway-runtime/src/config/index.ts',
  },
  testTimeout: 30_000,
  maxWorkers: '100%',
};
