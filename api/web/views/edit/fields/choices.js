// Choices: a switch, a few values side by side, many in a list, and nine places of an image.

import { hasText, t } from '../../../i18n/index.js';
import { html } from '../../../vendor/preact.js';

const PLACES = ['northwest', 'north', 'northeast', 'west', 'center', 'east', 'southwest', 'south', 'southeast'];
const FEW = 3;

/** @param {string} value */
export const nameOf = (value) => (hasText(`value.${value}`) ? t(`value.${value}`) : value.replaceAll('_', ' '));

/** @param {import('./field.js').FieldProps} props */
export function ChoiceField({ parameter, value, attributes, onChange }) {
  const values = /** @type {string[]} */ (parameter.schema.enum);
  if (values.length <= FEW) return html`<${Side} ...${{ values, value, attributes, onChange }} />`;
  return html`
    <select class="input" id=${attributes.id} value=${value} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
      ${values.map((each) => html`<option key=${each} value=${each} selected=${each === value}>${nameOf(each)}</option>`)}
    </select>
  `;
}

/** @param {{values: string[], value: any, attributes: Record<string, any>, onChange: (value: any) => void}} props */
const Side = ({ values, value, attributes, onChange }) => html`
  <div class="segments" role="group" aria-label=${attributes.label}>
    ${values.map(
      (each) => html`
        <button key=${each} type="button" aria-pressed=${String(each === value)} onClick=${() => onChange(each)}>${nameOf(each)}</button>
      `,
    )}
  </div>
`;

/** @param {import('./field.js').FieldProps} props */
export function PlaceField({ parameter, value, attributes, onChange }) {
  const others = parameter.schema.enum.filter((/** @type {string} */ each) => !PLACES.includes(each));
  return html`
    <div class="places" role="group" aria-label=${attributes.label}>
      <div class="grid">
        ${PLACES.map(
          (each) => html`
            <button key=${each} type="button" aria-pressed=${String(each === value)} aria-label=${nameOf(each)}
              title=${nameOf(each)} onClick=${() => onChange(each)}></button>
          `,
        )}
      </div>
      ${others.length > 0 && html`<${Side} values=${others} ...${{ value, attributes, onChange }} />`}
    </div>
  `;
}

/** @param {import('./field.js').FieldProps} props */
export const SwitchField = ({ value, attributes, onChange }) => html`
  <input type="checkbox" role="switch" class="switch" id=${attributes.id} checked=${value}
    onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} />
`;
