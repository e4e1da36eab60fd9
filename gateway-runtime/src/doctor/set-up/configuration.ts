import { type ConfigFault, formatFault } from '../../errors.js';
import type { LoadedConfig } from '../../loading/config-loader.js';
import { Subject } from '../subject.js';
import { ok, problem, warning } from '../verdict.js';

/** What is wrong with a configuration that cannot be used. */
export function unusable(faults: readonly ConfigFault[], timeoutMs: number): Subject {
  const subject = new Subject('configuration', timeoutMs);
  for (const fault of faults) {
    subject.note(
      'configuration',
      problem(formatFault(fault), {
        cause: 'the gateway does not start with this',
        solution: `correct ${fault.path || 'it'} as said; oci-mcp-gateway --check repeats it without asking anybody`,
      }),
    );
  }
  return subject;
}

/** What a configuration says that can be used. */
export function usable({ config, warnings }: LoadedConfig, timeoutMs: number): Subject {
  const subject = new Subject('configuration', timeoutMs);
  const count = config.backends.length;
  subject.note('configuration', ok(`can be used; ${count} backend${count === 1 ? '' : 's'}`));
  for (const found of warnings) {
    const advice = {
      cause: 'it works, but may not be meant',
      solution: 'see the text; docs/gateway.md has every field',
    };
    subject.note('configuration', warning(formatFault(found), advice));
  }
  if (count === 0) {
    subject.note(
      'configuration',
      warning('no backends, so the gateway has nothing to offer', {
        cause: 'the configuration file was not given, or the directory of drop-in files is empty',
        solution: 'name servers in "backends", or give --config, --backends-dir or --scan as the gateway gets them',
      }),
    );
  }
  return subject;
}
