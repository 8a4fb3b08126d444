// Tasks and their outputs.

import { BASE, request, send } from './client.js';

/** @typedef {import('../state/catalogue.js').Step} Step */
/** @typedef {'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'} Status */
/** @typedef {{url: string, url_expires_at: string, format: string, width: number, height: number, bytes: number,
 *   file_name: string}} Output */
/** @typedef {{task_id: string, status: Status, image_id: string | null, pipeline: Step[], preset: string | null,
 *   output_options: Record<string, any>, created_at: string, finished_at: string | null, expires_at: string | null,
 *   error: {code: string, detail: string} | null, output: Output | null,
 *   warnings?: {code: string, path: string, message: string}[]}} Task */

/** @param {{limit?: number, cursor?: string | null, status?: string}} [page]
 * @returns {Promise<import('./images.js').Page<Task>>} */
export const listTasks = ({ limit = 40, cursor, status } = {}) =>
  request(`/v1/tasks?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}${status ? `&status=${status}` : ''}`);

/** @param {string} id @returns {Promise<Task>} */
export const getTask = (id) => request(`/v1/tasks/${id}`);

/** Repeated with the same key, it creates one task. @param {string} imageId @param {Step[] | string} pipeline
 * @param {Record<string, any>} output @param {string} key @returns {Promise<Task>} */
export const createTask = (imageId, pipeline, output, key) =>
  request('/v1/tasks', {
    method: 'POST',
    json: { image_id: imageId, pipeline, output },
    headers: { 'Idempotency-Key': key },
  });

/** @param {string} id @param {{keepalive?: boolean}} [options] */
export const deleteTask = (id, options) => send(`/v1/tasks/${id}`, { method: 'DELETE', ...options });

/** @param {string} id @param {AbortSignal} [signal] */
export const getOutput = (id, signal) => send(`/v1/tasks/${id}/output`, { signal });

/** @param {string} id */
export const taskThumbnail = (id) => `${BASE}/v1/tasks/${id}/thumbnail`;
