// Whether the server answers. While it does not, it is asked again at growing intervals.

import { effect, signal } from '../vendor/preact.js';
import { observers, send } from '../api/client.js';

/** @typedef {'online' | 'offline' | 'away'} Connection */
export const connection = signal(/** @type {Connection} */ ('online'));
const LONGEST_SECONDS = 15;
let lostAt = 0;

// An answer to a request that was sent before the connection was lost does not bring it back.
observers.answered = (sentAt) => sentAt < lostAt || (connection.value = 'online');
observers.unreachable = () => (connection.value = navigator.onLine ? 'away' : 'offline');
addEventListener('offline', () => (connection.value = 'offline'));
addEventListener('online', () => probe());

export function probe() {
  send('/livez').catch(() => {});
}

effect(() => {
  if (connection.value === 'online') return undefined;
  lostAt = performance.now();
  let timer = 0;
  const askAgainIn = (/** @type {number} */ seconds) => {
    const ask = () => (probe(), askAgainIn(Math.min(seconds * 2, LONGEST_SECONDS)));
    timer = setTimeout(ask, seconds * 1000);
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
