// Format and quality of the output, and the button that renders it.

import { Button } from '../../components/button.js';
import { Progress } from '../../components/states.js';
import { problemSentence, sentence } from '../../i18n/errors.js';
import { formatBytes, t } from '../../i18n/index.js';
import { address } from '../../state/route.js';
import { html, useEffect, useId } from '../../vendor/preact.js';
import { edit, setOutput, toQuery, toRequest } from './edit_state.js';
import { SwitchField } from './fields/choices.js';
import { FORMATS, fitting, optionsOf } from './output_options.js';
import { job, render } from './rendering.js';

/** @typedef {import('../../api/images.js').Image} Image */
/** @typedef {import('./output_options.js').Option} Option */

/** @param {{image: Image, errors: Record<string, string>}} props */
export function OutputPanel({ image, errors }) {
  const { output } = edit.value;
  const set = (/** @type {string} */ name, /** @type {any} */ value) =>
    setOutput(fitting({ ...output, [name]: value }, image.format), `output ${name}`);
  const options = optionsOf(output, image.format);
  const field = (/** @type {Option} */ option) => html`
    <${OptionField} key=${option.name} option=${option} value=${output[option.name]} error=${errors[`output.${option.name}`]}
      onChange=${(/** @type {any} */ value) => set(option.name, value)} />
  `;
  return html`
    <section class="output" aria-label=${t('edit.output')}>
      <h2>${t('edit.output')}</h2>
      <${Choice} name="format" values=${FORMATS} value=${output.format ?? 'auto'} error=${errors['output.format']}
        onChange=${(/** @type {any} */ value) => set('format', value)} />
      ${options.filter(({ name }) => name === 'quality').map(field)}
      <details>
        <summary>${t('edit.more')}</summary>
        <div>${options.filter(({ name }) => name !== 'quality').map(field)}</div>
      </details>
    </section>
  `;
}

/** @param {{option: Option, value: any, error?: string, onChange: (value: any) => void}} props */
function OptionField({ option, value, error, onChange }) {
  const id = useId();
  const { name, kind, least, most, initial, values } = option;
  if (kind === 'choice') return html`<${Choice} ...${{ name, values, error, onChange }} value=${value ?? initial} />`;
  const number = (/** @type {any} */ event) => onChange(event.target.value ? event.target.valueAsNumber : undefined);
  const range = { min: least, max: most, onInput: number };
  return html`
    <div class="parameter of-${kind}">
      <label for=${id}>${t(`edit.output.${name}`)}</label>
      ${kind === 'switch' && html`<${SwitchField} value=${Boolean(value)} attributes=${{ id }} onChange=${onChange} />`}
      ${kind === 'number' &&
      html`
        <div class="number">
          ${!option.isNullable && html`<input type="range" ...${range} value=${value ?? initial} aria-label=${t(`edit.output.${name}`)} />`}
          <span class="exact"><input class="input" type="number" id=${id} ...${range} value=${value ?? initial ?? ''} placeholder="–" /></span>
        </div>
      `}
      ${error && html`<p class="error">${error}</p>`}
    </div>
  `;
}

/** @param {{name: string, values: string[], value: string, error?: string, onChange: (value: string) => void}} props */
function Choice({ name, values, value, error, onChange }) {
  const id = useId();
  return html`
    <div class="parameter of-choice">
      <label for=${id}>${t(`edit.output.${name}`)}</label>
      <select class="input" id=${id} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
        ${values.map((each) => html`<option key=${each} value=${each} selected=${each === value}>${textOf(name, each)}</option>`)}
      </select>
      ${error && html`<p class="error">${error}</p>`}
    </div>
  `;
}

/** @param {string} name @param {string} value */
const textOf = (name, value) => (name === 'format' && value !== 'auto' ? value.toUpperCase() : t(`edit.output.${name}.${value}`));

/** @param {import('./rendering.js').Job} job */
const failure = ({ task, error }) => (task?.error ? problemSentence(task.error.code, { detail: task.error.detail }) : sentence(error));

/** @param {{image: Image}} props */
export function Render({ image }) {
  const { status, task } = job.value;
  const isBusy = status === 'sending' || status === 'queued' || status === 'running';
  const many = address('gallery', '', { tab: 'images', pipeline: JSON.stringify(toRequest(edit.value.steps)), ...withOutput() });
  return html`
    <div class="render">
      <${Button} kind="primary large" icon="check" disabled=${isBusy} onClick=${() => render(image)}>${t('edit.render')}<//>
      <div class="outcome" role="status">
        ${isBusy && html`<${Progress} label=${t(`edit.status.${status}`)} /><p class="small muted">${t(`edit.status.${status}`)}</p>`}
        ${status === 'succeeded' && task?.output && html`<${Result} task=${task} image=${image} />`}
        ${status === 'succeeded' && job.value.edit !== edit.value && html`<p class="small muted">${t('edit.stale')}</p>`}
        ${status === 'failed' && html`<p class="error">${failure(job.value)}</p>`}
      </div>
      <a class="small" href=${many}>${t('edit.more_pictures')}</a>
    </div>
  `;
}

/** @returns {Record<string, string>} */
function withOutput() {
  const { output } = toQuery(edit.value);
  return output ? { output } : {};
}

/** @param {{task: import('../../api/tasks.js').Task, image: Image}} props */
function Result({ task, image }) {
  const output = /** @type {import('../../api/tasks.js').Output} */ (task.output);
  const link = useId();
  useEffect(() => document.getElementById(link)?.scrollIntoView({ block: 'nearest' }), [task]);
  const saved = Math.round(100 * (1 - output.bytes / image.bytes));
  const key = saved >= 0 ? 'edit.smaller' : 'edit.larger';
  return html`
    <p class="result">
      <b>${formatBytes(output.bytes)}</b> ${output.format.toUpperCase()} · ${output.width} × ${output.height}
      <span class="badge ${saved > 0 ? 'good' : ''}">${t(key, { percent: Math.abs(saved) })}</span>
    </p>
    <${Button} id=${link} kind="primary" icon="download" href=${output.url} download=${output.file_name}>${t('edit.download')}<//>
  `;
}
