// npm run build: installs what is missing and builds every workspace whose sources have changed.
import { setUp } from './setup.mjs';

await setUp().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
