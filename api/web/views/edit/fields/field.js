// The field of a parameter, with its label and the server's error.

import { hasText, t } from '../../../i18n/index.js';
import { html, useId } from '../../../vendor/preact.js';
import { ChoiceField, PlaceField, SwitchField } from './choices.js';
import { ColorField } from './color.js';
import { CurveField } from './curve.js';
import { ImageField } from './image.js';
import { NumberField } from './number.js';
import { KernelField, NumbersField, RowsField } from './rows.js';
import { LengthField, TextField } from './texts.js';

/** @typedef {import('../schema.js').Parameter} Parameter */
/** @typedef {{parameter: Parameter, value: any, attributes: Record<string, any>, onChange: (value: any) => void}} FieldProps */

/** @type {Record<import('../schema.js').Kind, (props: FieldProps) => any>} */
const FIELDS = {
  number: NumberField,
  length: LengthField,
  switch: SwitchField,
  choice: ChoiceField,
  place: PlaceField,
  color: ColorField,
  image: ImageField,
  text: TextField,
  numbers: NumbersField,
  curve: CurveField,
  kernel: KernelField,
  rows: RowsField,
};

/** @param {string} name */
export const parameterName = (name) => (hasText(`parameter.${name}`) ? t(`parameter.${name}`) : name.replaceAll('_', ' '));

/** @param {{parameter: Parameter, value: any, error?: string, hint?: string, label?: string, onChange: (value: any) => void}} props */
export function ParameterField({ parameter, value, error, hint, label = parameterName(parameter.name), onChange }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const attributes = { id, label, 'aria-invalid': error && 'true', 'aria-describedby': described };
  const Control = FIELDS[parameter.kind];
  return html`
    <div class="parameter of-${parameter.kind}">
      <label for=${id}>${label}</label>
      <${Control} ...${{ parameter, value: value ?? parameter.initial, attributes, onChange }} />
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="error" id="${id}-error">${error}</p>`}
    </div>
  `;
}
