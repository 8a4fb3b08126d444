// Short messages at the bottom, and what the polite live region says.

import { signal } from '../vendor/preact.js';

/** @typedef {{id: number, text: string, action?: string, onAction?: () => void, onClose?: () => void}} Toast */
/** @type {import('../vendor/preact.js').Signal<Toast[]>} */
export const toasts = signal(/** @type {Toast[]} */ ([]));
/** The text that screen readers announce next. */
export const announcement = signal('');
/** How many dialogs are open: everything outside of them is out of reach, messages too. */
export const openDialogs = signal(0);
const SHOWN_SECONDS = 7;
let lastId = 0;

/** @param {string} text */
export const announce = (text) => (announcement.value = text);

/** Shows a message for some seconds. `onClose` is called when it goes away without its action.
 * @param {string} text @param {Omit<Toast, 'id' | 'text'>} [options] */
export function toast(text, options = {}) {
  toasts.value.filter((each) => each.text === text && !each.onClose).forEach((each) => closeToast(each.id));
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, text, ...options }];
  announce(text);
  setTimeout(() => closeToast(id), SHOWN_SECONDS * 1000);
}

/** @param {number} id @param {{acted?: boolean}} [how] */
export function closeToast(id, { acted = false } = {}) {
  const found = toasts.value.find((each) => each.id === id);
  if (!found) return;
  toasts.value = toasts.value.filter((each) => each.id !== id);
  if (acted) found.onAction?.();
  else found.onClose?.();
}
