// The view and its parameters, from the fragment of the address: #/edit/{image_id}?pipeline=…

import { signal } from '../vendor/preact.js';

/** @typedef {{view: string, id: string, query: URLSearchParams}} Route */

/** @returns {Route} */
function parseAddress() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', id = ''] = path.split('/');
  return { view, id: decodeURIComponent(id), query: new URLSearchParams(query) };
}

export const route = signal(parseAddress());
addEventListener('hashchange', () => (route.value = parseAddress()));

/** The address of a view. @param {string} view @param {string} [id] @param {Record<string, string>} [query] */
export function address(view, id = '', query = {}) {
  const parameters = new URLSearchParams(query).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ''}${parameters ? `?${parameters}` : ''}`;
}

/** @param {string} view @param {string} [id] @param {Record<string, string>} [query] */
export function navigate(view, id, query) {
  location.hash = address(view, id, query);
}

/** Changes the address without a new entry in the history and without showing the view anew.
 * @param {string} view @param {string} [id] @param {Record<string, string>} [query] */
export function replaceAddress(view, id, query) {
  history.replaceState(history.state, '', address(view, id, query));
}

/** The address that edits an image, with the steps and output options of an earlier edit.
 * @param {string} imageId @param {unknown[]} [pipeline] @param {Record<string, any>} [output] */
export const editAddress = (imageId, pipeline = [], output = {}) =>
  address('edit', imageId, {
    ...(pipeline.length ? { pipeline: JSON.stringify(pipeline) } : {}),
    ...(Object.keys(output).length ? { output: JSON.stringify(output) } : {}),
  });
