// Small outputs at once, while somebody edits.

import { send } from './client.js';

/** @typedef {import('../state/catalogue.js').Step} Step */
/** @typedef {{image_id: string, pipeline: Step[], output: Record<string, any>, max_side?: number}} PreviewBody */

/** @param {PreviewBody} body @param {AbortSignal} signal @returns {Promise<Blob>} */
export async function renderPreview(body, signal) {
  return (await send('/v1/previews', { method: 'POST', json: body, signal })).blob();
}
