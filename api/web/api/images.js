// Source images: uploaded once, used by many tasks.

import { BASE, request, send, upload } from './client.js';

/** @typedef {{image_id: string, format: string, bytes: number, sha256: string, file_name: string | null,
 *   created_at: string, expires_at: string | null, url?: string, url_expires_at?: string}} Image */
/** @template Item @typedef {{items: Item[], next_cursor: string | null}} Page */

/** The same `key` gives the same image.
 * @param {File | Blob} file @param {string} name @param {string} key
 * @param {{signal: AbortSignal, onProgress?: (sentBytes: number) => void}} options @returns {Promise<Image>} */
export function uploadImage(file, name, key, { signal, onProgress = () => {} }) {
  const form = new FormData();
  form.append('image', file, name);
  return upload('/v1/images', form, { key, signal, onProgress });
}

/** @param {{limit?: number, cursor?: string | null}} [page] @returns {Promise<Page<Image>>} */
export const listImages = ({ limit = 40, cursor } = {}) =>
  request(`/v1/images?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`);

/** With a link to download it. @param {string} id @returns {Promise<Image>} */
export const getImage = (id) => request(`/v1/images/${id}`);

/** @param {string} id @param {{keepalive?: boolean}} [options] */
export const deleteImage = (id, options) => send(`/v1/images/${id}`, { method: 'DELETE', ...options });

/** @param {string} id */
export const imageThumbnail = (id) => `${BASE}/v1/images/${id}/thumbnail`;
