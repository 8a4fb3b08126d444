// Values in rows: positions and colours of a gradient, weights of a matrix, boxes as exact numbers.

import { Button, Segments } from '../../../components/button.js';
import { t } from '../../../i18n/index.js';
import { html } from '../../../vendor/preact.js';
import { ColorField } from './color.js';
import { LengthField } from './texts.js';

/** @typedef {import('../../../state/catalogue.js').Schema} Schema */
/** @typedef {import('./field.js').FieldProps} FieldProps */

/** A list of rows; rows are added and removed where the schema allows it. @param {FieldProps} props */
export function RowsField({ parameter, value, attributes, onChange }) {
  const { items, prefixItems, minItems, maxItems } = parameter.schema;
  const rows = /** @type {any[][]} */ (Array.isArray(value) ? value : parameter.initial).map((row) => [row].flat());
  const cellsOf = (/** @type {number} */ index) => (items ?? prefixItems[index]).prefixItems;
  const add = () => onChange(rows.toSpliced(-1, 0, middle(rows[rows.length - 2] ?? rows[0], rows[rows.length - 1])));
  return html`
    <div class="rows" role="group" aria-label=${attributes.label}>
      ${rows.map(
        (row, index) => html`
          <div class="numbers" key=${index}>
            <${Cells} row=${row} schemas=${cellsOf(index)} number=${index + 1} attributes=${attributes}
              onChange=${(/** @type {any[]} */ next) => onChange(rows.with(index, next))} />
            ${items && html`
              <${Button} kind="quiet" icon="close" label=${t('edit.remove_row', { row: index + 1 })} disabled=${rows.length <= minItems}
                onClick=${() => onChange(rows.toSpliced(index, 1))} />
            `}
          </div>
        `,
      )}
      ${items && rows.length < maxItems && html`<${Button} icon="plus" onClick=${add}>${t('edit.add_row')}<//>`}
    </div>
  `;
}

/** A row between two, so that no position is there twice. @param {any[]} one @param {any[]} other */
const middle = (one, other) => other.map((cell, index) => (typeof cell === 'number' ? (one[index] + cell) / 2 : cell));

/** One row, such as a position. @param {FieldProps} props */
export const NumbersField = ({ parameter, value, attributes, onChange }) => html`
  <div class="numbers" role="group" aria-label=${attributes.label}>
    <${Cells} row=${[value].flat()} schemas=${parameter.schema.prefixItems} number=${1} ...${{ attributes, onChange }} />
  </div>
`;

/** A square of 9 or 25 weights, given row by row. @param {FieldProps} props */
export function KernelField({ parameter, value, attributes, onChange }) {
  const weights = /** @type {number[]} */ (Array.isArray(value) ? value : parameter.initial);
  const side = weights.length > 9 ? 5 : 3;
  const places = [...Array(side).keys()];
  const change = (/** @type {number} */ row, /** @type {number[]} */ next) =>
    onChange(places.flatMap((each) => (each === row ? next : weights.slice(each * side, (each + 1) * side))));
  return html`
    <${Segments} label=${t('edit.kernel_size')} value=${side} choices=${[3, 5].map((each) => ({ value: each, text: `${each} × ${each}` }))}
      onChange=${(/** @type {number} */ next) => next !== side && onChange(resized(weights, side, next))} />
    <div class="rows" role="group" aria-label=${attributes.label}>
      ${places.map(
        (row) => html`
          <div class="numbers" key=${row}>
            <${Cells} row=${weights.slice(row * side, (row + 1) * side)} schemas=${places.map(() => parameter.schema.items)} number=${row + 1}
              attributes=${attributes} onChange=${(/** @type {number[]} */ next) => change(row, next)} />
          </div>
        `,
      )}
    </div>
  `;
}

/** The middle stays in the middle. @param {number[]} weights @param {number} from @param {number} to */
function resized(weights, from, to) {
  const shift = (from - to) / 2;
  return Array.from({ length: to * to }, (_, at) => {
    const [row, column] = [Math.floor(at / to) + shift, (at % to) + shift];
    return row < 0 || column < 0 || row >= from || column >= from ? 0 : weights[row * from + column];
  });
}

/** @param {{row: any[], schemas: Schema[], number: number, attributes: Record<string, any>, onChange: (row: any[]) => void}} props */
const Cells = ({ row, schemas, number, attributes, onChange }) =>
  schemas.map((schema, index) => {
    const label = t('edit.cell', { label: attributes.label, row: number, column: index + 1 });
    const shared = { key: index, value: row[index], parameter: { schema, initial: row[index] } };
    const change = (/** @type {any} */ next) => next !== undefined && onChange(row.with(index, next));
    if (schema.format === 'color') return html`<${ColorField} ...${shared} attributes=${{ label, 'aria-label': label }} onChange=${change} />`;
    if (schema.anyOf) return html`<${LengthField} ...${shared} attributes=${{ 'aria-label': label }} onChange=${change} />`;
    const type = (/** @type {any} */ { target }) => Number.isNaN(target.valueAsNumber) || change(target.valueAsNumber);
    return html`<input class="input" type="number" key=${index} min=${schema.minimum} max=${schema.maximum} step="any" value=${row[index]}
      id=${number === 1 && !index ? attributes.id : undefined} aria-label=${label} onInput=${type} />`;
  });
