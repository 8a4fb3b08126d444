// Presets: pipelines with output options under a name.

import { request } from './client.js';

/** @typedef {{name: string, version: number, reference: string, pipeline: import('./tasks.js').Step[],
 *   output_options: Record<string, any>, created_at: string}} Preset */

/** @returns {Promise<Preset[]>} */
export const listPresets = async () => (await request('/v1/presets?limit=100')).items;

/** @param {string} name @param {import('./tasks.js').Step[]} pipeline @param {Record<string, any>} output
 * @returns {Promise<Preset>} */
export const savePreset = (name, pipeline, output) =>
  request(`/v1/presets/${name}`, { method: 'PUT', json: { pipeline, output } });

/** @param {string} name */
export const deletePreset = (name) => request(`/v1/presets/${name}`, { method: 'DELETE' });
