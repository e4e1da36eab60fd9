import type { Clause } from './clause';
import { eras } from './eras';
import { httpLegacy } from './http-legacy';
import { httpModern } from './http-modern';
import { items } from './items';
import { messages } from './messages';
import { requests } from './requests';
import { stdio } from './stdio';
import { tasks } from './tasks';
import { utilities } from './utilities';

/** Every clause that the gateway answers for. */
export const clauses: readonly Clause[] = [
  ...messages,
  ...eras,
  ...httpLegacy,
  ...httpModern,
  ...stdio,
  ...items,
  ...utilities,
  ...requests,
  ...tasks,
];
