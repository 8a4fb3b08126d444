// Submits the edit as a task, and follows it by its events.

import { BASE, ApiError } from '../../api/client.js';
import { createTask, getTask } from '../../api/tasks.js';
import { t } from '../../i18n/index.js';
import { announce } from '../../state/toasts.js';
import { signal } from '../../vendor/preact.js';
import { edit, toRequest } from './edit_state.js';

/** @typedef {import('../../api/tasks.js').Task} Task */
/** @typedef {{status: '' | 'sending' | 'queued' | 'running' | 'succeeded' | 'failed', task?: Task, error?: unknown,
 *   edit?: import('./edit_state.js').Edit}} Job  `edit` is what was rendered. */

/** @type {import('../../vendor/preact.js').Signal<Job>} */
export const job = signal(/** @type {Job} */ ({ status: '' }));
/** @type {EventSource | null} */
let events = null;
/** @type {import('./edit_state.js').Edit | undefined} */
let rendered;

export function forgetJob() {
  events?.close();
  job.value = { status: '' };
}

/** @param {import('../../api/images.js').Image} image */
export async function render(image) {
  forgetJob();
  const key = crypto.randomUUID?.() ?? String(Math.random()); // absent without TLS
  job.value = { status: 'sending' };
  rendered = edit.value;
  try {
    const task = await createTask(image.image_id, toRequest(edit.value.steps), edit.value.output, key);
    job.value = { status: 'queued', task };
    follow(task);
  } catch (error) {
    job.value = { status: 'failed', error };
  }
}

/** @param {Task} task */
function follow(task) {
  events = new EventSource(`${BASE}/v1/tasks/${task.task_id}/events`);
  events.addEventListener('queued', () => (job.value = { status: 'queued', task }));
  events.addEventListener('running', () => (job.value = { status: 'running', task }));
  for (const status of ['succeeded', 'failed', 'cancelled']) {
    events.addEventListener(status, (event) => end(JSON.parse(/** @type {MessageEvent} */ (event).data).task));
  }
  events.addEventListener('error', () => void check(task));
}

/** The browser reconnects by itself, unless the answer was an error. @param {Task} task */
async function check(task) {
  if (events?.readyState !== EventSource.CLOSED) return;
  try {
    const found = await getTask(task.task_id);
    if (found.finished_at) end(found);
    else setTimeout(() => follow(found), 2000);
  } catch (error) {
    if (error instanceof ApiError && error.isTemporary) setTimeout(() => void check(task), 2000);
    else job.value = { status: 'failed', error };
  }
}

/** @param {Task} task */
function end(task) {
  events?.close();
  const status = task.status === 'succeeded' ? 'succeeded' : 'failed';
  job.value = { status, task, edit: rendered };
  announce(t(`edit.status.${status}`));
}
