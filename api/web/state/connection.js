// Whether the server answers. While it does not, it is asked again at growing intervals.

import { effect, signal } from '../vendor/preact.js';
import { observers, send } from '../api/client.js';

/** @typedef {'online' | 'offline' | 'away'} Connection */
export const connection = signal(/** @type {Connection} */ ('online'));
const LONGEST_SECONDS = 15;

observers.answered = () => (connection.value = 'online');
observers.unreachable = () => (connection.value = navigator.onLine ? 'away' : 'offline');
addEventListener('offline', () => (connection.value = 'offline'));
addEventListener('online', () => probe());

export function probe() {
  send('/livez').catch(() => {});
}

effect(() => {
  if (connection.value === 'online') return undefined;
  let timer = 0;
  const askAgainIn = (/** @type {number} */ seconds) => {
    timer = setTimeout(() => {
      probe();
      askAgainIn(Math.min(seconds * 2, LONGEST_SECONDS));
    }, seconds * 1000);
  };
  askAgainIn(1);
  return () => clearTimeout(timer);
});

/** Resolves when the server answers. */
export function untilOnline() {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (connection.value === 'online') queueMicrotask(() => (stop(), resolve(undefined)));
    });
  });
}
