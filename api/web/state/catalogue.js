// Filters and looks, loaded once.

import { signal } from '../vendor/preact.js';
import { request } from '../api/client.js';

/** @typedef {Record<string, any>} Schema */
/** @typedef {{name: string, group: string, summary: string, preview_note: string | null, parameters: Schema}} Filter */
/** @typedef {{filter: string, [parameter: string]: any}} Step */
/** @typedef {{name: string, summary: string, pipeline: Step[]}} Look */
/** @typedef {{items: Filter[], looks: Look[]}} Catalogue */

/** @type {import('../vendor/preact.js').Signal<Catalogue | null>} */
export const catalogue = signal(/** @type {Catalogue | null} */ (null));

export async function loadCatalogue() {
  catalogue.value ??= await request('/v1/filters');
}
