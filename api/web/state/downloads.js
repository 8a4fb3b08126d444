// Downloads of many outputs as a ZIP that is written while they are fetched.

import { getOutput } from '../api/tasks.js';
import { signal } from '../vendor/preact.js';
import { makeZip } from '../vendor/zip.js';

/** @typedef {import('../api/tasks.js').Task} Task */
/** @type {import('../vendor/preact.js').Signal<{done: number, total: number, cancel: () => void} | null>} */
export const zipping = signal(/** @type {{done: number, total: number, cancel: () => void} | null} */ (null));

/** Fetches the outputs one after the other into a ZIP: on the disk as it grows where the browser can do that, else in
 * the browser's own storage. @param {Task[]} tasks @param {string} name */
export async function downloadZip(tasks, name) {
  const controller = new AbortController();
  const choose = /** @type {any} */ (window).showSaveFilePicker;
  const file = choose && (await (await choose({ suggestedName: name })).createWritable());
  zipping.value = { done: 0, total: tasks.length, cancel: () => controller.abort() };
  try {
    const content = makeZip(outputs(tasks, controller.signal));
    if (file) await content.pipeTo(file);
    else save(await new Response(content).blob(), name);
  } finally {
    zipping.value = null;
  }
}

/** @param {Task[]} tasks @param {AbortSignal} signal */
async function* outputs(tasks, signal) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const task of tasks) {
    const input = await getOutput(task.task_id, signal);
    yield { name: unique(task.output?.file_name ?? task.task_id, seen), input, lastModified: new Date(task.created_at) };
    if (zipping.value) zipping.value = { ...zipping.value, done: zipping.value.done + 1 };
  }
}

/** "a.jpg", then "a (2).jpg". @param {string} name @param {Map<string, number>} seen */
function unique(name, seen) {
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  const dot = name.lastIndexOf('.');
  return count === 1 ? name : `${name.slice(0, dot)} (${count})${name.slice(dot)}`;
}

/** @param {Blob} content @param {string} name */
function save(content, name) {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
