// Format and quality of the output, and the button that renders it.

import { Button } from '../../components/button.js';
import { Progress } from '../../components/states.js';
import { problemSentence, sentence } from '../../i18n/errors.js';
import { formatBytes, t } from '../../i18n/index.js';
import { address } from '../../state/route.js';
import { html, useEffect, useId } from '../../vendor/preact.js';
import { edit, setOutput, toQuery, toRequest } from './edit_state.js';
import { ParameterField } from './fields/field.js';
import { fitting, optionsOf } from './output_options.js';
import { job, render, status, task } from './rendering.js';

/** @typedef {import('../../api/images.js').Image} Image */
/** @typedef {import('./output_options.js').Option} Option */

const FIRST = ['format', 'quality'];

/** @param {{image: Image, errors: Record<string, string>}} props */
export function OutputPanel({ image, errors }) {
  const { output } = edit.value;
  const set = (/** @type {string} */ name, /** @type {any} */ value) =>
    setOutput(fitting({ ...output, [name]: value }, image.format), `output ${name}`);
  const options = optionsOf(output, image.format);
  const field = (/** @type {Option} */ option) => html`
    <${ParameterField} key=${option.name} parameter=${option} value=${output[option.name]} error=${errors[`output.${option.name}`]}
      label=${t(`edit.output.${option.name}`)} onChange=${(/** @type {any} */ value) => set(option.name, value)} />
  `;
  const rest = options.filter(({ name }) => !FIRST.includes(name));
  return html`
    <section class="output" aria-label=${t('edit.output')}>
      <h2>${t('edit.output')}</h2>
      ${options.filter(({ name }) => FIRST.includes(name)).map(field)}
      <details open=${rest.some(({ name }) => errors[`output.${name}`])}><summary>${t('edit.more')}</summary><div>${rest.map(field)}</div></details>
    </section>
  `;
}

/** @param {{image: Image}} props */
export function Render({ image }) {
  const { error, edit: rendered } = job.value;
  const { output = null, error: reason = null } = task.value ?? {};
  const isBusy = ['sending', 'queued', 'running'].includes(status.value);
  const many = address('gallery', '', { tab: 'images', pipeline: JSON.stringify(toRequest(edit.value.steps)), ...withOutput() });
  return html`
    <div class="render">
      <${Button} kind="primary large" icon="check" disabled=${isBusy} onClick=${() => render(image)}>${t('edit.render')}<//>
      <div class="outcome" role="status">
        ${isBusy && html`<${Progress} label=${t(`edit.status.${status.value}`)} /><p class="small muted">${t(`edit.status.${status.value}`)}</p>`}
        ${output && html`<${Result} output=${output} image=${image} />`}
        ${output && rendered !== edit.value && html`<p class="small muted">${t('edit.stale')}</p>`}
        ${error && html`<p class="error">${sentence(error)}</p>`}
        ${reason && html`<p class="error">${problemSentence(reason.code, { detail: reason.detail })}</p>`}
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

/** @param {{output: import('../../api/tasks.js').Output, image: Image}} props */
function Result({ output, image }) {
  const link = useId();
  useEffect(() => document.getElementById(link)?.scrollIntoView({ block: 'nearest' }), [output]);
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
