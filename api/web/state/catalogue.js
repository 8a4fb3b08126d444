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

/** @param {string} name */
export const filterNamed = (name) => catalogue.value?.items.find((each) => each.name === name);
/** @param {string} name */
export const lookNamed = (name) => catalogue.value?.looks.find((each) => each.name === name);

/** Values without those that the filter has anyway: the server answers with all. @param {string} filter @param {Record<string, any>} values */
export function withoutDefaults(filter, values) {
  const schemas = filterNamed(filter)?.parameters.properties ?? {};
  const isGiven = (/** @type {[string, any]} */ [name, value]) => !(name in schemas) || JSON.stringify(value) !== JSON.stringify(schemas[name].default ?? null);
  return Object.fromEntries(Object.entries(values).filter(isGiven));
}

export async function loadCatalogue() {
  catalogue.value ??= await request('/v1/filters');
}
