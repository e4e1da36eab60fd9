// npm start: synthesizes the quickstart, runs its servers and its gateway on this machine, and prints how to connect.
// npm start -- --check: does the same, calls one tool on every backend, stops everything and exits.
import { setUp } from './setup.mjs';

const allowed = ['--check'];
const unknown = process.argv.slice(2).filter((argument) => !allowed.includes(argument));

try {
  if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}; allowed: ${allowed.join(', ')}`);
  console.error('Setting up');
  await setUp();
  const { runQuickstart } = await import('./quickstart.mjs');
  await runQuickstart({ check: process.argv.includes('--check') });
} catch (error) {
  console.error(`\nnpm start failed: ${error.message}`);
  process.exitCode = 1;
}
