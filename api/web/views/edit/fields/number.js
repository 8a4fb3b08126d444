// A number: a slider for the eye, a field for the exact value. Wide ranges are finer where they are small.

import { html } from '../../../vendor/preact.js';
import { directionOf } from '../arrows.js';
import { stepOf } from '../schema.js';

const WIDE = 200;
const SLIDER_STEPS = 1000;

/** @param {import('./field.js').FieldProps} props */
export function NumberField({ parameter, value, attributes, onChange }) {
  const { schema, isNullable, unit } = parameter;
  const { minimum, maximum } = schema;
  const step = stepOf(schema);
  const power = minimum >= 0 && maximum - minimum > WIDE && schema.maximum !== 255 && unit !== '°' ? 3 : 1;
  const toPosition = (/** @type {number} */ number) => SLIDER_STEPS * ((number - minimum) / (maximum - minimum)) ** (1 / power);
  const fromPosition = (/** @type {number} */ position) =>
    snap(minimum + (maximum - minimum) * (position / SLIDER_STEPS) ** power, minimum, step);
  const type = (/** @type {InputEvent} */ event) => {
    const { value: text, valueAsNumber } = /** @type {HTMLInputElement} */ (event.target);
    if (text || isNullable) onChange(text ? valueAsNumber : undefined);
  };
  const slide = (/** @type {InputEvent} */ event) =>
    onChange(fromPosition(Number(/** @type {HTMLInputElement} */ (event.target).value)));
  const press = (/** @type {KeyboardEvent} */ event) => {
    const [across, down] = directionOf(event);
    const direction = across - down;
    if (!direction || event.altKey) return;
    event.preventDefault();
    const next = snap((value ?? minimum) + direction * step * (event.shiftKey ? 10 : 1), minimum, step);
    onChange(Math.min(maximum, Math.max(minimum, next)));
  };
  return html`
    <div class="number">
      <input type="range" min="0" max=${SLIDER_STEPS} step="any" value=${toPosition(value ?? minimum)}
        aria-label=${attributes.label} aria-valuetext="${value ?? '–'} ${unit}" onInput=${slide} onKeyDown=${press} />
      <span class="exact">
        <input class="input" type="number" min=${minimum} max=${maximum} step=${step === 2 ? 1 : step} value=${value ?? ''}
          id=${attributes.id} aria-invalid=${attributes['aria-invalid']} aria-describedby=${attributes['aria-describedby']}
          onInput=${type} />
        <span class="unit">${unit}</span>
      </span>
    </div>
  `;
}

/** @param {number} number @param {number} minimum @param {number} step */
function snap(number, minimum, step) {
  const snapped = minimum + Math.round((number - minimum) / step) * step;
  return Number(snapped.toFixed(2));
}
