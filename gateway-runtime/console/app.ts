import { ask, NotAdmitted, type Overview, token } from './api.js';
import { element } from './dom.js';
import type { View } from './view.js';
import { audit } from './views/audit.js';
import { backends } from './views/backends.js';
import { configuration } from './views/configuration.js';
import { metrics } from './views/metrics.js';
import { sessions } from './views/sessions.js';
import { tools } from './views/tools.js';
import { topology } from './views/topology.js';

const views: readonly View[] = [topology, backends, tools, sessions, audit, metrics, configuration];

/** Milliseconds between two looks at the gateway. */
const pollMs = 2000;

const part = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const main = part('view');
const status = part('status');
const leave = part('leave');

/** Of the view that is shown; others that are still on their way are of no interest. */
let turn = 0;
let timer: number | undefined;

function selected(): View {
  return views.find(({ name }) => name === location.hash.slice(1)) ?? topology;
}

async function show(): Promise<void> {
  const own = ++turn;
  clearTimeout(timer);
  const view = selected();
  mark(view);
  const place = element('div');
  main.replaceChildren(element('p', { class: 'nothing' }, 'Loading …'));
  try {
    const overview = await ask<Overview>('overview');
    describe(overview);
    const update = await view.show(place, overview);
    await update?.(overview);
    if (own !== turn) return;
    main.replaceChildren(place);
    const again = async () => {
      if (own !== turn) return;
      try {
        const latest = await ask<Overview>('overview');
        if (own === turn) {
          describe(latest);
          await update?.(latest);
        }
      } catch (error) {
        if (error instanceof NotAdmitted) return signIn(error.message);
        say(`The gateway cannot be reached: ${(error as Error).message}`);
      }
      if (own === turn) timer = window.setTimeout(again, pollMs);
    };
    timer = window.setTimeout(again, pollMs);
  } catch (error) {
    if (own !== turn) return;
    if (error instanceof NotAdmitted) signIn(error.message);
    else main.replaceChildren(element('p', { role: 'alert' }, (error as Error).message));
  }
}

/** Asks for a token. */
function signIn(reason: string): void {
  turn++;
  leave.hidden = true;
  say('Not signed in');
  const input = element('input', {
    id: 'token',
    type: 'password',
    required: true,
    autocomplete: 'off',
    'aria-describedby': 'why',
  });
  const submit = (event: Event) => {
    event.preventDefault();
    token.set(input.value.trim());
    void show();
  };
  main.replaceChildren(
    element('h1', {}, 'Sign in'),
    element(
      'p',
      { id: 'why' },
      `${reason[0]?.toUpperCase()}${reason.slice(1)}. The token stays in this tab, and goes to the gateway alone.`,
    ),
    element(
      'form',
      { class: 'sign-in', submit },
      element('label', { for: 'token' }, 'Token'),
      input,
      element('button', { type: 'submit' }, 'Sign in'),
    ),
  );
  input.focus();
}

function describe({ name, version, backends: all, worker, workers, reloads }: Overview): void {
  part('title').textContent = `${name} ${version}`;
  document.title = `${selected().title} · ${name}`;
  leave.hidden = token.get() === undefined;
  const up = all.filter(({ state }) => state === 'connected').length;
  const which = worker === undefined ? '' : `, worker ${worker} of ${workers}`;
  const faults = reloads.faults.length > 0 ? `, ${reloads.faults.length} faults in the configuration` : '';
  say(`${up} of ${all.length} backends connected${which}${faults}`);
}

/** Screen readers say it again only when it is something else. */
function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

function mark(view: View): void {
  part('views').replaceChildren(
    ...views.map(({ name, title }) =>
      element(
        'li',
        {},
        element('a', { href: `#${name}`, 'aria-current': name === view.name ? 'page' : undefined }, title),
      ),
    ),
  );
}

function followTheme(): void {
  const button = part('theme');
  const kept = localStorage.getItem('theme');
  const isDark = () => document.documentElement.dataset['theme'] === 'dark';
  const set = (dark: boolean) => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    button.textContent = dark ? 'Light' : 'Dark';
  };
  set(kept ? kept === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  button.addEventListener('click', () => {
    set(!isDark());
    localStorage.setItem('theme', isDark() ? 'dark' : 'light');
  });
}

leave.addEventListener('click', () => {
  token.forget();
  void show();
});
window.addEventListener('hashchange', () => {
  void show().then(() => main.focus({ preventScroll: true }));
});
followTheme();
void show();
