// Chooses the edit that is applied to many pictures: the one at hand, a preset, or a look.

import { listPresets } from '../../api/presets.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { Field } from '../../components/field.js';
import { useList } from '../../components/hooks.js';
import { Loading } from '../../components/states.js';
import { t } from '../../i18n/index.js';
import { start } from '../../state/batch.js';
import { catalogue, loadCatalogue } from '../../state/catalogue.js';
import { navigate } from '../../state/route.js';
import { html, useEffect } from '../../vendor/preact.js';
import { stepsText } from './steps_text.js';

const FORMATS = ['auto', 'jpeg', 'png', 'webp', 'avif'];

/** @param {{imageIds: string[], query: URLSearchParams, onStart: () => void, onClose: () => void}} props */
export function ApplyDialog({ imageIds, query, onStart, onClose }) {
  const presets = useList(listPresets);
  useEffect(() => void loadCatalogue().catch(() => {}), []);
  const given = query.get('pipeline');
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [kind, name] = String(fields.get('edit')).split(':');
    const format = String(fields.get('format'));
    const chosen = format === 'auto' ? {} : { format };
    const output = kind === 'given' ? { ...JSON.parse(query.get('output') ?? '{}'), ...chosen } : chosen;
    const pipeline = kind === 'given' ? JSON.parse(given ?? '[]') : kind === 'preset' ? `@${name}` : kind === 'look' ? [{ filter: name }] : [];
    void start(imageIds, { pipeline, output });
    onClose();
    onStart();
    navigate('gallery');
  };
  const isReady = catalogue.value && !presets.state;
  return html`
    <${Dialog} title=${t('batch.title', { count: imageIds.length })} onClose=${onClose}>
      ${!isReady && (presets.state || html`<${Loading} />`)}
      ${isReady && html`<form class="stack" onSubmit=${submit}>
        <${Field} label=${t('batch.edit')} control=${(/** @type {any} */ attributes) => html`
          <select class="input" name="edit" ...${attributes}>
            ${given && html`<option value="given:">${t('batch.given', { steps: stepsText(JSON.parse(given)) })}</option>`}
            ${presets.items.length > 0 && html`
              <optgroup label=${t('presets.title')}>
                ${presets.items.map(({ name }) => html`<option key=${name} value="preset:${name}">${name}</option>`)}
              </optgroup>
            `}
            <optgroup label=${t('batch.looks')}>
              ${(catalogue.value?.looks ?? []).map(({ name }) => html`<option key=${name} value="look:${name}">${t(`look.${name}`)}</option>`)}
            </optgroup>
            <option value="none:">${t('batch.convert')}</option>
          </select>
        `} />
        <${Field} label=${t('batch.format')} control=${(/** @type {any} */ attributes) => html`
          <select class="input" name="format" ...${attributes}>
            ${FORMATS.map((format) => html`<option key=${format} value=${format}>${format === 'auto' ? t('batch.same_format') : format.toUpperCase()}</option>`)}
          </select>
        `} />
        <div class="actions"><${Button} kind="primary" type="submit">${t('batch.start')}<//></div>
      </form>`}
    <//>
  `;
}
