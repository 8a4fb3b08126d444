// Saves an edit under a name, and applies or deletes those that were saved.

import { deletePreset, listPresets, savePreset } from '../api/presets.js';
import { sentence } from '../i18n/errors.js';
import { formatRelative, t } from '../i18n/index.js';
import { toast } from '../state/toasts.js';
import { html } from '../vendor/preact.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { useForm, useList } from './hooks.js';

/** @typedef {import('../api/presets.js').Preset} Preset */
/** @param {{pipeline: import('../api/tasks.js').Step[], output: Record<string, any>, onApply: (preset: Preset) => void,
 *   onClose: () => void}} props */
export function PresetDialog({ pipeline, output, onApply, onClose }) {
  const { items, state, reload } = useList(listPresets);
  const form = useForm(async (fields, element) => {
    const name = String(fields.get('name')).trim().toLowerCase().replace(/\s+/g, '-');
    await savePreset(name, pipeline, output);
    element.reset();
    toast(t('presets.saved', { name }));
    await reload();
  });
  const remove = (/** @type {string} */ name) => deletePreset(name).then(reload, (error) => toast(sentence(error)));
  return html`
    <${Dialog} title=${t('presets.title')} onClose=${onClose}>
      ${pipeline.length > 0 && html`
        <form class="stack" onSubmit=${form.submit}>
          ${form.problem}
          <${Field} label=${t('presets.name')} name="name" required maxlength="64" pattern="[A-Za-z0-9_\\- ]+" placeholder="my-look"
            title=${t('presets.hint')} hint=${t('presets.hint')} error=${form.messages.name} />
          <div class="actions"><${Button} kind="primary" type="submit" disabled=${form.isBusy}>${t('presets.save')}<//></div>
        </form>
      `}
      ${state}
      ${!state && !items.length && html`<p class="muted">${t('presets.empty')}</p>`}
      <ul class="lines">
        ${items.map(
          (each) => html`
            <li key=${each.name}>
              <div><p>${each.name}</p><p class="muted small">${t('presets.version', { version: each.version })} · ${formatRelative(each.created_at)}</p></div>
              <div class="row">
                <${Button} onClick=${() => (onApply(each), onClose())}>${t('presets.apply')}<//>
                <${Button} kind="danger quiet" icon="trash" label=${t('presets.delete', { name: each.name })} onClick=${() => remove(each.name)} />
              </div>
            </li>
          `,
        )}
      </ul>
    <//>
  `;
}
