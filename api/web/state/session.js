// Who is signed in. The token is in a cookie that no script can read.

import { signal } from '../vendor/preact.js';
import * as accounts from '../api/accounts.js';
import { ApiError, observers } from '../api/client.js';

const STORED = 'darkroom.has_session';
const STORED_USER = 'darkroom.user_id'; // for the other tabs

/** @typedef {import('../api/accounts.js').User} User */
/** @type {import('../vendor/preact.js').Signal<User | null | undefined>} undefined while it is not known */
export const user = signal(/** @type {User | null | undefined} */ (undefined));
/** Whether the session ended while the page was open. */
export const hasExpired = signal(false);

observers.unauthenticated = () => {
  if (user.value) hasExpired.value = true;
  forget();
};

/** Asks the server only if this browser has signed in: for anybody else the answer is known. */
export async function loadUser() {
  try {
    user.value = localStorage.getItem(STORED) ? await accounts.getMe() : null;
    if (user.value) localStorage.setItem(STORED_USER, user.value.user_id);
  } catch (error) {
    if (!(error instanceof ApiError) || error.isTemporary) throw error;
    forget();
  }
}

function forget() {
  localStorage.removeItem(STORED);
  localStorage.removeItem(STORED_USER);
  user.value = null;
}

/** The cookie is that of all tabs: this one follows when another signs in or out. */
addEventListener('storage', ({ key, newValue }) => {
  if (key !== STORED_USER || newValue === (user.value?.user_id ?? null)) return;
  if (newValue) return location.reload(); // the edit is in the address, the queue in the browser's database
  hasExpired.value = true;
  user.value = null;
});

/** @param {string} email @param {string} password */
export async function signIn(email, password) {
  await accounts.signIn(email, password);
  localStorage.setItem(STORED, '1');
  hasExpired.value = false;
  await loadUser();
}

/** @param {string} email @param {string} password */
export async function register(email, password) {
  await accounts.register(email, password);
  await signIn(email, password);
}

/** Ends the session by a request such as signing out.
 * @param {() => Promise<unknown>} request */
export async function end(request) {
  await request();
  hasExpired.value = false;
  forget();
}
