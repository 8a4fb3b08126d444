// A box on the picture: dragged as a whole and by its handles, moved by arrow keys, resized by them with Shift.

import { html } from '../../vendor/preact.js';
import { directionOf } from './arrows.js';

/** @typedef {import('./on_picture.js').Box} Box */

const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];
const SMALLEST = 0.02;
const KEY_STEP = 0.01;

/** @param {number} value @param {number} least @param {number} most */
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** Calls `onMove` with how far the pointer has gone, in shares of the picture, until it is released.
 * @param {PointerEvent} event @param {Element} frame @param {(dx: number, dy: number) => void} onMove */
export function dragged(event, frame, onMove) {
  const box = frame.getBoundingClientRect();
  const [startX, startY] = [event.clientX, event.clientY];
  const ended = new AbortController();
  event.preventDefault();
  event.stopPropagation();
  const move = (/** @type {PointerEvent} */ moved) =>
    onMove((moved.clientX - startX) / box.width, (moved.clientY - startY) / box.height);
  addEventListener('pointermove', move, { signal: ended.signal });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => ended.abort(), { signal: ended.signal });
}

/** @param {Box} box @param {number} dx @param {number} dy @returns {Box} */
const shifted = (box, dx, dy) => ({ ...box, x: clamp(box.x + dx, 0, 1 - box.w), y: clamp(box.y + dy, 0, 1 - box.h) });

/** Moves the edges of a handle. With `ratio`, which is width to height in shares, the box keeps it.
 * @param {Box} box @param {string} handle @param {number} dx @param {number} dy @param {number | null} ratio @returns {Box} */
export function resized(box, handle, dx, dy, ratio) {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.w, box.y + box.h];
  if (handle.includes('w')) left = clamp(left + dx, 0, right - SMALLEST);
  if (handle.includes('e')) right = clamp(right + dx, left + SMALLEST, 1);
  if (handle.includes('n')) top = clamp(top + dy, 0, bottom - SMALLEST);
  if (handle.includes('s')) bottom = clamp(bottom + dy, top + SMALLEST, 1);
  if (!ratio) return { x: left, y: top, w: right - left, h: bottom - top };
  const isVertical = handle === 'n' || handle === 's';
  const spaceX = handle.includes('w') ? right : 1 - left;
  const spaceY = handle.includes('n') ? bottom : 1 - top;
  const w = Math.min(isVertical ? (bottom - top) * ratio : right - left, spaceX, spaceY * ratio);
  const h = w / ratio;
  return { x: handle.includes('w') ? right - w : left, y: handle.includes('n') ? bottom - h : top, w, h };
}

/** @param {Box} box */
export const styleOf = ({ x, y, w, h }) => ({ left: `${100 * x}%`, top: `${100 * y}%`, width: `${100 * w}%`, height: `${100 * h}%` });

/** @param {{box: Box, label: string, frame: () => Element, ratio?: number | null, isCrop?: boolean, isChosen?: boolean,
 *   onChange: (box: Box) => void, onChoose?: () => void, onDelete?: () => void}} props */
export function Region({ box, label, frame, ratio = null, isCrop = false, isChosen = true, onChange, onChoose, onDelete }) {
  const press = (/** @type {PointerEvent} */ event) => {
    const { handle } = /** @type {HTMLElement} */ (event.target).dataset;
    onChoose?.();
    /** @type {HTMLElement} */ (event.currentTarget).focus();
    dragged(event, frame(), (dx, dy) => onChange(handle ? resized(box, handle, dx, dy, ratio) : shifted(box, dx, dy)));
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const [across, down] = directionOf(event).map((each) => each * KEY_STEP);
    if (event.key === 'Delete' && onDelete) onDelete();
    else if (!across && !down) return;
    else onChange(event.shiftKey ? resized(box, across ? 'e' : 's', across, down, ratio) : shifted(box, across, down));
    event.preventDefault();
  };
  return html`
    <div class="region ${isCrop ? 'crop' : ''} ${isChosen ? 'chosen' : ''}" style=${styleOf(box)} tabindex="0" role="group" aria-label=${label}
      onPointerDown=${press} onKeyDown=${key} onFocus=${onChoose}>
      ${isChosen && HANDLES.map((handle) => html`<span key=${handle} class="handle ${handle}" data-handle=${handle}></span>`)}
    </div>
  `;
}
