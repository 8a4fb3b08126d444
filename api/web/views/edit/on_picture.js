// What is set on the picture itself: which filters have it, and how their values are boxes and points of 0 to 1.

import { Button } from '../../components/button.js';
import { t } from '../../i18n/index.js';
import { html } from '../../vendor/preact.js';
import { setValues, target } from './edit_state.js';

/** @typedef {{x: number, y: number, w: number, h: number}} Box  Shares of the picture. */
/** @typedef {import('./edit_state.js').Step} Step */

/** @param {string} filter @returns {string[]} */
const kindsOf = (filter) => ({ crop: ['box', 'focal'], redact: ['regions'], perspective: ['corners'] })[filter] ?? [];

/** @param {{step: Step, filter: import('../../state/catalogue.js').Filter}} props */
export function SetOnPicture({ step, filter }) {
  const kinds = kindsOf(filter.name);
  const isActive = (/** @type {string} */ kind) => target.value?.id === step.id && target.value.kind === kind;
  const toggle = (/** @type {string} */ kind) => (target.value = isActive(kind) ? null : { id: step.id, kind });
  if (!kinds.length) return null;
  return html`
    <div class="row on-picture">
      ${kinds.map(
        (kind) => html`
          <${Button} key=${kind} icon=${kind === 'focal' ? 'point' : 'crop'} kind=${isActive(kind) ? 'primary' : ''}
            aria-pressed=${String(isActive(kind))} onClick=${() => toggle(kind)}>
            ${t(isActive(kind) ? 'edit.done' : `edit.set_${kind}`)}
          <//>
        `,
      )}
    </div>
  `;
}

/** Whether a new step of the filter begins on the picture. @param {string} filter */
export const firstKind = (filter) => kindsOf(filter)[0];

/** @param {any} length @param {number} side  Of the image in pixels. @param {number} missing */
function toShare(length, side, missing) {
  if (typeof length === 'number') return side ? length / side : missing;
  return typeof length === 'string' && length.endsWith('%') ? Number.parseFloat(length) / 100 : missing;
}

/** @param {number} share */
export const toPercent = (share) => `${Number((100 * Math.min(1, Math.max(0, share))).toFixed(2))}%`;

/** Lengths in pixels are those of the image, whose size the page does not know: they are shown as a whole.
 * @param {Record<string, any>} values @returns {Box} */
export function cropBox({ left, top, width, height }) {
  const [x, y] = [toShare(left, 0, 0), toShare(top, 0, 0)];
  return { x, y, w: Math.min(1 - x, toShare(width, 0, 1 - x)), h: Math.min(1 - y, toShare(height, 0, 1 - y)) };
}

/** @param {number} id @param {Box} box */
export function setCropBox(id, { x, y, w, h }) {
  const all = { left: toPercent(x), top: toPercent(y), width: toPercent(w), height: toPercent(h) };
  setValues(id, { ...all, aspect: undefined, focal_x: undefined, focal_y: undefined });
}

const FIRST_REGION = ['25%', '25%', '50%', '50%'];

/** @param {Record<string, any>} values @returns {Box[]} */
export const regionBoxes = ({ regions = [FIRST_REGION] }) =>
  (Array.isArray(regions) ? regions : []).map(([left, top, width, height]) => ({
    x: toShare(left, 0, 0),
    y: toShare(top, 0, 0),
    w: toShare(width, 0, 0.5),
    h: toShare(height, 0, 0.5),
  }));

/** @param {number} id @param {Box[]} boxes */
export const setRegions = (id, boxes) => setValues(id, { regions: boxes.map(({ x, y, w, h }) => [x, y, w, h].map(toPercent)) });

const CORNERS = { top_left: [0, 0], top_right: [100, 0], bottom_right: [100, 100], bottom_left: [0, 100] };

/** In per cent of the picture, clockwise. @param {Record<string, any>} values */
export const cornersOf = (values) =>
  Object.entries(CORNERS).map(([name, initial]) => ({ name, at: /** @type {number[]} */ (values[name]?.length === 2 ? values[name] : initial) }));

/** Corners may leave the picture by a quarter. @param {number} id @param {string} name @param {number} x @param {number} y */
export function setCorner(id, name, x, y) {
  setValues(id, { [name]: [x, y].map((share) => Number((100 * Math.min(1.25, Math.max(-0.25, share))).toFixed(1))) });
}
