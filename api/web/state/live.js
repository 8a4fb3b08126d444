// What happens to the tasks of the user, over one stream a browser: the tab that holds a lock reads it for all tabs.

import { BASE } from '../api/client.js';
import { effect } from '../vendor/preact.js';
import { connection } from './connection.js';
import { user } from './session.js';

/** @typedef {{event: string, task_id?: string}} LiveEvent  `refetch`, `created`, `deleted`, or a status. */
const NAMES = ['refetch', 'created', 'deleted', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];
const CHANNEL = 'darkroom.events';
const RETRY_SECONDS = 5;

/** Calls `listener` until the returned function is called. @param {(event: LiveEvent) => void} listener */
export function listenToTasks(listener) {
  const controller = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => listener(data);
  const stop = effect(() => {
    if (!user.value || connection.value !== 'online') return undefined;
    const reading = new AbortController();
    lead(reading.signal, channel, listener);
    return () => reading.abort();
  });
  controller.signal.addEventListener('abort', () => (stop(), channel.close()));
  return () => controller.abort();
}

/** Waits for the lock, then reads the stream as long as this tab lives.
 * @param {AbortSignal} signal @param {BroadcastChannel} channel @param {(event: LiveEvent) => void} listener */
function lead(signal, channel, listener) {
  const read = () =>
    new Promise((resolve) => {
      let stream = open();
      function open() {
        const source = new EventSource(`${BASE}/v1/events`);
        for (const name of NAMES) source.addEventListener(name, ({ data }) => report(name, JSON.parse(data)));
        source.onerror = () => {
          if (source.readyState === EventSource.CLOSED && !signal.aborted) setTimeout(reopen, RETRY_SECONDS * 1000);
        };
        return source;
      }
      const reopen = () => signal.aborted || (stream = open());
      const report = (/** @type {string} */ event, /** @type {{task_id?: string}} */ { task_id }) => {
        listener({ event, task_id });
        channel.postMessage({ event, task_id });
      };
      signal.addEventListener('abort', () => (stream.close(), resolve(undefined)));
    });
  if (!navigator.locks) return void read(); // over plain HTTP: a stream for each tab
  navigator.locks.request(CHANNEL, { signal }, read).catch(() => {}); // aborted while it waited
}
