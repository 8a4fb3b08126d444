// Outputs at once, while somebody edits: small, or with every pixel.

import { send } from './client.js';
import { deliveryUrl } from './delivery.js';

/** @typedef {import('../state/catalogue.js').Step} Step */
/** @typedef {{image_id: string, pipeline: Step[], output: Record<string, any>, max_side?: number}} PreviewBody */

/** @param {PreviewBody} body @param {AbortSignal} signal @returns {Promise<Blob>} */
export async function renderPreview(body, signal) {
  return (await send('/v1/previews', { method: 'POST', json: body, signal })).blob();
}

/** The output as it will be, by a delivery URL: no task is left behind.
 * @param {PreviewBody} body @param {AbortSignal} signal @returns {Promise<Blob>} */
export async function renderFull({ image_id: imageId, pipeline, output }, signal) {
  const url = await deliveryUrl(imageId, pipeline, output);
  return (await send(url.slice(url.indexOf('/i/')), { signal })).blob(); // from here, not from a CDN in front
}
