// A curve drawn on a square: press to add a point, drag to move it, double-click or Delete to remove it.

import { t } from '../../../i18n/index.js';
import { html, useRef, useSignal } from '../../../vendor/preact.js';
import { directionOf } from '../arrows.js';

const SIDE = 255;
const MOST_POINTS = 16;
const NEAR = 12;

/** @typedef {[number, number]} Point */

/** @param {import('./field.js').FieldProps} props */
export function CurveField({ parameter, value, attributes, onChange }) {
  const points = /** @type {Point[]} */ (value);
  const chosen = useSignal(-1);
  /** @type {{current: SVGSVGElement | null}} */
  const square = useRef(null);
  const at = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {SVGSVGElement} */ (square.current).getBoundingClientRect();
    const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return /** @type {Point} */ ([limit(across * SIDE), limit((1 - down) * SIDE)]);
  };
  const move = (/** @type {number} */ index, /** @type {Point} */ [x, y]) => onChange(points.with(index, [between(points, index, x), y]));
  const press = (/** @type {PointerEvent} */ event) => {
    const point = at(event);
    const near = points.findIndex(([x, y]) => Math.hypot(x - point[0], y - point[1]) < NEAR);
    square.current?.setPointerCapture(event.pointerId);
    if (near >= 0) return void (chosen.value = near);
    if (points.length >= MOST_POINTS || points.some(([x]) => x === point[0])) return;
    const next = [...points, point].sort((one, other) => one[0] - other[0]);
    chosen.value = next.indexOf(point);
    onChange(next);
  };
  const drag = (/** @type {PointerEvent} */ event) => event.buttons && points[chosen.value] && move(chosen.value, at(event));
  const remove = (/** @type {number} */ index) => {
    if (points.length > 2) onChange(points.toSpliced(index, 1));
  };
  const key = (/** @type {KeyboardEvent} */ event, /** @type {number} */ index) => {
    const [x, y] = points[index];
    const by = event.shiftKey ? 16 : 4;
    const [across, down] = directionOf(event);
    if (event.key === 'Delete') remove(index);
    else if (across || down) move(index, [limit(x + by * across), limit(y - by * down)]);
    else return;
    event.preventDefault();
  };
  return html`
    <svg ref=${square} class="curve ${parameter.name}" viewBox="0 0 255 255" role="group" aria-label=${attributes.label}
      onPointerDown=${press} onPointerMove=${drag}>
      <path class="grid" d="M64 0V255M128 0V255M191 0V255M0 64H255M0 128H255M0 191H255M0 255 255 0" />
      <path class="line" d=${pathOf(points)} />
      ${points.map(
        ([x, y], index) => html`
          <circle key=${index} cx=${x} cy=${SIDE - y} r="6" tabindex="0" role="img"
            aria-label=${t('edit.curve_point', { x, y })} onDblClick=${() => remove(index)}
            onKeyDown=${(/** @type {KeyboardEvent} */ event) => key(event, index)} />
        `,
      )}
    </svg>
  `;
}

/** @param {number} number */
const limit = (number) => Math.round(Math.min(SIDE, Math.max(0, number)));

/** Points stay in order. @param {Point[]} points @param {number} index @param {number} x */
const between = (points, index, x) =>
  Math.min((points[index + 1]?.[0] ?? SIDE + 1) - 1, Math.max((points[index - 1]?.[0] ?? -1) + 1, x));

/** Smooth, as the filter draws it: cubic pieces that never overshoot. @param {Point[]} points */
function pathOf(points) {
  const slopes = points.slice(1).map(([x, y], index) => (y - points[index][1]) / Math.max(1, x - points[index][0]));
  const tangents = points.map((_, index) => {
    const [before, after] = [slopes[index - 1] ?? slopes[index], slopes[index] ?? slopes[index - 1]];
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
  const pieces = points.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = points[index];
    const third = (x - fromX) / 3;
    return `C${fromX + third} ${SIDE - fromY - third * tangents[index]} ${x - third} ${SIDE - y + third * tangents[index + 1]} ${x} ${SIDE - y}`;
  });
  const [first, last] = [points[0], points[points.length - 1]];
  return `M0 ${SIDE - first[1]}H${first[0]}${pieces.join('')}H${SIDE}V${SIDE - last[1]}`;
}
