// The same steps on many pictures: submitted three at a time, followed until all have ended.

import { createTask } from '../api/tasks.js';
import { ApiError } from '../api/client.js';
import { computed, signal } from '../vendor/preact.js';
import { untilOnline } from './connection.js';
import { add, known } from './gallery.js';

/** @typedef {{imageId: string, taskId?: string, error?: unknown}} Entry */
/** @typedef {{pipeline: import('../api/tasks.js').Step[] | string, output: Record<string, any>}} Edit */
/** @type {import('../vendor/preact.js').Signal<{edit: Edit, entries: Entry[]} | null>} */
export const batch = signal(/** @type {{edit: Edit, entries: Entry[]} | null} */ (null));
const AT_ONCE = 3;

/** How far it is; the gallery follows the tasks. */
export const progress = computed(() => {
  const entries = (batch.value?.entries ?? []).map((entry) => ({ ...entry, task: known.value.get(entry.taskId ?? '') }));
  const succeeded = entries.flatMap(({ task }) => (task?.status === 'succeeded' ? [task] : []));
  const failed = entries.filter(({ error, task }) => error || task?.status === 'failed' || task?.status === 'cancelled');
  return { total: entries.length, succeeded, failed, isOver: succeeded.length + failed.length === entries.length };
});

/** @param {string[]} imageIds @param {Edit} edit */
export async function start(imageIds, edit) {
  const waiting = imageIds.map((imageId) => ({ imageId, key: newKey() }));
  batch.value = { edit, entries: imageIds.map((imageId) => ({ imageId })) };
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) note(next.imageId, await submit(next.imageId, edit, next.key));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Repeats until the server has decided; the key makes one task of all tries.
 * @param {string} imageId @param {Edit} edit @param {string} key @returns {Promise<Partial<Entry>>} */
async function submit(imageId, { pipeline, output }, key) {
  for (;;) {
    try {
      const task = await createTask(imageId, pipeline, output, key);
      add(task);
      return { taskId: task.task_id };
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isTemporary) return { error };
      if (error.status) await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfterSeconds || 2)));
      else await untilOnline();
    }
  }
}

/** @param {string} imageId @param {Partial<Entry>} found */
function note(imageId, found) {
  if (!batch.value) return;
  const entries = batch.value.entries.map((each) => (each.imageId === imageId ? { ...each, ...found } : each));
  batch.value = { ...batch.value, entries };
}

const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');
