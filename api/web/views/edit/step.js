// One step: a line with its summary, which opens in place.

import { Button } from '../../components/button.js';
import { t } from '../../i18n/index.js';
import { filterNamed, lookNamed } from '../../state/catalogue.js';
import { announce } from '../../state/toasts.js';
import { html, useEffect, useSignal } from '../../vendor/preact.js';
import * as state from './edit_state.js';
import { ParameterField, parameterName } from './fields/field.js';
import { nameOf } from './fields/choices.js';
import { SetOnPicture, firstKind } from './on_picture.js';
import { parametersOf } from './schema.js';

/** @typedef {import('./edit_state.js').Step} Step */

/** @param {Step} step */
export const titleOf = (step) => t(lookNamed(step.filter) ? `look.${step.filter}` : `filter.${step.filter}`);

/** What differs from the defaults. @param {Step} step */
function summaryOf({ filter, values }) {
  if (lookNamed(filter)) return t('edit.look');
  const found = filterNamed(filter);
  const parameters = found ? parametersOf(found) : [];
  const given = parameters.filter(({ name }) => name in values);
  return given.slice(0, 3).map(({ name, kind, unit }) => `${parameterName(name)} ${valueText(values[name], kind, unit)}`).join(' · ');
}

/** @param {any} value @param {string} kind @param {string} unit */
function valueText(value, kind, unit) {
  if (Array.isArray(value) || kind === 'image') return '✓';
  if (typeof value === 'boolean') return value ? '✓' : '–';
  return typeof value === 'string' && kind !== 'length' ? nameOf(value) : `${value} ${unit}`.trim();
}

/** @param {{step: Step, index: number, count: number, errors: Record<string, string>}} props
 *  `errors` are the server's, by parameter; '' is that of the step as a whole. */
export function StepItem({ step, index, count, errors }) {
  const isOpen = state.openId.value === step.id;
  const hasError = Object.keys(errors).length > 0;
  const toggle = () => (state.openId.value = isOpen ? 0 : step.id);
  useEffect(() => focusIfNew(step), []);
  return html`
    <li class="step ${isOpen ? 'open' : ''} ${step.isOff ? 'off' : ''} ${hasError ? 'wrong' : ''}" data-id=${step.id}>
      <div class="line">
        <span class="grip" aria-hidden="true"></span>
        <button type="button" class="opener" aria-expanded=${String(isOpen)} id="step-${step.id}" onClick=${toggle}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown">
          <span class="name">${titleOf(step)}</span>
          <span class="summary">${hasError ? t('edit.step_has_error') : summaryOf(step)}</span>
        </button>
        <input type="checkbox" role="switch" class="switch" checked=${!step.isOff} aria-label=${t('edit.step_on', { name: titleOf(step) })}
          onChange=${() => state.toggleStep(step.id)} />
      </div>
      ${isOpen && html`<${StepBody} ...${{ step, index, count, errors }} />`}
    </li>
  `;
}

/** After the dialog, which gives the focus back to where it was. @param {Step} step */
function focusIfNew({ id }) {
  if (state.takeNew(id)) document.getElementById(`step-${id}`)?.focus();
}

/** @param {{step: Step, index: number, count: number, errors: Record<string, string>}} props */
function StepBody({ step, index, count, errors }) {
  const filter = filterNamed(step.filter);
  const look = lookNamed(step.filter);
  const isExplained = useSignal(false);
  const isDefault = !Object.keys(step.values).length;
  const [first, rest] = split(filter ? parametersOf(filter) : [], firstKind(step.filter) !== undefined);
  const field = (/** @type {import('./schema.js').Parameter} */ parameter) => html`
    <${ParameterField} key=${parameter.name} parameter=${parameter} value=${step.values[parameter.name]} error=${errors[parameter.name]}
      hint=${t(`help.${step.filter}.${parameter.name}`)}
      onChange=${(/** @type {any} */ value) => state.setValues(step.id, { [parameter.name]: value })} />
  `;
  return html`
    <div class="body ${isExplained.value ? 'explained' : ''}">
      ${errors[''] && html`<p class="error" role="alert">${errors['']}</p>`}
      ${filter && html`<${SetOnPicture} step=${step} filter=${filter} />`}
      ${first.map(field)}
      ${rest.length > 0 &&
      html`
        <details open=${rest.some(({ name }) => errors[name])}><summary>${t('edit.more')}</summary><div>${rest.map(field)}</div></details>
      `}
      ${filter?.preview_note && html`<p class="muted small">${t('edit.preview_differs')}</p>`}
      ${look && html`<p class="muted small">${t('edit.look_hint', { count: look.pipeline.length })}</p>`}
      <div class="tools">
        <${Button} kind="quiet" icon="up" label=${t('edit.move_up')} disabled=${index === 0} onClick=${() => move(step, index - 1)} />
        <${Button} kind="quiet" icon="down" label=${t('edit.move_down')} disabled=${index === count - 1} onClick=${() => move(step, index + 1)} />
        <${Button} kind="quiet" icon="copy" label=${t('edit.duplicate')} onClick=${() => state.duplicateStep(step.id)} />
        ${look && html`<${Button} kind="quiet" icon="layers" label=${t('edit.unfold')} onClick=${() => state.replaceStep(step.id, look.pipeline)} />`}
        ${filter && html`<${Button} kind="quiet" icon="retry" label=${t('edit.reset')} disabled=${isDefault} onClick=${() => state.resetStep(step.id)} />`}
        ${filter && html`<${Button} kind="quiet" icon="help" label=${t('edit.explain')} aria-pressed=${String(isExplained.value)} onClick=${() => (isExplained.value = !isExplained.value)} />`}
        <${Button} kind="quiet" icon="trash" label=${t('edit.remove')} onClick=${() => remove(step, index)} />
      </div>
    </div>
  `;
}

/** What is set on the picture, and curves of single channels, are shown as exact values only on request.
 * @param {import('./schema.js').Parameter[]} parameters @param {boolean} isOnPicture */
function split(parameters, isOnPicture) {
  const isExact = (/** @type {import('./schema.js').Parameter} */ { kind, name }) =>
    (isOnPicture && !['choice', 'color'].includes(kind)) || (kind === 'curve' && name !== 'rgb');
  return [parameters.filter((each) => !isExact(each)), parameters.filter(isExact)];
}

/** Keeps the focus at the step. @param {Step} step @param {number} to */
export function move(step, to) {
  if (!state.moveStep(step.id, to)) return;
  announce(t('edit.moved', { name: titleOf(step), place: to + 1 }));
}

/** The focus goes to the next step. @param {Step} step @param {number} index */
function remove(step, index) {
  state.removeStep(step.id);
  const next = state.edit.value.steps[index] ?? state.edit.value.steps[index - 1];
  requestAnimationFrame(() => document.getElementById(next ? `step-${next.id}` : 'add-step')?.focus());
}
