// Text, a length in pixels or per cent, a row of numbers, and JSON for what has no field of its own.

import { html } from '../../../vendor/preact.js';

const LONG = 100;

/** @param {any} event */
const textOf = (event) => /** @type {string} */ (event.target.value);

/** @param {import('./field.js').FieldProps} props */
export function TextField({ parameter, value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  const change = (/** @type {Event} */ event) => onChange(textOf(event) || (parameter.isNullable ? undefined : ''));
  const isLong = parameter.schema.maxLength > LONG;
  if (isLong) return html`<textarea class="input" rows="2" ...${shared} value=${value ?? ''} onInput=${change}></textarea>`;
  return html`<input class="input" ...${shared} value=${value ?? ''} onInput=${change} />`;
}

/** @param {import('./field.js').FieldProps} props */
export function LengthField({ value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  return html`<input class="input" ...${shared} value=${value ?? ''} placeholder="px, %" autocomplete="off"
    onChange=${(/** @type {Event} */ event) => onChange(toLength(textOf(event).trim()))} />`;
}

/** @param {string} text @returns {string | number | undefined} */
function toLength(text) {
  if (!text) return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** @param {import('./field.js').FieldProps} props */
export function NumbersField({ parameter, value, attributes, onChange }) {
  const numbers = /** @type {number[]} */ (value);
  const items = /** @type {import('../../../state/catalogue.js').Schema[]} */ (parameter.schema.prefixItems);
  const change = (/** @type {number} */ index, /** @type {any} */ event) => {
    if (!Number.isNaN(event.target.valueAsNumber)) onChange(numbers.with(index, event.target.valueAsNumber));
  };
  return html`
    <div class="numbers" role="group" aria-label=${attributes.label}>
      ${items.map(
        ({ minimum, maximum }, index) => html`
          <input class="input" type="number" key=${index} min=${minimum} max=${maximum} step="any" value=${numbers[index]}
            id=${index ? undefined : attributes.id} aria-label="${attributes.label} ${index + 1}"
            onInput=${(/** @type {Event} */ event) => change(index, event)} />
        `,
      )}
    </div>
  `;
}

/** @param {import('./field.js').FieldProps} props */
export function JsonField({ value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  const change = (/** @type {Event} */ event) => {
    try {
      onChange(JSON.parse(textOf(event)));
    } catch {
      onChange(textOf(event)); // the server says what is wrong with it
    }
  };
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return html`<textarea class="input code" rows="3" spellcheck="false" ...${shared} value=${text} onChange=${change}></textarea>`;
}
