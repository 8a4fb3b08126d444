// A colour: as text, which may be a name or have alpha, and with the browser's picker.

import { t } from '../../../i18n/index.js';
import { html } from '../../../vendor/preact.js';
import { useDraft } from './texts.js';

/** @param {import('./field.js').FieldProps} props */
export function ColorField({ parameter, value, attributes, onChange }) {
  const input = (/** @type {InputEvent} */ event) => {
    const { value: text } = /** @type {HTMLInputElement} */ (event.target);
    onChange(text || (parameter.isNullable ? undefined : parameter.initial));
  };
  const draft = useDraft(value);
  return html`
    <span class="color">
      <span class="swatch" style=${{ '--color': value ?? 'transparent' }}>
        <input type="color" value=${toHex(value)} aria-label="${attributes.label}: ${t('edit.pick_color')}" onInput=${input} />
      </span>
      <input class="input" id=${attributes.id} aria-label=${attributes['aria-label']} ...${draft(input)} spellcheck="false" autocomplete="off"
        aria-invalid=${attributes['aria-invalid']} aria-describedby=${attributes['aria-describedby']} />
    </span>
  `;
}

/** The picker knows only #rrggbb. @param {string | null} color */
function toHex(color) {
  const context = document.createElement('canvas').getContext('2d');
  if (!context || !color) return '#000000';
  context.fillStyle = color;
  const found = /^rgba\((\d+), (\d+), (\d+)/.exec(context.fillStyle);
  if (!found) return context.fillStyle;
  return `#${found.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}
