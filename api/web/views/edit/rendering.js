// Submits the edit as a task; the event stream says how it goes.

import { createTask } from '../../api/tasks.js';
import { t } from '../../i18n/index.js';
import { add, known } from '../../state/gallery.js';
import { announce } from '../../state/toasts.js';
import { computed, effect, signal, untracked } from '../../vendor/preact.js';
import { edit, toRequest } from './edit_state.js';

/** @typedef {{isSending?: boolean, taskId?: string, error?: unknown, edit?: import('./edit_state.js').Edit}} Job
 *   `edit` is what is rendered. */

/** @type {import('../../vendor/preact.js').Signal<Job>} */
export const job = signal(/** @type {Job} */ ({}));
export const task = computed(() => known.value.get(job.value.taskId ?? ''));
export const status = computed(() => (job.value.isSending ? 'sending' : job.value.error ? 'failed' : (task.value?.status ?? '')));

export const forgetJob = () => void (job.value = {});

/** @param {import('../../api/images.js').Image} image */
export async function render(image) {
  const sending = { isSending: true, edit: edit.value };
  const key = crypto.randomUUID?.() ?? String(Math.random()); // absent without TLS
  job.value = sending;
  const ended = await createTask(image.image_id, toRequest(edit.value.steps), edit.value.output, key).then(
    (created) => (add(created), { taskId: created.task_id, edit: sending.edit }),
    (error) => ({ error }),
  );
  if (job.value === sending) job.value = ended;
}

effect(() => {
  if (['succeeded', 'failed'].includes(status.value)) untracked(() => announce(t(`edit.status.${status.value}`)));
});
