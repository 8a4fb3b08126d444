// Starts the page: texts, session, and the view that the address names. Views are loaded when they are first shown.

import { ApiError, send } from './api/client.js';
import { Shell } from './components/shell.js';
import { Failure, Loading } from './components/states.js';
import { loadTexts, t } from './i18n/index.js';
import { connection } from './state/connection.js';
import { address, route } from './state/route.js';
import { hasExpired, loadUser, user } from './state/session.js';
import './state/theme.js';
import { effect, html, render, signal, untracked } from './vendor/preact.js';
import { Welcome } from './views/welcome.js';

/** @typedef {(props: {route: import('./state/route.js').Route}) => any} View */
/** @type {Record<string, {load: () => Promise<View>, isOpen?: boolean}>} Open views need no account. */
const VIEWS = {
  '': { load: async () => Welcome, isOpen: true },
  'sign-in': { load: async () => (await import('./views/sign_in.js')).SignIn, isOpen: true },
  upload: { load: async () => (await import('./views/upload.js')).Upload },
  gallery: { load: loadGallery },
  edit: { load: loadEditor },
  account: { load: async () => (await import('./views/account.js')).Account },
};
const HOME = 'upload';

async function loadGallery() {
  await loadTexts('catalogue');
  return (await import('./views/gallery/index.js')).Gallery;
}

async function loadEditor() {
  const [{ Edit }] = await Promise.all([import('./views/edit/index.js'), loadTexts('edit', 'catalogue', 'help')]);
  return Edit;
}

/** @type {import('./vendor/preact.js').Signal<{name: string, View: View | null, error?: unknown}>} */
const shown = signal({ name: '', View: /** @type {View | null} */ (null) });
const viewName = () => (route.value.view in VIEWS ? route.value.view : '');

/** @param {string} name */
async function open(name) {
  try {
    if (user.value === undefined) await loadUser();
    if (redirect(name)) return;
    const View = await loadView(name);
    if (name !== viewName()) return;
    const isFirst = !shown.value.View;
    shown.value = { name, View };
    if (isFirst) return;
    scrollTo(0, 0); // the header would cover what a focus scrolls to
    requestAnimationFrame(() => document.getElementById('main')?.focus({ preventScroll: true }));
  } catch (error) {
    shown.value = { name, View: null, error };
  }
}

/** @param {string} name */
const loadView = (name) =>
  VIEWS[name].load().catch(async () => {
    await send('/livez'); // says whether the network or the server is away
    throw new ApiError({ status: 404, code: 'page_updated' });
  });

/** The other views of users with a session: they open at once, without a network too. */
const loadViews = () => user.value && Object.values(VIEWS).forEach(({ load }) => load().catch(() => {}));

/** Sends users with a session from the welcome to their pictures, and others to the sign-in.
 * @param {string} name */
function redirect(name) {
  const needsSession = !VIEWS[name].isOpen && !user.value && !hasExpired.value;
  if (needsSession) location.replace(address('sign-in', '', { next: location.hash }));
  if (!name && user.value) location.replace(address(HOME));
  return needsSession || Boolean(!name && user.value);
}

function App() {
  const { name, View, error } = shown.value;
  if (error) return html`<${Shell}><div class="view"><${Failure} error=${error} onRetry=${() => open(name)} /></div><//>`;
  return html`<${Shell}>${View ? html`<${View} key=${name} route=${route.value} />` : html`<${Loading} />`}<//>`;
}

await loadTexts('page', 'problems');
effect(() => {
  const name = viewName();
  document.title = name ? `${t(`nav.${name}`)} · Darkroom` : 'Darkroom';
  untracked(() => void open(name));
});
effect(() => {
  const { error } = shown.peek();
  if (connection.value === 'online' && error instanceof ApiError && !error.status) untracked(() => void open(viewName()));
});
effect(() => void (user.value && setTimeout(loadViews, 2000)));
render(html`<${App} />`, /** @type {Element} */ (document.getElementById('app')));
